"""Numbers of what has crossed a link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Crossed:
    """Of one room, or of one link. Up is towards the master; `saved` are bytes."""

    since: datetime
    lost: datetime | None = None
    """Since when the other end is out of reach, as a master knows."""
    bytes_up: int = 0
    bytes_down: int = 0
    stanzas_up: int = 0
    stanzas_down: int = 0
    saved: int = 0

    def count(self, size: int, stanzas: int, *, down: bool, saved: int) -> None:
        """Add what crosses now."""
        if down:
            self.bytes_down += size
            self.stanzas_down += stanzas
        else:
            self.bytes_up += size
            self.stanzas_up += stanzas
        self.saved += saved
