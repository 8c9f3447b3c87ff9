"""How long to wait before a server is tried again that has let go of us."""

from __future__ import annotations

import random

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""Seconds."""


def pause(failures: int) -> float:
    """Seconds after so many failures in a row (1 or more). Many accounts of one server shall not
    come back at the same moment."""
    longest = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2.0 ** min(failures - 1, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311
