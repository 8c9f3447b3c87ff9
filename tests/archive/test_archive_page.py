"""Pages: bounds, directions, filters and counts (XEP-0313, XEP-0059)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from gateway.archive import Archive, Entry, Query
from gateway.errors import NotInArchive
from tests.archive.making import NOON, fill, names, new, sid

TEN = "abcdefghij"


async def page(archive: Archive, **query: Any) -> tuple[str, bool]:
    found = await archive.page(1, Query(**query))
    return names(found.entries), found.complete


async def test_rsm_02_forwards_and_backwards(archive: Archive) -> None:
    await fill(archive, 1, TEN)
    assert await page(archive, limit=4) == ("a b c d", False)
    assert await page(archive, limit=4, after=sid("d")) == ("e f g h", False)
    assert await page(archive, limit=4, after=sid("h")) == ("i j", True)
    assert await page(archive, limit=4, after=sid("f")) == ("g h i j", True)
    assert await page(archive, limit=4, after=sid("j")) == ("", True)
    assert await page(archive, limit=4, backwards=True) == ("g h i j", False)
    assert await page(archive, limit=4, backwards=True, before=sid("g")) == ("c d e f", False)
    assert await page(archive, limit=4, backwards=True, before=sid("c")) == ("a b", True)
    assert await page(archive, limit=4, backwards=True, before=sid("a")) == ("", True)


async def test_mam_09_both_bounds_are_exclusive(archive: Archive) -> None:
    await fill(archive, 1, TEN)
    assert await page(archive, after_id=sid("b"), before_id=sid("f")) == ("c d e", True)
    assert await page(archive, after=sid("b"), before=sid("f"), limit=2) == ("c d", False)
    within: dict[str, Any] = {
        "after_id": sid("b"),
        "before_id": sid("i"),
        "after": sid("d"),
        "count": True,
    }
    found = await archive.page(1, Query(limit=2, **within))
    assert (names(found.entries), found.complete, found.count) == ("e f", False, 6)


async def test_rsm_04_no_entries_at_all(archive: Archive) -> None:
    assert await page(archive, limit=0) == ("", True)
    await fill(archive, 1, TEN)
    assert await page(archive, limit=0) == ("", False)
    assert (await archive.page(1, Query(limit=0, count=True))).count == 10
    assert (await archive.page(2, Query(count=True))).count == 0


@pytest.mark.parametrize("bound", ["after", "before", "after_id", "before_id"])
async def test_mam_10_mam_11_an_unknown_id(archive: Archive, bound: str) -> None:
    await fill(archive, 1, TEN)
    await fill(archive, 2, "z")
    with pytest.raises(NotInArchive) as caught:
        await page(archive, **{bound: sid("z")})
    assert caught.value.condition == "item-not-found"


async def test_mam_09_ids(archive: Archive) -> None:
    await fill(archive, 1, TEN)
    wanted = (sid("h"), sid("b"), sid("d"), sid("b"))
    found = await archive.page(1, Query(ids=wanted, count=True))
    assert (names(found.entries), found.complete, found.count) == ("b d h", True, 3)
    assert await page(archive, ids=wanted, limit=2, after=sid("b")) == ("d h", True)
    with pytest.raises(NotInArchive, match="s-nothing"):
        await page(archive, ids=(sid("a"), sid("nothing")))


async def test_mam_07_start_and_end_are_inclusive(archive: Archive) -> None:
    await fill(archive, 1, TEN)
    times: dict[str, Any] = {
        "start": NOON + timedelta(minutes=2),
        "end": NOON + timedelta(minutes=4),
    }
    found = await archive.page(1, Query(**times, limit=2, count=True))
    assert (names(found.entries), found.complete, found.count) == ("c d", False, 3)
    assert await page(archive, **times, after=sid("d")) == ("e", True)
    assert await page(archive, start=NOON + timedelta(minutes=9, microseconds=1)) == ("", True)
    assert await page(archive, end=NOON, backwards=True) == ("a", True)


async def test_mam_21_the_order_is_not_that_of_times(archive: Archive) -> None:
    for name, minute in zip("abcdef", [0, 10, 5, 3, 20, 15], strict=True):
        await archive.append(1, new(name, minute))
    assert await page(archive) == ("a b c d e f", True)
    assert await page(archive, start=NOON + timedelta(minutes=4)) == ("b c e f", True)
    assert await page(archive, end=NOON + timedelta(minutes=5)) == ("a c d", True)
    assert await page(archive, start=NOON + timedelta(minutes=15), limit=1) == ("e", False)


async def test_many_of_one_time(archive: Archive) -> None:
    await asyncio.gather(*(archive.append(1, new(i, 0)) for i in range(100)))
    seen: list[Entry] = []
    after = None
    while True:
        found = await archive.page(1, Query(limit=7, start=NOON, end=NOON, after=after, count=True))
        seen += found.entries
        assert found.count == 100
        if found.complete:
            break
        after = found.entries[-1].stanza_id
    assert names(seen) == " ".join(map(str, range(100)))


async def test_mam_08_by_author_and_by_nick(archive: Archive) -> None:
    for i, name in enumerate(TEN):
        entry = new(name, i, author=str(i % 2), nick="ada" if i < 5 else "countess")
        await archive.append(1, entry)
    assert await page(archive, author="0") == ("a c e g i", True)
    assert await page(archive, author="0", nick="ada") == ("a c e", True)
    assert await page(archive, nick="countess", limit=2, backwards=True) == ("i j", False)
    assert await page(archive, author="2") == ("", True)
    found = await archive.page(1, Query(author="1", start=NOON + timedelta(minutes=4), count=True))
    assert (names(found.entries), found.count) == ("f h j", 3)


async def test_mam_13_edges(archive: Archive) -> None:
    assert await archive.edges(1) is None
    stored = await fill(archive, 1, "a")
    assert await archive.edges(1) == (stored[0].entry, stored[0].entry)
    await fill(archive, 1, TEN)
    edges = await archive.edges(1)
    assert edges is not None
    assert names(edges) == "a j"


async def test_find_by_any_id(archive: Archive) -> None:
    await archive.append(1, new("a", message_id="same", author="1"))
    await archive.append(1, new("b", message_id="same", author="2"))
    await archive.append(2, new("c", message_id="same"))

    async def found(**by: str) -> str:
        entry = await archive.find(1, **by)
        return "" if entry is None else names([entry])

    assert await found(message_id="same") == "b"
    assert await found(message_id="same", author="1") == "a"
    assert await found(stanza_id="s-a") == "a"
    assert await found(legacy_id="l-b") == "b"
    assert await found(legacy_id="l-b", author="1") == ""
    assert await found(stanza_id="s-c") == ""
    with pytest.raises(ValueError, match="by an id"):
        await archive.find(1)
