"""Filling a room's archive from the network: on first sight, after having been away, and where
somebody looks further back than it goes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from slidge.util.types import HoleBound
from slixmpp.exceptions import XMPPError

from gateway.archive import Gap, NewEntry, Page, Query
from gateway.archive.gap import State
from gateway.errors import DatabaseError
from gateway.group.live import LiveRoom
from gateway.group.put_in import put_in
from gateway.room.state import Occupant
from gateway.room.visible import visible
from legacy_backend.terms import LegacyError, Stretch

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 3.0
"""How long somebody who asks for history waits for the network's, before getting what is there."""

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(days=1)
"""How long a gap that could not be filled is left alone unasked: twice as long each time."""


class History:
    """The part of a room handle that fills the archive."""

    live: LiveRoom
    session: Any
    me: Callable[[], Occupant | None]
    meeting_the_past: Callable[[], AbstractContextManager[None]]

    def _init_history(self) -> None:
        self._gathering: list[NewEntry] | None = None

    @property
    def _backfill_runs(self) -> bool:
        return self._gathering is not None

    @property
    def user_id(self) -> str:
        """Whose handle this is."""
        return str(self.session.user_jid.bare)

    @property
    def reads_history(self) -> bool:
        """Whether the network may have something of the past to give."""
        return type(self).backfill is not History.backfill

    @property
    def has_past_to_read(self) -> bool:
        """Whether something may be missing. A network that keeps nothing can give nothing: there
        all is had at once, unless something else was written down before."""
        live = self.live
        if not (self.reads_history or live.history_known or live.is_opened or live.was_opened):
            live.regained_sight()
        return not live.whole

    async def backfill(
        self, after: HoleBound | None = None, before: HoleBound | None = None
    ) -> None:
        """Send what the network has between two messages, with `archive_only=True`.

        To be overridden where the network keeps history. `after` None: nothing is archived yet,
        and it is for the plugin to say how far back to go. `before` None: up to now. Called once
        in the life of the process for each group, again after the network was away, and again
        later for what it raised LegacyError or XMPPError.
        """
        raise NotImplementedError

    def backfilled(self, entry: NewEntry) -> None:
        """Take one message of the history; outside of `backfill`, append it."""
        if self._gathering is None:
            self.live.host.archive.append(self.live.id, entry)
        else:
            self._gathering.append(entry)

    # What of it the user may see

    def visible(self) -> tuple[Stretch, ...] | None:
        """When what the user may read here was said; None is all of it.

        To be overridden where the network lets its people see parts of a shared group's past only:
        whatever else is in the archive is not there for this user.
        """
        return visible(self.live.room, self.me())

    def sees_all_of(self, gap: Gap) -> bool:
        """Whether the user may see whatever is missing there."""
        stretches = self.visible()
        return stretches is None or any(
            (one.start is None or (gap.after is not None and one.start <= gap.after[1]))
            and (one.end is None or (gap.before is not None and gap.before[1] <= one.end))
            for one in stretches
        )

    # Asking for it

    async def ensure_history(self, patience: float | None = PATIENCE_SECONDS) -> bool:
        """Have what is missing filled in; whether nothing is missing, after `patience` seconds.

        None waits for as long as it takes. What goes on goes on in the background.
        """
        live = self.live
        if live.whole or self._barred():
            return live.whole
        reading = live.reading
        others = reading is not None and not reading.done()
        if reading is None or reading.done():
            reading = live.reading = asyncio.create_task(self._fill_all())
        if patience == 0:
            return False
        await asyncio.wait({reading}, timeout=patience)
        if others and reading.done() and not live.whole:
            return await self.ensure_history(patience)  # what fails for others may work here
        return reading.done() and live.whole

    async def awaits_history(self) -> bool:
        """Whether what is said now should wait for what was missed before: something may have been,
        and the network has not failed to tell it."""
        if self.live.history_known:
            return False
        gap = await self.live.missing()
        if gap.next_try > self.live.host.now():
            return False
        return gap.after is not None or self._somebody_waits()

    def _somebody_waits(self) -> bool:
        """Whether somebody has been here since before nobody listened."""
        since = self.live.unheard_since
        return any(seat.joined_at < since for seat in self.live.room.seats.values())

    async def read(self, query: Query) -> tuple[Page, bool]:
        """A page of what the user may see of the archive, and whether it is stable: nothing in it
        is missing (XEP-0313 §4.3.2). What it lacks is asked for first; how long that may take is
        limited, and what has not come by then makes the page incomplete."""
        live, archive = self.live, self.live.host.archive
        known = await self.ensure_history()
        await live.settled()
        query = replace(query, within=self.visible())
        page = await archive.page(live.id, query)
        if known and not live.gaps:
            return page, True
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while gaps := await self._gaps_within(query, page):
            left = deadline - asyncio.get_running_loop().time()
            if query.words or left <= 0 or not await self._fill_for(gaps[0], left):
                return replace(page, complete=False), False
            page = await archive.page(live.id, query)
        return page, known

    async def _gaps_within(self, query: Query, page: Page) -> list[Gap]:
        gaps = await self.live.host.gaps.within(self.live.id, query, page)
        return [gap for gap in gaps if self.sees_all_of(gap)]

    async def _fill_for(self, gap: Gap, patience: float) -> bool:
        """Have a piece of a gap read at once; False if that takes too long or fails."""
        now = self.live.host.now()
        if gap.before is None or self._barred() or (gap.attempts and now < gap.next_try):
            return False  # what has no end was asked for just now
        filling = asyncio.create_task(self.fill_some(gap, asked=True))
        await asyncio.wait({filling}, timeout=patience)
        return filling.done() and not self._is_still(gap)

    def _is_still(self, gap: Gap) -> bool:
        """Whether a gap with an end reaches as far as it did."""
        now = self.live.gaps.get(gap.id)
        return now is not None and (now.after, now.before) == (gap.after, gap.before)

    # Filling

    async def _fill_all(self) -> None:
        """Fill what is missing, and what opens meanwhile. What goes wrong is told in the log and
        tried again when next asked."""
        try:
            while await self.fill_some(asked=True):
                pass
        except DatabaseError as no:
            log.warning("the past of %s waits: %s", self.live.room.jid, no)

    async def fill_some(self, gap: Gap | None = None, *, asked: bool) -> bool:
        """Have the network give a piece of `gap`, which has an end, None for what is to be read
        first; whether more is to be read that the network did not fail to give.

        Raises DatabaseError.
        """
        live = self.live
        if live.whole and gap is None:
            return False
        if self.reads_history:
            await live.host.filler.budget.take(asked=asked)
        async with live.reading_now:
            if gap is None:
                gap = await self._first(asked=asked)
            elif not self._is_still(gap):
                return True  # somebody was quicker
            if gap is None or self._barred():
                return False
            return await self._fill(gap)

    async def _first(self, *, asked: bool) -> Gap | None:
        live = self.live
        now = live.host.now()
        if not live.history_known:
            gap = await live.missing()
            if asked or gap.next_try <= now:
                return gap
        wanted = (gap for gap in live.gaps.values() if gap.state is State.WANTED)
        return next((gap for gap in wanted if gap.next_try <= now), None)

    async def _fill(self, gap: Gap) -> bool:
        live, losses = self.live, self.live.losses
        try:
            left = await self.fill_gap(gap)
        except (XMPPError, LegacyError) as no:
            log.warning("the history of %s cannot be had: %s", live.room.jid, no.text)
            await self._put_off(gap, getattr(no, "retry_after", None))
            return False
        except DatabaseError:
            raise
        except Exception:
            log.exception("the history of %s could not be had", live.room.jid)
            await self._put_off(gap, None)
            return False
        await self._filled(gap, left, in_sight=losses == live.losses)
        return not live.whole

    async def _filled(self, gap: Gap, left: Gap | None, *, in_sight: bool) -> None:
        """Write down what is left of a gap."""
        live = self.live
        ended = live.gaps.pop(gap.id, None)
        if left is not None:
            end = left.before or (None if ended is None else ended.before)
            left = replace(left, before=end, attempts=0, next_try=live.host.now())
            if end is not None:
                live.gaps[gap.id] = left
        if ended is None and left is not None and left.before is None:
            live.went_past(left)
        elif ended is None and not in_sight and left is None:
            return  # nobody listened when its end was reached
        elif ended is None:
            live.regained_sight()
        if left is None:
            await live.host.gaps.close(gap)
            log.debug("a gap of %s is filled", live.room.jid)
            return
        await live.host.gaps.save(left)
        if ended is None and left.before is not None and not in_sight:
            live.lost_sight()

    async def _put_off(self, gap: Gap, seconds: float | None) -> None:
        """Leave a gap alone for some time. If the room went on, it has an end now."""
        live = self.live
        now = live.host.now()
        pause = min(FIRST_PAUSE * 2 ** min(gap.attempts, 20), LONGEST_PAUSE)
        if seconds is not None:
            pause = timedelta(seconds=seconds)
            self.session.no_history_before = now + pause
        ended = live.gaps.get(gap.id)
        left = replace(ended or gap, attempts=gap.attempts + 1, next_try=now + pause)
        if ended is None and live.went_on is not None:
            left = replace(left, before=live.went_on)
            live.regained_sight()
        if left.before is None:
            live.went_past(left)
        else:
            live.gaps[gap.id] = left
        asyncio.get_running_loop().call_later(pause.total_seconds(), self._try_again)
        await live.host.gaps.save(left)

    def _try_again(self) -> None:
        if self.session.logged:
            self.live.host.filler.add(self)

    def _barred(self) -> bool:
        """Whether the network has asked this login to wait."""
        until: datetime | None = getattr(self.session, "no_history_before", None)
        return until is not None and self.live.host.now() < until

    async def fill_gap(self, gap: Gap) -> Gap | None:
        """Put what the network has in a gap, or a part of it, into the archive; what is left.

        Raises LegacyError, or XMPPError, with the network's no.
        """
        if not self.reads_history:
            return None
        self._gathering = []
        try:
            after = None if gap.after is None else HoleBound(*gap.after)
            before = None if gap.before is None else HoleBound(*gap.before)
            with self.meeting_the_past():
                await self.backfill(after, before)
            gathered = sorted(self._gathering, key=_time)
        except NotImplementedError:
            return None
        finally:
            self._gathering = None
        await put_in(self.live, gap, gathered)
        return None


def _time(entry: NewEntry) -> datetime:
    return entry.at.astimezone(UTC)
