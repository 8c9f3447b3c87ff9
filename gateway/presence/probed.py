"""Probes that we sent, and that a server may still answer by "unsubscribed"."""

from __future__ import annotations

import time
from collections.abc import Callable

ANSWER_SECONDS = 30.0
"""How long an answer may take; what comes later is the user's own word."""


class Probed:
    """Which users were asked how they are, and by which addresses of ours, the longest ago first.

    RFC 6121 §4.3.2 has a server answer nothing at all in some cases.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._sent: dict[tuple[str, str], float] = {}

    def sent(self, user: str, local: str) -> None:
        """A probe goes out."""
        self._forget()
        self._sent.pop((user, local), None)
        self._sent[(user, local)] = self.clock()

    def answered(self, user: str, local: str) -> bool:
        """Something comes: whether it may be the answer to a probe, which then is answered."""
        self._forget()
        return self._sent.pop((user, local), None) is not None

    def _forget(self) -> None:
        oldest = self.clock() - ANSWER_SECONDS
        while self._sent:
            first = next(iter(self._sent))
            if self._sent[first] > oldest:
                return
            del self._sent[first]
