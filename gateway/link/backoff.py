"""How long to wait before trying again."""

from __future__ import annotations

import random


def pause(failures: int, longest: float) -> float:
    """Seconds to wait after so many failures in a row (0 or more): at once, then 1, 2, 4, …

    Never more than `longest`, and off by up to a fifth either way, so that many who lost the same
    server do not come back in step.
    """
    if failures == 0:
        return 0.0
    return min(2.0 ** min(failures - 1, 30), longest) * random.uniform(0.8, 1.2)  # noqa: S311
