"""What is missing is written down, outlasts the process, and is filled in its place, once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.archive import Archive, Gap, Gaps, Query
from gateway.archive.gap import State
from gateway.database import Database
from tests.archive.making import NOON, everything, fill, lid, new, sid

EPOCH = NOON.replace(year=1970, month=1, day=1, hour=0)


def gap(room: int, after: int | None, before: int | None) -> Gap:
    known = [None if n is None else (lid(n), NOON + timedelta(minutes=n)) for n in (after, before)]
    return Gap(0, room, *known, State.WANTED, 0, EPOCH)


async def test_a_gap_begins_with_the_newest_message_as_of_the_call(
    archive: Archive, db: Database
) -> None:
    gaps = Gaps(db)
    await fill(archive, 1, range(3))
    opened = gaps.open(1)
    again = gaps.open(1)
    archive.append(1, new(3, 3))
    it = await opened
    assert (it.after, it.before) == ((lid(2), NOON + timedelta(minutes=2)), None)
    assert await again == it
    assert (await gaps.open(2)).after is None
    assert [one.room for one in await Gaps(db).all()] == [1, 2]


async def test_it_ends_where_somebody_listened_again(archive: Archive, db: Database) -> None:
    gaps = Gaps(db)
    it = await gaps.open(1)
    await fill(archive, 1, [5])
    heard = (lid(5), NOON)
    other = await gaps.open(1, heard)
    assert await gaps.all() == [replace(it, before=heard), other]
    assert other.after == heard


async def test_it_is_as_it_was_saved_until_it_is_closed(archive: Archive, db: Database) -> None:
    gaps = Gaps(db)
    it = await gaps.open(1)
    later = replace(it, before=(lid("z"), NOON), state=State.FURTHER, attempts=3, next_try=NOON)
    await gaps.save(later)
    assert await gaps.all() == [later]
    other = await gaps.open(1)  # the next time nobody listens
    assert other.id != it.id
    await gaps.close(later)
    assert await gaps.all() == [other]
    await archive.forget(1)
    assert await gaps.all() == []


async def test_a_stretch_is_held_by_what_is_there(archive: Archive, db: Database) -> None:
    await fill(archive, 1, [0, 3, 6])
    woven = await Gaps(db).weave(gap(1, 0, None), [new(n, n) for n in (1, 2, 3, 4, 5, 6, 7)])
    assert (woven.placed, woven.tail) == (5, ())
    assert await everything(archive, 1) == "0 1 2 3 4 5 6 7"


@pytest.mark.parametrize("erased", [(2,), (5,), (2, 5)])
async def test_a_gap_stays_where_it_is_when_its_ends_are_erased(
    archive: Archive, db: Database, erased: tuple[int, ...]
) -> None:
    for n in (0, 1, 2, 5, 6, 7):
        await archive.append(1, new(n, n, author="cyd" if n in erased else "ada"))
    gaps = Gaps(db)
    it = replace(gap(1, 2, 5), id=(await gaps.open(1)).id)
    await gaps.save(it)
    await archive.erase(1, "cyd")
    for query, touched in (
        (Query(limit=2, backwards=True), []),
        (Query(limit=2, backwards=True, before=sid(6)), [it]),
        (Query(limit=2), []),
    ):
        page = await archive.page(1, query)
        assert await gaps.within(1, query, page) == (touched if page.entries[-1:] else []), query
    await gaps.weave(it, [new(3, 3), new(4, 4)])
    left = [n for n in range(8) if n not in erased]
    assert await everything(archive, 1) == " ".join(map(str, left))


async def test_the_newest_page_of_a_group_stands_behind_what_was_heard_of_it_before(
    archive: Archive, db: Database
) -> None:
    await fill(archive, 1, range(2))
    woven = await Gaps(db).weave(gap(1, None, None), [new(n, n) for n in (5, 6)])
    assert (woven.placed, woven.tail) == (2, ())
    assert await everything(archive, 1) == "0 1 5 6"


async def test_what_comes_last_is_handed_back(archive: Archive, db: Database) -> None:
    await fill(archive, 1, [0, 2])
    stretch = [new(n, n) for n in (1, 2, 3, 4)]
    woven = await Gaps(db).weave(gap(1, 0, None), stretch, keep_tail=True)
    assert (woven.placed, [entry.stanza_id for entry in woven.tail]) == (1, [sid(3), sid(4)])
    await fill(archive, 1, [9])
    woven = await Gaps(db).weave(gap(1, 0, None), stretch, keep_tail=True)
    assert (woven.placed, woven.tail) == (2, ())
    assert await everything(archive, 1) == "0 1 2 3 4 9"


@pytest.mark.usefixtures("cramped")
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(there=st.sets(st.integers(0, 12)), pages=st.lists(st.integers(1, 4), min_size=13))
async def test_whatever_is_there_it_ends_up_whole_and_in_order(
    archive: Archive, db: Database, there: set[int], pages: list[int]
) -> None:
    """Read backwards to the beginning, and onwards from a place: the same."""
    await archive.forget(1)
    await archive.forget(2)
    for room in (1, 2):
        await asyncio.gather(*(archive.append(room, new(n, n)) for n in sorted(there)))
    await archive.append(1, new(13, 13))
    end = 13
    for size in pages:
        begin = max(0, end - size)
        page = [new(n, n) for n in range(begin, end)]
        await Gaps(db).weave(gap(1, None, end), page)
        end = begin
    begin = -1
    for size in pages:
        page = [new(n, n) for n in range(begin + 1, min(13, begin + 1 + size))]
        await Gaps(db).weave(gap(2, begin if begin >= 0 else None, None), page)
        begin = min(12, begin + size)
    assert await everything(archive, 1) == " ".join(map(str, range(14)))
    assert await everything(archive, 2) == " ".join(map(str, range(13)))


@pytest.mark.parametrize(
    ("query", "touched"),
    [
        (Query(limit=2, backwards=True), False),
        (Query(limit=3, backwards=True), False),
        (Query(limit=4, backwards=True), True),
        (Query(limit=9, backwards=True), True),
        (Query(before=sid(5), limit=1, backwards=True), True),
        (Query(before=sid(2), limit=1, backwards=True), False),
        (Query(limit=2), False),
        (Query(limit=3), False),
        (Query(after=sid(2), limit=1), True),
        (Query(after=sid(5), limit=1), False),
        (Query(start=NOON + timedelta(minutes=6)), False),
        (Query(end=NOON + timedelta(minutes=1)), False),
        (Query(end=NOON + timedelta(minutes=3)), True),
    ],
)
async def test_a_page_reaches_over_a_gap(
    archive: Archive, db: Database, query: Query, touched: bool
) -> None:
    for n in (0, 1, 2, 5, 6, 7):
        archive.append(1, new(n, n))
    gaps = Gaps(db)
    it = replace(await gaps.open(1), after=gap(1, 2, 5).after, before=gap(1, 2, 5).before)
    await gaps.save(it)
    page = await archive.page(1, query)
    assert await gaps.within(1, query, page) == ([it] if touched else [])
