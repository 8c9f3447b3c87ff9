"""Having rooms fold away their people when nobody looks (`gateway.room.books`)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from itertools import takewhile
from typing import TYPE_CHECKING

from gateway.group.turns import Turns

if TYPE_CHECKING:
    from gateway.group.live import LiveRoom

EVERY = 1.0
"""Seconds between two looks at the rooms that are unfolded."""

QUIET = 30.0
"""Seconds for which nobody has to have asked. That 200 people fold and unfold takes a millisecond,
and so no more than a thirtieth of a thousandth of the time."""

UNSEEN = 0.5
"""The same for a room that was filled with nobody in it, until it is folded: a start fills all."""

FILLED = 20
"""Rooms that are filled and not folded yet, at most: what is free between what stays is not given
back to the system."""

HELD = 50
"""If more people than that cannot be folded since somebody holds them, it is tried again."""


class Resting:
    """The rooms of which people are unfolded, those first that have been looked after longest ago.

    Whether somebody has asked for people is seen at the end of each time of quiet, so that rooms
    cost nothing in between: it may be up to twice as long.
    """

    def __init__(self) -> None:
        self._awake: dict[LiveRoom, float] = {}
        self._filled: dict[LiveRoom, float] = {}

    def add(self, live: LiveRoom) -> None:
        """A room has people whom somebody wants to see."""
        self._awake.pop(live, None)
        self._awake[live] = time.monotonic()

    def filled(self, live: LiveRoom) -> None:
        """The network has told who is in a group, and nobody is in the room to see them."""
        live.room.books.looked_at = False
        self._filled.pop(live, None)
        self._filled[live] = time.monotonic()
        while len(self._filled) > FILLED:
            first = next(iter(self._filled))
            del self._filled[first]
            self._fold(first)

    async def run(self) -> None:
        """Fold what nobody looks at, for ever."""
        while True:
            await asyncio.sleep(EVERY)
            await self.look(time.monotonic())

    async def look(self, now: float) -> None:
        """Fold what nobody has looked at for a while, or since it was filled."""
        turns = Turns()
        for live in _due(self._filled, now - UNSEEN):
            await turns.pause()
            if live.room.books.looked_at:
                self.filled(live)
            else:
                self._filled.pop(live, None)
                self._fold(live)
        for live in _due(self._awake, now - QUIET):
            await turns.pause()
            if live.room.books.looked_at:
                live.room.books.looked_at = False
                self.add(live)
            else:
                self._fold(live)

    def _fold(self, live: LiveRoom) -> None:
        if live not in self._awake:  # is folded already
            return
        if not live.may_rest or live.rest() > HELD:
            self.add(live)
        else:
            del self._awake[live]


def _due(rooms: Mapping[LiveRoom, float], before: float) -> list[LiveRoom]:
    """Those from before a time, of rooms in order of it."""
    return [live for live, _ in takewhile(lambda item: item[1] <= before, rooms.items())]
