"""The handles on people that there are, whoever holds them.

One table for all rooms: a handle lives for as long as it takes to say something, and there may be
very many rooms, for each of which a table of its own would stay.
"""

from __future__ import annotations

from collections import deque
from typing import Any
from weakref import WeakValueDictionary

from legacy_backend.terms import MemberId

MADE_LATELY = 1_000
"""Handles that are kept though nobody holds them, so that they need not be made for each message.
Those of everybody would take more memory than the rooms."""


class Handles:
    """The handles on people, by the handle on the room that they are of, which they hold."""

    def __init__(self) -> None:
        self._all: WeakValueDictionary[tuple[int, MemberId], Any] = WeakValueDictionary()
        self._lately: deque[object] = deque(maxlen=MADE_LATELY)

    def of(self, muc: object, member: MemberId) -> Any:
        """The handle on somebody, None if there is none."""
        return self._all.get((id(muc), member))

    def add(self, muc: object, member: MemberId, handle: object) -> None:
        self._all[id(muc), member] = handle
        self._lately.append(handle)

    def forget(self, muc: object, member: MemberId) -> None:
        """Whoever asks for this one again gets another."""
        self._all.pop((id(muc), member), None)
