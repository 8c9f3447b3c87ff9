"""Filling a room's archive from the network: on first sight, and after having been away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from slidge.util.types import HoleBound
from slixmpp.exceptions import XMPPError

from gateway.archive import Entry, NewEntry, StanzaId
from gateway.group.live import LiveRoom, Post
from gateway.render.xml import delay

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 3.0
"""How long somebody who asks for history waits for the network's, before getting what is there."""


class History:
    """The part of a room handle that fills the archive."""

    live: LiveRoom
    meeting_the_past: Callable[[], AbstractContextManager[None]]

    def _init_history(self) -> None:
        self._gathering: list[NewEntry] | None = None

    @property
    def _backfill_runs(self) -> bool:
        return self._gathering is not None

    async def backfill(
        self, after: HoleBound | None = None, before: HoleBound | None = None
    ) -> None:
        """Send what the network has between two messages, with `archive_only=True`.

        To be overridden where the network keeps history. `after` None: nothing is archived yet,
        and it is for the plugin to say how far back to go. `before` None: up to now. Called once
        in the life of the process for each group, and again after the network was away.
        """
        raise NotImplementedError

    def backfilled(self, entry: NewEntry) -> None:
        """Take one message of the history; outside of `backfill`, append it."""
        if self._gathering is None:
            self.live.host.archive.append(self.live.id, entry)
        else:
            self._gathering.append(entry)

    async def ensure_history(self, patience: float | None = PATIENCE_SECONDS) -> bool:
        """Have the gap since the last time filled; whether it is, after `patience` seconds.

        None waits for as long as it takes. What goes on goes on in the background.
        """
        live = self.live
        if live.history_known:
            return True
        reading = live.reading
        others = reading is not None and not reading.done()
        if reading is None or reading.done():
            reading = live.reading = asyncio.create_task(self._fill_history())
        if patience == 0:
            return False
        await asyncio.wait({reading}, timeout=patience)
        if others and reading.done() and not live.history_known:
            return await self.ensure_history(patience)  # what fails for others may work here
        return reading.done() and live.history_known

    async def _fill_history(self) -> None:
        """Fill the gap, and what opens meanwhile. What goes wrong is told in the log and tried
        again when next asked."""
        while not self.live.history_known:
            gap = self.live.edge()
            try:
                await self._fetch_history(await gap)
            except NotImplementedError:
                pass
            except XMPPError as no:
                log.warning("the history of %s cannot be had: %s", self.live.room.jid, no.text)
                return
            except Exception:
                log.exception("the history of %s could not be had", self.live.room.jid)
                return
            self.live.history_known = gap is self.live.edge()

    async def _fetch_history(self, edge: Entry | None) -> None:
        self._gathering = []
        try:
            after = None if edge is None else HoleBound(str(edge.legacy_id), edge.at)
            with self.meeting_the_past():
                await self.backfill(after, None)
            gathered = sorted(self._gathering, key=_time)
        finally:
            self._gathering = None
        await catch_up(self.live, edge, gathered)


async def catch_up(live: LiveRoom, edge: Entry | None, missed: Sequence[NewEntry]) -> None:
    """Archive what was missed since the edge, oldest first; None is all of the past.

    Those who have kept their seats are sent it, as late as it is, unless the room has gone on
    meanwhile: then it goes to its place in the archive, where a client finds it when it asks.
    """
    place: StanzaId | None = None if edge is None else edge.stanza_id
    if edge is None:
        past, missed = split_past(live, missed)
        if past:
            await live.host.archive.insert(live.id, past, after=None, before=None)
            place = past[-1].stanza_id
    if not missed:
        return
    if live.went_on:
        await live.host.archive.insert(live.id, missed, after=place, before=None)
        return
    stored = [live.post_now(Post(entry, delay(live.room.jid, entry.at))) for entry in missed]
    live.went_on = False
    await asyncio.gather(*stored)


def split_past(
    live: LiveRoom, entries: Sequence[NewEntry]
) -> tuple[Sequence[NewEntry], Sequence[NewEntry]]:
    """What was said before anybody who is here sat down, and what they have missed since, of a
    room whose archive was empty."""
    since = min((seat.joined_at for seat in live.room.seats.values()), default=None)
    if since is None:
        return entries, ()
    first = next((n for n, entry in enumerate(entries) if entry.at > since), len(entries))
    return entries[:first], entries[first:]


def _time(entry: NewEntry) -> datetime:
    return entry.at.astimezone(UTC)
