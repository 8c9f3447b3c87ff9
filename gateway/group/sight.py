"""What of a room's past is known, and what is missing from its archive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from gateway.archive import Gap
from gateway.archive.gap import Known, State
from gateway.group.host import Host


class Sight:
    """The part of a room at work that knows whether somebody listens to what the network says in
    it, and the gaps where nobody did."""

    def __init__(self, host: Host, id: int) -> None:
        self.host = host
        self.id = id
        self.history_known = False
        """Whether the archive has what the network said while nobody listened."""
        self.unheard_since = host.now()
        """Since when that may be, if it has not."""
        self.reading: asyncio.Task[None] | None = None
        """What is just asking for it, for all who have a handle on the room."""
        self.reading_now = asyncio.Lock()
        """Held while a piece of the past is read."""
        self.gaps: dict[int, Gap] = {}
        """What is known to be missing, by the number of the row, but for the gap without an end."""
        self._missing: asyncio.Future[Gap] | None = None
        self.was_opened = False
        """Whether the process before had written down such a gap without an end."""
        self.losses = 0
        """How often nobody listened any more."""
        self.posted = 0
        """How many messages of the network's were posted."""
        self.went_on: Known | None = None
        """The first of them since the gap without an end began."""

    @property
    def is_opened(self) -> bool:
        """Whether the gap without an end is written down, or just being."""
        return self._missing is not None and not _failed(self._missing)

    def missing(self) -> asyncio.Future[Gap]:
        """The gap that has no end yet: what the network said since the newest message that was
        archived before this process, or before `lost_sight`."""
        if self._missing is None or _failed(self._missing):
            self._missing = self.host.gaps.open(self.id)
            self.went_on = None
        return self._missing

    def lost_sight(self) -> None:
        """The network is out of reach: what it says from now on has to be asked for later."""
        self.losses += 1
        if self.history_known:
            self.unheard_since = self.host.now()
        heard = None if self.history_known else self.went_on
        self.history_known = False
        if heard is not None and self._missing is not None:
            _then(self._missing, lambda gap: self.has_end(gap, heard))
            self._missing = self.host.gaps.open(self.id, heard)
            self.went_on = None
        self.missing()

    def has_end(self, gap: Gap, end: Known) -> None:
        """What was said from `end` on was heard."""
        self.gaps[gap.id] = replace(gap, before=end)

    def try_again(self) -> None:
        """The network is back: what it could not give before is worth another try."""
        now = self.host.now()
        self.gaps = {id: replace(gap, next_try=now) for id, gap in self.gaps.items()}
        if self._missing is not None and self._missing.done() and not _failed(self._missing):
            self.went_past(replace(self._missing.result(), next_try=now))

    def regained_sight(self) -> None:
        """All that the network says from now on is heard: the gap has an end, or is none."""
        self.history_known = True
        self._missing = None

    def went_past(self, gap: Gap) -> None:
        """The gap without an end begins elsewhere now, or is to be left alone for some time."""
        self._missing = asyncio.get_running_loop().create_future()
        self._missing.set_result(gap)

    def forget_gaps(self, closed: Iterable[int]) -> None:
        """These gaps, by number of the row, are none any more."""
        for id in closed:
            self.gaps.pop(id, None)

    @property
    def keeps_since(self) -> datetime | None:
        """What was said before is not kept; None is for all to be kept."""
        age = self.host.retention.of(self.id)
        return None if age is None else self.host.now() - age

    @property
    def whole(self) -> bool:
        """Whether nothing is missing but what is further back than anybody looked."""
        return self.history_known and not any(
            gap.state is State.WANTED for gap in self.gaps.values()
        )


def _failed(future: asyncio.Future[Gap]) -> bool:
    return future.done() and (future.cancelled() or future.exception() is not None)


def _then(future: asyncio.Future[Gap], act: Callable[[Gap], None]) -> None:
    """Do something with what comes of it, if anything does; at once if it is there."""
    if future.done():
        if not _failed(future):
            act(future.result())
    else:
        future.add_done_callback(lambda done: None if _failed(done) else act(done.result()))
