"""Whether a room is still there: timers that silence lets run out (XEP-0410). No clock in here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

SOFT_TIMEOUT = timedelta(minutes=13)
HARD_TIMEOUT = timedelta(minutes=15)
PING_INTERVAL = timedelta(minutes=2)
PING_TIMEOUT = timedelta(minutes=8)


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done now, and in how many seconds to look again."""

    ping: bool
    stale: bool
    again: float


@dataclass(slots=True)
class Aliveness:
    """Times are seconds of any one clock.

    After `soft` of silence the room is pinged, every `interval`; after `hard` it is stale.
    Anything from it starts both anew.
    """

    soft: float = SOFT_TIMEOUT.total_seconds()
    hard: float = HARD_TIMEOUT.total_seconds()
    interval: float = PING_INTERVAL.total_seconds()
    heard_at: float | None = None
    """None while nothing is to be watched: no presence has come yet."""
    pinged_at: float | None = None
    stale: bool = False

    def heard(self, now: float) -> bool:
        """Something came. Whether the room was stale, and is not any more."""
        was_stale, self.stale = self.stale, False
        self.heard_at, self.pinged_at = now, None
        return was_stale

    def stop(self) -> None:
        """Watch nothing until something is heard again."""
        self.heard_at, self.pinged_at, self.stale = None, None, False

    def look(self, now: float) -> Due | None:
        """What silence has led to; None if nothing is watched. Each is told once."""
        if self.heard_at is None:
            return None
        stale = not self.stale and now >= self.heard_at + self.hard
        self.stale = self.stale or stale
        ping = now >= self._next_ping(self.heard_at)
        if ping:
            self.pinged_at = now
        coming = [self._next_ping(self.heard_at)]
        if not self.stale:
            coming.append(self.heard_at + self.hard)
        return Due(ping, stale, max(0.0, min(coming) - now))

    def _next_ping(self, heard_at: float) -> float:
        return heard_at + self.soft if self.pinged_at is None else self.pinged_at + self.interval
