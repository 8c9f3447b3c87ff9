"""One error to a message, whatever number of things it said (RFC 6120 §8.3.1).

COMPAT: slidge 0.4.2 deals with each thing that a message says (a marker, a retraction) by itself,
and refuses each.
"""

from __future__ import annotations

MOST = 1000
"""Messages that are kept in mind."""


class Refusals:
    """Which of the latest messages were refused."""

    def __init__(self) -> None:
        self._refused: dict[tuple[str, str], bool] = {}

    def comes(self, sender: str, id: str) -> None:
        """A message has come: what was refused under its id before was another."""
        self._refused.pop((sender, id), None)
        self._refused[(sender, id)] = False
        if len(self._refused) > MOST:
            del self._refused[next(iter(self._refused))]

    def is_first(self, sender: str, id: str) -> bool:
        """Whether this refusal is the first one that a message gets."""
        if self._refused.get((sender, id)):
            return False
        if (sender, id) in self._refused:
            self._refused[(sender, id)] = True
        return True
