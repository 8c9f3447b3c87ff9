"""The archive of all rooms, as the event loop sees it: each method has its work done elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime
from functools import partial

import sqlalchemy as sa

from gateway.archive import append, copies, export, find, history, insert, page, remove, whole
from gateway.archive.copies import Copy, Place
from gateway.archive.entry import Entry, NewEntry, StanzaId, Stored
from gateway.archive.query import Page, Query
from gateway.archive.weave import weave
from gateway.database.database import Database
from gateway.database.limit import TookTooLong, limited
from gateway.database.pace import Pace
from gateway.database.times import micros
from gateway.errors import DatabaseError, Refused
from legacy_backend.terms import MessageId, Stretch

BACKLOG = 5000
"""Writes that may wait before the network has to."""
LABOUR_SECONDS = 5.0
"""What a search may take, or a count of everything."""


def _unseen(_done: int) -> None:
    """The progress of what nobody looks at."""


class Archive:
    """The archive of all rooms of one database. `room` is a number that the caller gives each."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._labour = asyncio.Semaphore(max(1, db.readers - 1))
        """Leaves a reader free for what is quick."""
        self.slowed_seconds = 0.0
        """How long the network had to wait in `taking`, all waits together."""

    def append(self, room: int, entry: NewEntry) -> asyncio.Future[Stored]:
        """Put a message at the end of its room; the future is done once it is durable.

        The order of the calls is the order in the room, and that in which the futures are done.
        Waits for a database that cannot be written, as long as it takes.
        """
        return self._db.write_grouped(append.append_all, (room, entry), patient=True)

    async def taking(self) -> None:
        """Return when what waits to be appended is little; for those who could tell more."""
        if self._db.waiting <= BACKLOG:
            return
        since = time.monotonic()
        try:
            await self._db.drained(BACKLOG)
        finally:
            self.slowed_seconds += time.monotonic() - since

    @property
    def waiting(self) -> int:
        """How many writes wait for the database, those of the archive and of others."""
        return self._db.waiting

    @property
    def pace(self) -> Pace:
        """How fast they are committed."""
        return self._db.pace

    @property
    def trouble(self) -> str:
        """What keeps things from being stored just now, for the operator; "" if nothing does."""
        return self._db.trouble

    def check(self) -> None:
        """Raise DatabaseError if nothing can be stored just now, so that nobody asks for more."""
        if self.trouble:
            raise DatabaseError(self.trouble)

    async def insert(
        self,
        room: int,
        entries: Sequence[NewEntry],
        *,
        after: StanzaId | None,
        before: StanzaId | None,
    ) -> int:
        """Put messages of the past where they belong; see `insert.insert`."""
        return await self._db.write(lambda conn: insert.insert(conn, room, entries, after, before))

    async def page(self, room: int, query: Query) -> Page:
        """One page; raises NotInArchive if the query has an id that no entry has.

        Searches, and counts of everything, wait for each other. Raises Refused
        "resource-constraint" if one takes longer than `LABOUR_SECONDS`.
        """
        if not (query.words or query.count_all):
            return await self._db.read(lambda conn: page.page(conn, room, query))

        def labour(conn: sa.Connection) -> Page:
            with limited(conn, LABOUR_SECONDS):
                return page.page(conn, room, query)

        try:
            async with self._labour:
                return await self._db.read(labour)
        except TookTooLong:
            raise Refused(
                "resource-constraint", "That takes too long to find: ask for rarer words."
            ) from None

    async def history(
        self,
        room: int,
        *,
        limit: int,
        since: datetime | None = None,
        within: Sequence[Stretch] | None = None,
    ) -> list[Entry]:
        """What a join replays: the newest `limit`, from `since` on and `within` stretches of time,
        oldest first."""
        return await self._db.read(lambda conn: history.history(conn, room, limit, since, within))

    async def edges(self, room: int) -> tuple[Entry, Entry] | None:
        """The first and the last entry; None if there is none."""
        return await self._db.read(lambda conn: find.edges(conn, room))

    async def find(
        self,
        room: int,
        *,
        stanza_id: str | None = None,
        legacy_id: str | None = None,
        message_id: str | None = None,
        author: str | None = None,
    ) -> Entry | None:
        """The newest entry to which all that is given applies."""
        return await self._db.read(
            lambda conn: find.find(
                conn,
                room,
                stanza_id=stanza_id,
                legacy_id=legacy_id,
                message_id=message_id,
                author=author,
            )
        )

    def find_now(self, room: int, id: str) -> list[Entry]:
        """The entries with an id: the room's, the client's or the network's. Blocks."""
        return self._db.read_now(lambda conn: find.called(conn, room, id))

    async def versions(self, room: int, legacy_id: str) -> list[Entry]:
        """A message and all its corrections; those appended before this call are among them."""
        return await self._db.write(lambda conn: find.versions(conn, room, legacy_id), patient=True)

    async def retractions(
        self, room: int, legacy_ids: Collection[str]
    ) -> list[tuple[MessageId, str]]:
        """Which of these messages were taken back, and by whom, "" for the room itself; by what was
        appended before this call."""
        return await self._db.write(lambda conn: find.retractions(conn, room, legacy_ids))

    async def tombstone(self, room: int, stanza_id: StanzaId, stanza: str) -> bool:
        """Put `stanza` in the place of a text that has to go; False if there is no such entry."""
        return await self._db.write(
            lambda conn: remove.tombstone(conn, room, stanza_id, stanza), patient=True
        )

    async def count(self, room: int) -> int:
        """How many entries a room has."""
        return await self._db.read(lambda conn: whole.whole_of(conn, room).entries)

    async def counts(self) -> dict[int, int]:
        """How many entries each room has, for those that have any."""
        return await self._db.read(whole.counts)

    async def forget(self, room: int) -> int:
        """Delete all entries of a room, in steps; how many there were."""
        return await self._in_steps(lambda conn: remove.delete_some(conn, room))

    async def erase(self, room: int, author: str, tell: Callable[[int], None] = _unseen) -> int:
        """Delete all that somebody said in a room, in steps; how much there was. `tell` is told how
        much it was by then."""
        return await self._in_steps(lambda conn: remove.delete_by(conn, room, author), tell)

    async def weave(self, room: int, entries: Sequence[NewEntry], *, after: StanzaId | None) -> int:
        """Put a stretch without holes, which follows `after`, to its place; see `weave.weave`.
        How many were new."""
        woven = await self._db.write(lambda conn: weave(conn, room, entries, after, None))
        return woven.placed

    async def expire(
        self,
        older_than: datetime,
        room: int | None = None,
        tell: Callable[[int], None] = _unseen,
    ) -> int:
        """Delete what is older, in one room or in all, in steps; how many entries went. `tell` is
        told how many it were by then, of each room."""
        than = micros(older_than)
        rooms = list(await self.counts()) if room is None else [room]
        deleted = 0
        for each in rooms:
            step = partial(remove.delete_older, room=each, than=than)
            deleted += await self._in_steps(step, tell)
        return deleted

    async def export(self, room: int) -> AsyncIterator[Entry]:
        """Every entry of a room, in order. What is added at the end meanwhile is among them."""
        last: Entry | None = None
        while True:
            piece = await self._db.read(partial(export.piece_after, room=room, last=last))
            for entry in piece:
                yield entry
            if not piece:
                return
            last = piece[-1]

    async def copies(
        self, room: int, authors: Collection[str] | None = None
    ) -> AsyncIterator[list[Copy]]:
        """As `export`, with all that it takes to put each entry back, some at a time; None is of
        all authors."""
        last: Place | None = None
        while True:
            work = partial(copies.piece_after, room=room, last=last, authors=authors)
            piece, last = await self._db.read(work)
            if not piece:
                return
            yield piece

    async def put_back(self, room: int, some: Sequence[Copy]) -> int:
        """Put copies back where they were, in their order; how many were missing."""
        return await self._db.write(lambda conn: copies.put_back(conn, room, some))

    async def stanzas_with(
        self,
        room: int,
        text: str,
        *,
        by: Collection[str] | None = None,
        but: Collection[str] = (),
    ) -> list[str]:
        """The stanzas that have a text in them, by some authors or by all `but` some. Looks at all
        that they said."""
        return await self._db.read(lambda conn: find.stanzas_with(conn, room, text, by, but))

    async def _in_steps(
        self, step: Callable[[sa.Connection], int], tell: Callable[[int], None] = _unseen
    ) -> int:
        total = 0
        while True:
            deleted = await self._db.write(step)
            total += deleted
            tell(total)
            if deleted < remove.STEP:
                return total
