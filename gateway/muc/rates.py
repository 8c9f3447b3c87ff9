"""How much one user may ask of the rooms: a bucket of tokens for each, by kind of stanza."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.errors import Refused

REMEMBERED = 10_000
"""Users whose buckets are kept; one that is forgotten starts full again."""


@dataclass(slots=True)
class Rates:
    """What a user may do in a minute, by kind; the whole minute's at once, if they like. 0 is no
    limit. `refused` counts what was not let through."""

    per_minute: dict[str, int]
    clock: Callable[[], float] = time.monotonic
    refused: Counter[str] = field(default_factory=Counter)
    _left: OrderedDict[tuple[str, str], tuple[float, float]] = field(default_factory=OrderedDict)

    def spend(self, kind: str, user: str) -> None:
        """Take one token of a user's.

        Raises Refused "resource-constraint" if they have none left.
        """
        most = self.per_minute.get(kind, 0)
        if not most:
            return
        now = self.clock()
        left, since = self._left.pop((kind, user), (float(most), now))
        left = min(float(most), left + (now - since) * most / 60)
        enough = left >= 1
        self._left[(kind, user)] = (left - 1 if enough else left, now)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        if not enough:
            self.refused[kind] += 1
            raise Refused("resource-constraint", f"That is too many {kind} at once; wait a moment.")
