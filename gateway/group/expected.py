"""What users have the network change: when it tells of that, it is no news.

A message is known again by its id. Corrections, retractions and reactions have none of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

REMEMBERED = timedelta(seconds=30)
"""How long the network may take to tell of what it was asked to do."""

What = tuple[str, ...]
"""What is changed, such as ("edit", legacy id)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    how: str
    since: datetime


class Expected:
    """The changes of one room that the network has not told of yet: the newest of each thing."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._changes: dict[What, _Change] = {}

    @contextmanager
    def change(self, what: What, how: str = "") -> Iterator[None]:
        """While a user has the network change something, and for half a minute after.

        The network may tell before it answers or after. A refusal takes the expectation back.
        """
        change = self.expect(what, how)
        try:
            yield
        except BaseException:
            if self._changes.get(what) is change:
                del self._changes[what]
            raise

    def expect(self, what: What, how: str) -> _Change:
        """The network has changed something, and will tell of it within half a minute."""
        change = self._changes[what] = _Change(how, self._now())
        return change

    def told(self, what: What, how: str = "") -> bool:
        """Whether a change that the network tells of was shown, or is about to be: asked once.

        If it tells of another change of the same thing, then that is news, and so is the next.
        """
        self._forget()
        change = self._changes.pop(what, None)
        return change is not None and change.how == how

    def awaited(self, what: What) -> str | None:
        """How a thing is to become, as long as the network has not told of it."""
        self._forget()
        change = self._changes.get(what)
        return None if change is None else change.how

    def _forget(self) -> None:
        oldest = self._now() - REMEMBERED
        for what in [w for w, change in self._changes.items() if change.since < oldest]:
            del self._changes[what]
