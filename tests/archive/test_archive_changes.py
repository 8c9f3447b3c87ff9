"""What is done to a message stands behind it, once, in whatever order the two come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.archive import Archive, Gap, Gaps, Kind, NewEntry
from gateway.archive.gap import State
from gateway.database import Database
from tests.archive.making import NOON, everything, fill, lid, new, sid

EPOCH = NOON.replace(year=1970, month=1, day=1, hour=0)


def gap(after: int | None, before: int | None = None) -> Gap:
    known = [None if n is None else (lid(n), NOON + timedelta(minutes=n)) for n in (after, before)]
    return Gap(0, 1, *known, State.WANTED, 0, EPOCH)


def change(name: object, of: object, kind: Kind, *, named: bool = True, **other: Any) -> NewEntry:
    """Something that is done to a message; `named` if the network has an id for it."""
    emoji = other.pop("emoji", "")
    stanza = f"<message><reactions id='r'><reaction>{emoji}</reaction></reactions></message>"
    made = new(name, 9, kind=kind, refers_to=lid(of), stanza=stanza, **other)
    return made if named else replace(made, legacy_id=None)


async def has(archive: Archive, *entries: NewEntry) -> None:
    for entry in entries:
        await archive.append(1, entry)


async def puts(db: Database, it: Gap, *page: NewEntry) -> Sequence[NewEntry]:
    """Puts a page into a gap; the entries for those who kept their seats."""
    woven = await Gaps(db).weave(it, page, keep_tail=it.before is None)
    archive = Archive(db)
    for entry in woven.tail:
        await archive.append(1, entry)
    return [*woven.passed, *woven.tail]


@pytest.mark.parametrize("kind", [Kind.EDIT, Kind.RETRACTION, Kind.REACTION])
@pytest.mark.parametrize("named", [True, False])
async def test_a_missed_message_stands_before_what_was_done_to_it(
    archive: Archive, db: Database, kind: Kind, named: bool
) -> None:
    await fill(archive, 1, [0])
    await has(archive, change("x", 2, kind, named=named))
    shown = await puts(db, gap(0), new(1, 1), new(2, 2))
    assert await everything(archive, 1) == "0 1 2 x"
    assert [entry.stanza_id for entry in shown] == [sid(1), sid(2)]
    for page, there in (
        ([new(3, 3)], "0 1 2 3 x"),
        ([new(3, 3), change("x", 2, kind), new(4, 4)], "0 1 2 3 x 4"),
    ):
        shown = await puts(db, gap(2), *page)
        assert await everything(archive, 1) == there
        assert [entry.stanza_id for entry in shown] == [page[-1].stanza_id]


async def test_nor_does_it_fall_behind_it_page_by_page(archive: Archive, db: Database) -> None:
    await fill(archive, 1, [0])
    await has(archive, change("x", 4, Kind.EDIT, named=False))
    for n in (1, 2, 3, 4):
        assert len(await puts(db, gap(n - 1), new(n, n))) == 1
    assert await everything(archive, 1) == "0 1 2 3 4 x"


async def test_it_stands_before_it_where_the_room_went_on(archive: Archive, db: Database) -> None:
    await fill(archive, 1, [0])
    await has(archive, change("x", 2, Kind.EDIT, named=False), new(5, 5))
    assert not await puts(db, gap(0), new(1, 1), new(2, 2), new(5, 5))
    assert await everything(archive, 1) == "0 1 2 x 5"


@pytest.mark.parametrize("before", [None, 5])
async def test_it_stands_before_it_in_a_room_without_a_past(
    archive: Archive, db: Database, before: int | None
) -> None:
    await has(archive, change("x", 2, Kind.EDIT, named=False))
    if before is not None:
        await fill(archive, 1, [before])
    await puts(db, gap(None, before), new(1, 1), new(2, 2))
    assert await everything(archive, 1) == ("1 2 x 5" if before else "1 2 x")


async def test_a_page_may_have_a_correction_before_its_original(
    archive: Archive, db: Database
) -> None:
    """It applies: to the original's own id, and so that its words only are found."""
    patch = (lid(2), "@@", "none")
    edit = change("x", 2, Kind.EDIT, body="green tea", author="1")
    edit = replace(edit, stanza="@@", patch=patch)
    page = [new(1, 1), edit, change("y", "x", Kind.REACTION), new(2, 2, body="tea"), new(3, 3)]
    await puts(db, gap(None, None), *page)
    assert await everything(archive, 1) == "1 2 x y 3"
    found = await archive.find(1, stanza_id=sid("x"))
    assert found is not None
    assert found.stanza == "m-2"


async def test_what_refers_to_itself_or_in_a_circle_is_there_once(
    archive: Archive, db: Database
) -> None:
    page = [change("a", "b", Kind.EDIT), change("b", "a", Kind.EDIT), change("c", "c", Kind.EDIT)]
    await puts(db, gap(None, None), *page)
    assert await everything(archive, 1) == "c a b"


@pytest.mark.parametrize("kind", [Kind.EDIT, Kind.RETRACTION, Kind.REACTION])
@pytest.mark.parametrize("read", [True, False])
async def test_what_a_user_did_is_known_again_by_what_it_was(
    archive: Archive, db: Database, kind: Kind, read: bool
) -> None:
    """The network has an id for it, or (with plugins) not even when it is read."""
    await fill(archive, 1, [0])
    await has(archive, change("own", 0, kind, named=False, body="tea", emoji="👍"))
    page = [change("read", 0, kind, named=read, body="tea", emoji="👍"), new(1, 1)]
    for _ in range(2):
        await puts(db, gap(0), *page)
        assert await everything(archive, 1) == "0 own 1"
    same = await archive.find(1, legacy_id=lid("read"))
    assert (same is not None and same.stanza_id == sid("own")) is read


async def test_what_was_done_otherwise_is_something_else(archive: Archive, db: Database) -> None:
    await fill(archive, 1, [0])
    await has(archive, change("a", 0, Kind.REACTION, named=False, emoji="👍"))
    await fill(archive, 1, [1])
    await has(
        archive,
        change("b", 1, Kind.REACTION, named=False, emoji="👍"),
        change("c", 1, Kind.REACTION, named=False, emoji=""),
        change("d", 1, Kind.REACTION, named=False, emoji="👍"),
    )
    await puts(
        db,
        gap(1),
        change("A", 0, Kind.REACTION, emoji="👍"),  # again, after the gap began
        change("B", 1, Kind.REACTION, emoji="👍"),
        change("E", 1, Kind.REACTION, emoji="👍", author="2"),
        change("C", 1, Kind.REACTION, emoji=""),
        change("F", 1, Kind.REACTION, emoji="🎉"),
        change("D", 1, Kind.REACTION, emoji="👍"),
    )
    assert await everything(archive, 1) == "0 a 1 A b E c F d"
