"""What a query chooses of a room, as places and conditions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from gateway.archive import index, span, whose
from gateway.archive.entry import StanzaId
from gateway.archive.find import seq_of
from gateway.archive.query import Query
from gateway.archive.tables import archive
from gateway.archive.words import Search, parse
from gateway.database.sql import portions
from gateway.database.times import micros
from gateway.errors import NotInArchive
from legacy_backend.terms import Stretch

Conditions = tuple[sa.ColumnElement[bool], ...]

BEGIN, END = -(1 << 61), 1 << 61
"""Before and behind all places."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The entries of a room between two places (exclusive) that meet conditions and hold words."""

    room: int
    low: int = BEGIN
    high: int = END
    conditions: Conditions = ()
    author: str | None = None
    nick: str | None = None
    seqs: frozenset[int] | None = None
    """The places themselves, if they are known."""
    search: Search | None = None
    """None if words do not matter, empty if nothing holds them."""

    def between(self, low: int | None, high: int | None) -> Chosen:
        """Those of them between two more places, of which None is none."""
        return replace(
            self,
            low=self.low if low is None else max(self.low, low),
            high=self.high if high is None else min(self.high, high),
        )

    def among(self, seqs: Iterable[int]) -> Chosen:
        """Those of them that are at these places."""
        seqs = frozenset(seqs)
        return replace(self, seqs=seqs if self.seqs is None else self.seqs & seqs)

    def rows(self) -> sa.ColumnElement[bool]:
        """What has to be so of a row of the archive, but for its words."""
        here = [archive.c.room_id == self.room]
        if self.seqs is not None:  # SQLite would rather go through all between two bounds
            here.append(archive.c.seq.in_(s for s in self.seqs if self.low < s < self.high))
        elif self.low > BEGIN:
            here.append(archive.c.seq > self.low)
        if self.seqs is None and self.high < END:
            here.append(archive.c.seq < self.high)
        if self.author is not None:
            here.append(archive.c.author == self.author)
        if self.nick is not None:
            here.append(archive.c.nick == self.nick)
        return sa.and_(*here, *self.conditions)

    def is_found_first(self, conn: sa.Connection) -> bool:
        """Whether `places` tells where to look, and not the indexes of the table."""
        if self.search is not None:
            return True
        named = self.author is not None or self.nick is not None
        return named and self.seqs is None and whose.keeps(conn, self.room)

    def places(self, conn: sa.Connection, backwards: bool, limit: int) -> list[int]:
        """Up to `limit` places, in order, of what may be chosen by its words or whose it is."""
        within = index.Within(self.low, self.high, backwards)
        if self.search is not None:
            return index.find(conn, self.room, self.search, self.author, within, limit)
        authors = None if self.author is None else [self.author]
        return whose.places(conn, self.room, whose.Whose(authors, self.nick), within, limit)


def choose(conn: sa.Connection, room: int, query: Query) -> Chosen:
    """What `query` is about, whatever the page.

    Raises NotInArchive if an id in it is of no entry.
    """
    conditions: list[sa.ColumnElement[bool]] = []
    search = parse(query.words) if query.words else None
    chosen = Chosen(room, author=query.author, nick=query.nick, search=search)
    chosen = chosen.between(_place(conn, room, query.after_id), _place(conn, room, query.before_id))
    if query.start is not None:
        conditions.append(span.at >= micros(query.start))
        chosen = chosen.between(span.since(conn, room, micros(query.start)), None)
    if query.end is not None:
        conditions.append(span.at <= micros(query.end))
        chosen = chosen.between(None, span.until(conn, room, micros(query.end)))
    if query.within is not None:
        conditions.append(span.inside(query.within))
        chosen = _around(conn, chosen, query.within)
    if query.ids:
        seqs = _places(conn, room, query)
        chosen = chosen.among(seqs).between(min(seqs) - 1, max(seqs) + 1)
    return replace(chosen, conditions=tuple(conditions))


def page_of(conn: sa.Connection, chosen: Chosen, query: Query) -> Chosen:
    """What is left of it behind and before the ids from which a page was asked."""
    room = chosen.room
    return chosen.between(_place(conn, room, query.after), _place(conn, room, query.before))


def _place(conn: sa.Connection, room: int, id: StanzaId | None) -> int | None:
    return None if id is None else seq_of(conn, room, id)


def _around(conn: sa.Connection, chosen: Chosen, within: Sequence[Stretch]) -> Chosen:
    """Those of them between the begin of the first stretch and the end of the last."""
    starts = [stretch.start for stretch in within if stretch.start is not None]
    ends = [stretch.end for stretch in within if stretch.end is not None]
    if len(starts) == len(within) > 0:
        chosen = chosen.between(span.since(conn, chosen.room, micros(min(starts))), None)
    if len(ends) == len(within) > 0:
        chosen = chosen.between(None, span.until(conn, chosen.room, micros(max(ends))))
    return chosen


def _places(conn: sa.Connection, room: int, query: Query) -> list[int]:
    ids = query.ids
    rows = sa.select(archive.c.stanza_id, archive.c.seq).where(archive.c.room_id == room)
    if query.within is not None:
        rows = rows.where(span.inside(query.within))
    found = {
        stanza_id: seq
        for portion in portions(ids)
        for stanza_id, seq in conn.execute(rows.where(whose.has_id(conn, room, portion)))
    }
    for id in ids:
        if id not in found:
            raise NotInArchive(id)
    return list(found.values())
