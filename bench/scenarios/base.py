"""What a scenario is, and how it finds the size that suits an engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from bench.stage import Stage


@dataclass(frozen=True)
class Metric:
    """`more`: whether a greater value is the better one."""

    name: str
    unit: str
    more: bool


@dataclass(frozen=True)
class Size:
    """What may be asked for on the command line; None leaves it to the scenario.

    `limit`: seconds after which an engine is out.
    """

    repeat: int | None = None
    users: int | None = None
    messages: int = 100_000
    limit: float = 120


class Scenario(ABC):
    """One question to both engines. An object lives as long as one engine's stage.

    `users`, and whether another number of them may be asked for. `groups` as in `Engine`.
    """

    name: ClassVar[str]
    about: ClassVar[str]
    users: ClassVar[int] = 1
    any_users: ClassVar[bool] = False
    groups: ClassVar[tuple[int, int]] = (0, 0)
    shared: ClassVar[bool] = False
    repeat: ClassVar[int] = 3

    def __init__(self, stage: Stage, size: Size) -> None:
        self.stage = stage
        self.size = size

    @abstractmethod
    async def prepare(self) -> None:
        """Everything that is not measured: groups, joins, a first run to warm up."""

    @abstractmethod
    async def measure(self, run: int) -> dict[Metric, float]:
        """One value per metric. Raises Incomplete if it would not be an honest one."""


def sized(per_second: float, seconds: float, low: int, high: int) -> int:
    """How many take about `seconds` at that pace, so that a slow engine has to do fewer.

    One fixed number would be over before the clock has ticked for one engine, or take minutes
    for the other.
    """
    return min(high, max(low, int(per_second * seconds)))
