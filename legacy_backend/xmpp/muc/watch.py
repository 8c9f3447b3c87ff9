"""Keeps an eye on one room: runs the timers of aliveness.py, and sends the pings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from slixmpp.exceptions import XMPPError

from legacy_backend.xmpp.muc.aliveness import PING_TIMEOUT, Aliveness
from legacy_backend.xmpp.muc.selfping import Verdict, verdict


class Watch:
    """`ping` gets a timeout in seconds, and raises XMPPError for an error or none in time."""

    def __init__(
        self,
        ping: Callable[[float], Awaitable[object]],
        *,
        stale: Callable[[], None],
        fresh: Callable[[], None],
        gone: Callable[[], None],
    ) -> None:
        self._ping = ping
        self._stale, self._fresh, self._gone = stale, fresh, gone
        self._aliveness = Aliveness()
        self._ping_timeout = PING_TIMEOUT
        self._timer: asyncio.TimerHandle | None = None
        self._pings: set[asyncio.Task[None]] = set()

    def heard(self) -> None:
        """Something came from the room."""
        loop = asyncio.get_running_loop()
        if self._aliveness.heard(loop.time()):
            self._fresh()
        # A timer that runs already finds out by itself that it is early.
        if self._timer is None:
            self._look()

    def stop(self) -> None:
        """Watch nothing until something is heard again; pings under way do not count any more."""
        self._aliveness.stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for ping in self._pings:
            ping.cancel()

    @property
    def soft_timeout(self) -> timedelta:
        return timedelta(seconds=self._aliveness.soft)

    @soft_timeout.setter
    def soft_timeout(self, value: timedelta) -> None:
        self._aliveness.soft = _seconds(value)
        self._again()

    @property
    def hard_timeout(self) -> timedelta:
        return timedelta(seconds=self._aliveness.hard)

    @hard_timeout.setter
    def hard_timeout(self, value: timedelta) -> None:
        self._aliveness.hard = _seconds(value)
        self._again()

    @property
    def ping_interval(self) -> timedelta:
        return timedelta(seconds=self._aliveness.interval)

    @ping_interval.setter
    def ping_interval(self, value: timedelta) -> None:
        self._aliveness.interval = _seconds(value)
        self._again()

    @property
    def ping_timeout(self) -> timedelta:
        return self._ping_timeout

    @ping_timeout.setter
    def ping_timeout(self, value: timedelta) -> None:
        _seconds(value)
        self._ping_timeout = value

    def _again(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._look()

    def _look(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        due = self._aliveness.look(loop.time())
        if due is None:
            return
        self._timer = loop.call_later(due.again, self._look)
        if due.ping:
            task = loop.create_task(self._ask())
            self._pings.add(task)
            task.add_done_callback(self._pings.discard)
        if due.stale:
            self._stale()

    async def _ask(self) -> None:
        error = None
        try:
            await self._ping(self._ping_timeout.total_seconds())
        except XMPPError as no:
            error = no
        match verdict(error):
            case Verdict.JOINED:
                self.heard()
            case Verdict.GONE:
                self._gone()
            case Verdict.UNKNOWN:
                pass  # the next one may tell


def _seconds(value: timedelta) -> float:
    if value <= timedelta(0):
        raise ValueError(f"a time to wait is more than nothing: {value}")
    return value.total_seconds()
