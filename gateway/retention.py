"""How long what is said is kept, and deleting what is older."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from gateway.archive import Archive, Gaps
from gateway.errors import DatabaseError, SluiceError
from gateway.store import Store
from gateway.upkeep import Progress, unseen

if TYPE_CHECKING:
    from gateway.group.host import Host
    from gateway.group.live import LiveRoom

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
MOST_DAYS = 36500
KEY = "keep_days"
ALL = 0
"""In the place of a room: those that have no time of their own."""


class Retention:
    """How long each room keeps what is said in it: for its own time, or for that of all."""

    def __init__(self, store: Store, configured: timedelta | None = None) -> None:
        self._store = store
        self._configured = configured
        self.own: dict[int, int] = {}
        """Days by number of the room, or `ALL`; 0 is for ever."""
        self.changed = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    async def load(self) -> None:
        """Learn what was put, by other processes too."""
        async with self._one_at_a_time:
            self.own = await self._stored()

    def of(self, room: int) -> timedelta | None:
        """None is for ever."""
        days = self.own.get(room, self.own.get(ALL))
        return self._configured if days is None else timedelta(days=days) or None

    async def put(self, room: int, days: int | None) -> None:
        """0 is for ever; None as for all or, for `ALL`, as configured. Raises SluiceError."""
        if days is not None and not 0 <= days <= MOST_DAYS:
            raise SluiceError(
                f"A room keeps what is said for up to {MOST_DAYS} days; 0 is for ever."
            )
        async with self._one_at_a_time:
            own = await self._stored()
            own.pop(room, None)
            if days is not None:
                own[room] = days
            await self._store.put_meta(KEY, json.dumps(own))
            self.own = own
        self.changed.set()

    async def _stored(self) -> dict[int, int]:
        kept = json.loads(await self._store.meta(KEY) or "{}")
        return {int(room): days for room, days in kept.items()}


class Expired(NamedTuple):
    """What became of it: how many messages went, and which gaps, by number of the row."""

    messages: int
    gaps: list[int]


async def expire(host: Host, rooms: Iterable[LiveRoom]) -> None:
    """For ever: delete, in small steps, what no room wants any more, once an hour and whenever it
    is said how long that is. What cannot be deleted just now is an hour later."""
    retention = host.retention
    while True:
        retention.changed.clear()
        try:
            await retention.load()
            gone = await expire_now(host.archive, host.gaps, retention, host.now())
        except DatabaseError as error:
            log.warning("messages that are too old stay for now: %s", error)
        else:
            for live in rooms if gone.gaps else ():
                live.forget_gaps(gone.gaps)
            if gone.messages:
                log.info("deleted %d messages that were too old", gone.messages)
        try:
            await asyncio.wait_for(retention.changed.wait(), EVERY_SECONDS)
        except TimeoutError:
            continue


async def expire_now(
    archive: Archive,
    gaps: Gaps,
    retention: Retention,
    now: datetime,
    tell: Progress = unseen,
) -> Expired:
    """Delete what is too old, in steps, and close the gaps that nobody would keep filled. `tell` is
    told of messages."""
    deleted = 0

    def told(more: int) -> None:
        tell(deleted + more, 0)

    for room in await archive.counts():
        age = retention.of(room)
        if age is not None:
            deleted += await archive.expire(now - age, room, told)
    closed = []
    for gap in await gaps.all():
        age = retention.of(gap.room)
        if age is not None and gap.before is not None and gap.before[1] < now - age:
            await gaps.close(gap)
            closed.append(gap.id)
    return Expired(deleted, closed)
