"""Keeping what lasts from the garbage collector.

A full collection goes through every object there is, and holds the event loop meanwhile: 30 ms for
the people of a room of 10,000, and the longer the more rooms there are.
"""

from __future__ import annotations

import gc

ENOUGH = 2_000
"""So many new people are worth it. Whatever garbage in circles is there at that moment stays."""


class Lasting:
    """Counts the people who have come since the last time."""

    def __init__(self) -> None:
        self._new = 0

    def came(self, count: int) -> None:
        """So many people were filed, to be there for long."""
        self._new += count
        if self._new >= ENOUGH:
            gc.collect(1)
            self.all()

    def all(self) -> None:
        """All that is there at this moment is to be there for long."""
        self._new = 0
        gc.freeze()


lasting = Lasting()
"""The process's; it has one collector."""
