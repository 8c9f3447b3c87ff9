"""Deleting what is older than the archive is to keep."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.archive import Archive

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0


async def expire(archive: Archive, keep: timedelta, now: Callable[[], datetime]) -> None:
    """For ever: once an hour delete, in small steps, what is older than `keep`."""
    while True:
        deleted = await archive.expire(now() - keep)
        if deleted:
            log.info("deleted %d messages older than %d days", deleted, keep.days)
        await asyncio.sleep(EVERY_SECONDS)
