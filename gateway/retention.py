"""Deleting what is older than the archive is to keep."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.archive import Archive
from gateway.errors import DatabaseError
from gateway.store import Store

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
KEY = "keep_days"


class RoomsOwn:
    """How many days single rooms keep what is said in them; 0 is for ever."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(self) -> dict[int, int]:
        """By number of the room."""
        kept = json.loads(await self._store.meta(KEY) or "{}")
        return {int(room): days for room, days in kept.items()}

    async def put(self, room: int, days: int | None) -> None:
        """None is as for all."""
        now = await self.all()
        now.pop(room, None)
        if days is not None:
            now[room] = days
        await self._store.put_meta(KEY, json.dumps(now))


async def expire(
    archive: Archive, keep: timedelta | None, now: Callable[[], datetime], own: RoomsOwn
) -> None:
    """For ever: once an hour delete, in small steps, what is older than `keep`, None for nothing,
    or than a room wants. What cannot be deleted just now is an hour later."""
    while True:
        try:
            deleted = await expire_now(archive, keep, now(), await own.all())
        except DatabaseError as error:
            log.warning("messages that are too old stay for now: %s", error)
        else:
            if deleted:
                log.info("deleted %d messages that were too old", deleted)
        await asyncio.sleep(EVERY_SECONDS)


async def expire_now(
    archive: Archive, keep: timedelta | None, now: datetime, own: dict[int, int]
) -> int:
    """Delete what is too old, in steps; how much that was."""
    deleted = 0
    for room in await archive.counts():
        days = own.get(room)
        age = keep if days is None else timedelta(days=days) or None
        if age is not None:
            deleted += await archive.expire(now - age, room)
    return deleted
