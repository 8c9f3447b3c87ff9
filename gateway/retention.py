"""Deleting what is older than the archive is to keep."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.archive import Archive
from gateway.errors import DatabaseError

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0


async def expire(archive: Archive, keep: timedelta, now: Callable[[], datetime]) -> None:
    """For ever: once an hour delete, in small steps, what is older than `keep`. What cannot be
    deleted just now is an hour later."""
    while True:
        try:
            deleted = await archive.expire(now() - keep)
        except DatabaseError as error:
            log.warning("messages older than %d days stay for now: %s", keep.days, error)
        else:
            if deleted:
                log.info("deleted %d messages older than %d days", deleted, keep.days)
        await asyncio.sleep(EVERY_SECONDS)
