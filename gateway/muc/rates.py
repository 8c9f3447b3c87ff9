"""How much one user may ask of the gateway: a bucket of tokens for each, by kind of stanza."""

from __future__ import annotations

import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.errors import Refused

log = logging.getLogger(__name__)

REMEMBERED = 10_000
"""Users whose buckets are kept; one that is forgotten starts full again."""

LASTING = 10
"""How many whole minutes' worth somebody goes on asking for in vain before it is abuse."""


@dataclass(slots=True)
class _Bucket:
    """What is `left` of one kind as of `since`, and how often there was too little in a row."""

    left: float
    since: float
    refused: int = 0


@dataclass(slots=True)
class Rates:
    """What a user may do in a minute, by kind; the whole minute's at once, if they like. 0 is no
    limit. `refused` counts what was not let through, by kind."""

    per_minute: Mapping[str, int]
    clock: Callable[[], float] = time.monotonic
    refused: Counter[str] = field(default_factory=Counter)
    _users: OrderedDict[str, dict[str, _Bucket]] = field(default_factory=OrderedDict)

    def spend(self, kind: str, user: str, count: int = 1) -> None:
        """Take tokens of a user's; more than fit into a bucket count as a whole one.

        Raises Refused: "resource-constraint" if they have too few left, and "policy-violation"
        if they go on all the same: then nothing passes until they were silent for a minute.
        """
        most = self.per_minute.get(kind, 0)
        if not most:
            return
        now = self.clock()
        bucket = self._bucket(kind, user, most, now)
        bucket.left = min(float(most), bucket.left + (now - bucket.since) * most / 60)
        bucket.since = now
        if bucket.left == most:
            bucket.refused = 0
        abused = bucket.refused >= LASTING * most
        price = min(count, most)
        if bucket.left >= price and not abused:
            bucket.left -= price
            return
        self.refused[kind] += 1
        bucket.refused += 1
        _note(user, kind, bucket.refused)
        if abused:
            bucket.left = 0.0
            raise Refused(
                "policy-violation",
                f"You go on sending too many {kind}; be silent for a minute.",
                "wait",
            )
        raise Refused("resource-constraint", f"That is too many {kind} at once; wait a moment.")

    def _bucket(self, kind: str, user: str, most: int, now: float) -> _Bucket:
        buckets = self._users.setdefault(user, {})
        self._users.move_to_end(user)
        if len(self._users) > REMEMBERED:
            self._users.popitem(last=False)
        return buckets.setdefault(kind, _Bucket(float(most), now))


def _note(user: str, kind: str, times: int) -> None:
    """Tell the operator of the first refusal in a row, the tenth, the hundredth, …"""
    digits = str(times)
    if digits.rstrip("0") == "1":
        log.warning("%s sends too many %s: refused %s in a row", user, kind, digits)
