"""Entries are known by author, nickname and id, whatever index tells."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from gateway.archive import Archive, Kind, NewEntry, Query
from tests.archive.making import NOON, everything, lid, names, new, sid

NOBODY_COUNTS_SO_FAR = 1 << 21
"""A room whose entries the index of SQLite cannot number."""


async def burst(archive: Archive, room: int, *entries: NewEntry) -> list[bool]:
    """Which of them were new."""
    stored = await asyncio.gather(*(archive.append(room, entry) for entry in entries))
    return [one.new for one in stored]


async def page(archive: Archive, room: int = 1, **query: Any) -> tuple[str, int | None]:
    found = await archive.page(room, Query(count=True, **query))
    return names(found.entries), found.count


async def test_an_id_comes_again_in_one_burst(archive: Archive) -> None:
    """What was kept out itself keeps nothing else out."""
    await burst(archive, 1, new("a"))
    again = new("b", legacy_id=lid("a")), new("b", legacy_id=None), new("b", legacy_id=lid("c"))
    assert await burst(archive, 1, *again) == [False, True, False]
    assert await everything(archive, 1) == "a b"


async def test_one_that_goes_by_its_legacy_id_alone(archive: Archive) -> None:
    assert await burst(archive, 1, new("a", sole=True), new("a", sole=True)) == [True, False]
    assert await burst(archive, 1, new("a", sole=True), new("b", sole=True)) == [False, True]
    assert await burst(archive, 1, new("b", legacy_id=None)) == [False]


@pytest.mark.parametrize("room", [0, NOBODY_COUNTS_SO_FAR])
async def test_in_any_room(archive: Archive, room: int) -> None:
    entries = [new(name, author=name, nick=name.upper()) for name in "ab"]
    assert await burst(archive, room, *entries, new("a", legacy_id=None)) == [True, True, False]
    assert await page(archive, room, author="a") == ("a", 1)
    assert await page(archive, room, nick="B") == ("b", 1)
    assert await page(archive, room, ids=(sid("b"),)) == ("b", 1)
    assert await page(archive, room, after=sid("a")) == ("b", 2)
    assert await archive.erase(room, "a") == 1
    assert await everything(archive, room) == "b"


async def test_words_may_go_but_not_whose_they_were(archive: Archive) -> None:
    await burst(archive, 1, new("a", body="tea"), new("b", author="2"))
    await burst(archive, 1, new("c", body="coffee", kind=Kind.EDIT, refers_to=lid("a")))
    await archive.tombstone(1, sid("c"), "<message/>")
    assert await page(archive, author="1", nick="ada") == ("a c", 2)
    assert await archive.erase(1, "1") == 2
    assert await page(archive, author="1") == ("", 0)


async def test_too_many_to_count_in_passing(archive: Archive) -> None:
    mine = [new(i, i, author="1" if i % 8 else "2", sole=True) for i in range(1300)]
    await burst(archive, 1, *mine)
    assert await page(archive, author="2", limit=0) == ("", 163)
    assert await page(archive, author="1", limit=0) == ("", None)
    assert await page(archive, author="1", limit=0, count_all=True) == ("", 1137)
    late = NOON + timedelta(minutes=1290)
    assert await page(archive, author="1", limit=2, backwards=True, start=late) == (
        "1298 1299",
        9,
    )
