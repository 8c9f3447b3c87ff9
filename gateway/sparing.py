"""Giving memory back to the system once a burst of writes is over.

SQLite keeps the pages that it has written, up to 32 MiB of them, and the C library
what was freed in between: a third of what the gateway takes after it has written who is in the
rooms of a hundred users.
"""

from __future__ import annotations

import asyncio
import ctypes
from contextlib import suppress

from gateway.database import Database
from gateway.errors import DatabaseError

EVERY = 10.0
"""Seconds between two looks at what was written."""

MANY = 200
"""Writes since memory was given back that are worth it, once no quarter of them is of the last
EVERY seconds."""


class Sparing:
    """How much was written, and when memory was given back."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen = self._given_back = 0

    async def run(self) -> None:
        """Give memory back whenever it is time, for ever."""
        while True:
            await asyncio.sleep(EVERY)
            await self.look()

    async def look(self) -> None:
        """Give memory back if a burst is over."""
        now = self._database.pace.writes
        if MANY <= now - self._given_back >= 4 * (now - self._seen):
            with suppress(DatabaseError):  # it is away: another time
                await self._database.shrink()
            await asyncio.to_thread(trim)
            self._given_back = now = self._database.pace.writes
        self._seen = now


def trim() -> None:
    """Give back what the C library holds, if it can be told to (glibc)."""
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if give_back is not None:
        give_back(0)
