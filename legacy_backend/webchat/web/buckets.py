"""How often something may be asked for."""

from __future__ import annotations

from collections.abc import Hashable
from time import monotonic

_MOST_KEYS = 20_000


class Buckets:
    """A token bucket for each key: `burst` at once, then `rate` a second; rate 0 limits nothing."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._left: dict[Hashable, tuple[float, float]] = {}

    def take(self, key: Hashable) -> float:
        """Take a token; returns 0.0, or in how many seconds there will be one."""
        if self._rate <= 0:
            return 0.0
        now = monotonic()
        tokens = self._tokens(key, now)
        if tokens < 1:
            return (1 - tokens) / self._rate
        self._left.pop(key, None)  # so that the longest unused come first
        self._left[key] = (tokens - 1, now)
        if len(self._left) > _MOST_KEYS:
            del self._left[next(iter(self._left))]
        return 0.0

    def _tokens(self, key: Hashable, now: float) -> float:
        tokens, then = self._left.get(key, (float(self._burst), now))
        return min(float(self._burst), tokens + (now - then) * self._rate)
