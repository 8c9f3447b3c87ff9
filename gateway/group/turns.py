"""Giving others a turn of the event loop in the midst of long work."""

from __future__ import annotations

import asyncio
import time

AT_MOST = 0.01
"""Seconds of work between two turns."""


class Turns:
    """How long one has worked without a pause."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    async def pause(self) -> None:
        """Let others go on, if it is time: what was read before may be stale then."""
        if time.monotonic() - self._since > AT_MOST:
            await asyncio.sleep(0)
            self._since = time.monotonic()
