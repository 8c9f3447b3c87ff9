"""How fast the database takes what is written: numbers that the writer's thread keeps."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds; the last bucket is for all that took longer."""


@dataclass(slots=True)
class Pace:
    """Kept by one thread, and read by any: each number is right, if not all of one moment."""

    writes: int = 0
    """Jobs of batches that were committed."""
    faults: int = 0
    """Attempts that failed."""
    seconds: float = 0.0
    """What the batches took, those that succeeded."""
    batches: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    """How many took up to each of BOUNDS, and no less than the one before; then the longer ones."""

    def took(self, seconds: float, writes: int) -> None:
        """Count a batch."""
        self.writes += writes
        self.seconds += seconds
        self.batches[bisect_left(BOUNDS, seconds)] += 1
