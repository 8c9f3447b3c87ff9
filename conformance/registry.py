"""The scenarios, and which rows of docs/requirements each of them shows."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.scene import Scene

Transcript = Callable[["Scene"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`rows` are ids of docs/requirements; the name is `file.function`, unique among all."""

    name: str
    rows: tuple[str, ...]
    transcript: Transcript

    @property
    def title(self) -> str:
        """What it shows, in words."""
        return self.name.partition(".")[2].replace("_", " ")


_registered: dict[str, Scenario] = {}


def requirement(*rows: str) -> Callable[[Transcript], Transcript]:
    """Make a scenario of a coroutine function; it shows these rows, and those named above it."""

    def register(transcript: Transcript) -> Transcript:
        name = f"{transcript.__module__.rpartition('.')[2]}.{transcript.__qualname__}"
        there = _registered.get(name)
        if there is not None and there.transcript is not transcript:
            raise ValueError(f"two scenarios are called {name}")
        more = () if there is None else there.rows
        _registered[name] = Scenario(name, (*rows, *more), transcript)
        return transcript

    return register


def all_scenarios() -> list[Scenario]:
    """All of them, file by file, in the order in which they are written."""
    package = importlib.import_module("conformance.scenarios")
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda one: one.name):
        importlib.import_module(f"conformance.scenarios.{module.name}")
    return list(_registered.values())
