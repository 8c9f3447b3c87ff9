"""Copies that are put back where they were: all of a room, or what one person said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.archive import Archive, Kind, Query
from gateway.archive.copies import Copy
from tests.archive.making import NOON, everything, lid, names, new, sid


async def all_of(archive: Archive, room: int, *authors: str) -> list[Copy]:
    found: list[Copy] = []
    async for some in archive.copies(room, authors or None):
        found += some
    return found


async def talk(archive: Archive) -> None:
    """Two people by turns, two of the messages at one moment, with a correction and a reaction."""
    for n in range(8):
        at = NOON + timedelta(minutes=n // 2)
        author = "ada" if n % 2 else "bao"
        await archive.append(1, new(n, at=at, author=author, body=f"word{n} tea"))
    edit = new("edit", 8, author="ada", kind=Kind.EDIT, refers_to=lid(3), body="corrected")
    await archive.append(1, edit)
    marked = new("heart", 9, author="bao", kind=Kind.REACTION, refers_to=lid(3), legacy_id=None)
    await archive.append(1, marked)


@pytest.mark.parametrize("who", [(), ("ada",), ("bao",), ("ada", "bao")])
async def test_what_is_erased_comes_back_as_it_was(archive: Archive, who: tuple[str, ...]) -> None:
    await talk(archive)
    whole, some = await all_of(archive, 1), await all_of(archive, 1, *who)
    assert {copy.entry.author for copy in some} == set(who or ("ada", "bao"))
    for author in who or ("ada", "bao"):
        await archive.erase(1, author)
    assert await archive.put_back(1, some) == len(some)
    assert await all_of(archive, 1) == whole
    assert await archive.put_back(1, some) == 0
    for words, found in (("tea", "0 1 2 4 5 6 7"), ("word3", ""), ("corrected", "edit")):
        page = await archive.page(1, Query(words=words))
        assert names(page.entries) == found, words


async def test_into_another_room_and_over_what_went_on(archive: Archive) -> None:
    await talk(archive)
    of_ada = await all_of(archive, 1, "ada")
    assert await archive.put_back(2, of_ada) == 5
    assert await everything(archive, 2) == "1 3 5 7 edit"
    await archive.append(3, new("early", -5))
    await archive.append(3, new("late", 60))
    await archive.put_back(3, await all_of(archive, 1))
    assert await everything(archive, 3) == "early 0 1 2 3 4 5 6 7 edit heart late"


async def test_a_neighbour_that_is_gone_is_made_good_by_the_time(archive: Archive) -> None:
    await talk(archive)
    of_bao = await all_of(archive, 1, "bao")
    await archive.erase(1, "bao")
    await archive.erase(1, "ada")
    await archive.append(1, new("new", 2.5))
    await archive.put_back(1, of_bao)
    assert await everything(archive, 1) == "0 2 4 new 6 heart"


async def test_more_than_one_piece(archive: Archive) -> None:
    for n in range(1203):
        archive.append(1, new(n, n, author=str(n % 2)))
    await archive.append(2, new("x"))
    some = await all_of(archive, 1, "1")
    assert [copy.entry.stanza_id for copy in some] == [sid(n) for n in range(1, 1203, 2)]
    assert [copy.after for copy in some] == [sid(n) for n in range(0, 1202, 2)]
    assert len(await all_of(archive, 1)) == 1203


async def test_stanzas_that_have_a_text_in_them(archive: Archive) -> None:
    for n, (author, stanza) in enumerate(
        [("ada", "a 100%_x"), ("ada", "b 100 x"), ("bao", "c 100%_x"), ("cyd", "d 100%_x")]
    ):
        await archive.append(1, new(n, n, author=author, stanza=stanza))
    await archive.append(2, new("z", author="ada", stanza="e 100%_x"))
    assert await archive.stanzas_with(1, "100%_") == ["a 100%_x", "c 100%_x", "d 100%_x"]
    assert await archive.stanzas_with(1, "100%_", by=["ada", "bao"]) == ["a 100%_x", "c 100%_x"]
    assert await archive.stanzas_with(1, "100%_", but=["ada", "bao"]) == ["d 100%_x"]
    assert await archive.stanzas_with(1, "100%_", by=[]) == []
