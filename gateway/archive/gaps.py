"""What is known to be missing, as rows that outlast the process, and its being filled."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.archive.changes import recognised
from gateway.archive.chosen import BEGIN, END, choose, page_of
from gateway.archive.entry import NewEntry, StanzaId
from gateway.archive.find import newest_known
from gateway.archive.gap import Gap, Known, State
from gateway.archive.query import Page, Query
from gateway.archive.tables import archive, gap
from gateway.archive.weave import Woven, weave
from gateway.database.database import Database
from gateway.database.sql import portions
from gateway.database.times import micros, moment
from legacy_backend.terms import MessageId, Stretch

IDLE = 50
"""Writes that may wait while gaps are filled unasked: everything else goes first."""

_End = sa.Row[str, int]
"""Of an entry, its stanza id and its place."""
_Ends = sa.Select[str, int]


class Gaps:
    """The gaps of all rooms of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def open(self, room: int, heard: Known | None = None) -> asyncio.Future[Gap]:
        """The gap of a room that has no end yet, from the newest message of the network's as of
        this call; before all appends that follow it. The one that is there, if one is; but if
        somebody listened again since, from `heard` on, that one ends there and another begins."""
        return self._db.write_grouped(open_all, (room, heard), patient=True)

    async def all(self) -> list[Gap]:
        """Every gap, by room."""
        rows = sa.select(gap).order_by(gap.c.room_id, gap.c.id)
        return await self._db.read(lambda conn: [_gap(row) for row in conn.execute(rows)])

    async def save(self, it: Gap) -> None:
        """Write down where a gap begins and ends by now, and how it stands with it."""
        here = sa.update(gap).where(gap.c.id == it.id).values(_values(it))
        await self._db.write(lambda conn: conn.execute(here).rowcount)

    async def close(self, it: Gap) -> None:
        """A gap is filled."""
        here = sa.delete(gap).where(gap.c.id == it.id)
        await self._db.write(lambda conn: conn.execute(here).rowcount)

    async def lose(self, room: int, lost: Stretch, now: datetime) -> Gap:
        """Write down that the network does not have any more what was said then, if anything was.
        What is known of the same time already is one row with it."""
        return await self._db.write(lambda conn: lose(conn, room, lost, now))

    async def weave(
        self, it: Gap, entries: Sequence[NewEntry], *, keep_tail: bool = False
    ) -> Woven:
        """Put messages to their places in a gap; see `weave.weave`. They follow its beginning
        directly or, where it has none, precede its end."""

        def work(conn: sa.Connection) -> Woven:
            after, before = _ends(conn, it)
            if it.after is None and it.before is None and entries:
                after = _before(conn, it.room, entries[0])
            ends = (
                after and StanzaId(after.stanza_id),
                before and StanzaId(before.stanza_id),
            )
            told = recognised(conn, it.room, entries, *ends)
            return weave(conn, it.room, told, *ends, keep_tail=keep_tail)

        return await self._db.write(work)

    async def within(self, room: int, query: Query, page: Page) -> list[Gap]:
        """The gaps that a page of `query` reaches over or up to, the nearest to where it starts
        first."""
        return await self._db.read(lambda conn: within(conn, room, query, page))

    async def idle(self) -> None:
        """Return when hardly anything waits to be written."""
        await self._db.drained(IDLE)


def open_all(conn: sa.Connection, wanted: Sequence[tuple[int, Known | None]]) -> list[Gap]:
    """The gap without an end of each room, made if need be; see `Gaps.open`. The caller owns the
    transaction."""
    there: dict[int, Gap] = {}
    for portion in portions(sorted({room for room, _ in wanted})):
        rows = sa.select(gap).where(gap.c.room_id.in_(portion), gap.c.before_id.is_(None))
        there.update((row.room_id, _gap(row)) for row in conn.execute(rows))
    opened: dict[int, Gap] = {}
    waiting: dict[int, list[int]] = {}

    def make() -> None:
        """Make those of the rooms in `waiting`, where it says whose they are in `opened`."""
        for it in _make(conn, list(waiting)):
            there[it.room] = it
            opened.update(dict.fromkeys(waiting[it.room], it))
        waiting.clear()

    for number, (room, heard) in enumerate(wanted):
        if heard is not None:
            if room in waiting:
                make()
            if room in there:
                ended = _values(replace(there.pop(room), before=heard))
                here = gap.c.room_id == room, gap.c.before_id.is_(None)
                conn.execute(sa.update(gap).where(*here).values(ended))
        if room in there:
            opened[number] = there[room]
        else:
            waiting.setdefault(room, []).append(number)
    make()
    return [opened[number] for number in range(len(wanted))]


def _make(conn: sa.Connection, rooms: Sequence[int]) -> list[Gap]:
    """New gaps without an end."""
    if not rooms:
        return []
    newest = newest_known(conn, rooms)
    made = [Gap(0, room, newest.get(room), None, State.WANTED, 0, moment(0)) for room in rooms]
    values = [{"room_id": it.room, **_values(it)} for it in made]
    rows = conn.execute(sa.insert(gap).returning(gap.c.room_id, gap.c.id), values)
    ids = {room: id for room, id in rows}  # noqa: C416  (rows are no pairs to the type checker)
    return [replace(it, id=ids[it.room]) for it in made]


def lose(conn: sa.Connection, room: int, lost: Stretch, now: datetime) -> Gap:
    """See `Gaps.lose`. The caller owns the transaction."""
    nothing = MessageId("")
    after = None if lost.start is None else (nothing, lost.start)
    it = Gap(0, room, after, (nothing, lost.end or now), State.LOST, 0, moment(0))
    begin = gap.c.after_at.is_(None) if after is None else gap.c.after_at == micros(after[1])
    here = gap.c.room_id == room, gap.c.state == State.LOST.value, begin
    known = conn.scalar(sa.select(gap.c.id).where(*here))
    values = {"room_id": room, **_values(it)}
    if known is not None:
        conn.execute(sa.update(gap).where(gap.c.id == known).values(values))
        return replace(it, id=known)
    done = conn.execute(sa.insert(gap).values(values).returning(gap.c.id))
    return replace(it, id=done.scalar_one())


def within(conn: sa.Connection, room: int, query: Query, page: Page) -> list[Gap]:
    """See `Gaps.within`."""
    readable = gap.c.state != State.LOST.value
    rows = conn.execute(sa.select(gap).where(gap.c.room_id == room, readable)).all()
    if not rows:
        return []
    chosen = page_of(conn, choose(conn, room, query), query)
    low, high = chosen.low, chosen.high
    if not page.complete and page.entries:
        if query.backwards:
            low = max(low, page.entries[0].seq)
        else:
            high = min(high, page.entries[-1].seq)
    touched = []
    for it in map(_gap, rows):
        after, before = _ends(conn, it)
        begin, end = after.seq if after else BEGIN, before.seq if before else END
        if begin < high and end > low:
            touched.append((begin, it))
    touched.sort(key=lambda one: one[0], reverse=query.backwards)
    return [it for _, it in touched]


def _ends(conn: sa.Connection, it: Gap) -> tuple[_End | None, _End | None]:
    """Between which entries a gap is, None where nothing is known. In the place of one that is
    gone, as it was erased, is its neighbour by time, among those whose time the network says."""
    here = sa.select(archive.c.stanza_id, archive.c.seq).where(archive.c.room_id == it.room)
    said = here.where(archive.c.legacy_id.is_not(None))
    earlier = archive.c.at <= micros(it.after[1]) if it.after else sa.false()
    later = archive.c.at >= micros(it.before[1]) if it.before else sa.false()
    return (
        _end(
            conn,
            here,
            it.after,
            said.where(earlier).order_by(archive.c.at.desc(), archive.c.seq.desc()),
        ),
        _end(conn, here, it.before, said.where(later).order_by(archive.c.at, archive.c.seq)),
    )


def _end(conn: sa.Connection, here: _Ends, known: Known | None, instead: _Ends) -> _End | None:
    if known is None:
        return None
    same = conn.execute(here.where(archive.c.legacy_id == known[0])).one_or_none()
    return same or conn.execute(instead.limit(1)).one_or_none()


def _before(conn: sa.Connection, room: int, entry: NewEntry) -> _End | None:
    """The last entry before the time of another: of a group whose past was never read to its
    beginning, something may have been heard, and more been said since."""
    here = sa.select(archive.c.stanza_id, archive.c.seq).where(archive.c.room_id == room)
    earlier = archive.c.legacy_id.is_not(None), archive.c.at < micros(entry.at)
    return conn.execute(here.where(*earlier).order_by(archive.c.at.desc()).limit(1)).one_or_none()


def _values(it: Gap) -> dict[str, Any]:
    return {
        "after_id": None if it.after is None else it.after[0],
        "after_at": None if it.after is None else micros(it.after[1]),
        "before_id": None if it.before is None else it.before[0],
        "before_at": None if it.before is None else micros(it.before[1]),
        "state": it.state.value,
        "attempts": it.attempts,
        "next_try": micros(it.next_try),
    }


def _gap(row: sa.Row[*tuple[Any, ...]]) -> Gap:
    return Gap(
        row.id,
        row.room_id,
        _known(row.after_id, row.after_at),
        _known(row.before_id, row.before_at),
        State(row.state),
        row.attempts,
        moment(row.next_try),
    )


def _known(id: str | None, at: int | None) -> Known | None:
    return None if id is None or at is None else (MessageId(id), moment(at))
