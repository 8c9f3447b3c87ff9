"""A component stream that comes back by itself (XEP-0114, XEP-0199)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from slixmpp import ComponentXMPP
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.stanza.rootstanza import RootStanza
from slixmpp.xmlstream import tostring

from gateway.link.backoff import pause
from gateway.link.outbox import Outbox

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    _Base = ComponentXMPP
else:
    _Base = object

MISSES = 2
"""Pings without an answer after which a stream is taken for dead (SM-05)."""


HANDSHAKE_SECONDS = 30.0
"""How long a server that was reached may take to let us in."""


FAILURES_OF_A_CONFLICT = 5
"""As which a conflict counts: the next attempt is a quarter of a minute away."""

HINTS = {
    "conflict": "another process is connected as %s: each address is for one process alone",
    "host-unknown": "the server has no component called %s in its configuration",
    "not-authorized": "the server does not take the secret of %s: it has to be the same here and "
    "there",
}
"""What to do about the errors of XEP-0114 §3, for the log."""


class Stream(_Base):
    """To be mixed into a component: connects, comes back, and feeds an outbox.

    Whatever ends the stream, it is opened again: after a lost connection at once, then more and
    more rarely, up to `reconnect_max` seconds. Until `hang_up`.
    """

    outbox: Outbox
    reconnect_max: float = 60.0
    ping_every: float = 60.0

    def _init_stream(self) -> None:
        self._failures = 0
        self._hung_up = False
        self._again: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self.add_event_handler("connected", self._on_reached)
        self.add_event_handler("session_start", self._on_up)
        self.add_event_handler("disconnected", self._on_down)
        self.add_event_handler("stream_error", self._on_stream_error)

    def dial(self) -> None:
        """Connect, now and for ever."""
        self.connect(self.server_host, int(self.server_port))

    async def hang_up(self, patience: float = 2.0) -> None:
        """Close the stream for good, once what is under way has been handed to it."""
        self._hung_up = True
        for task in (self._again, self._watch):
            if task is not None:
                task.cancel()
        if self.transport is None:
            self.cancel_connection_attempt()
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.waiting_queue.join(), patience)
        await self.disconnect(patience)

    def _on_reached(self, _: Any) -> None:
        self._watch_with(self._give_up_waiting())

    async def _on_up(self, _: Any) -> None:
        self._failures = 0
        if self.transport is not None:
            self.outbox.connected(self.transport)
        log.info("connected to %s:%s as %s", self.server_host, self.server_port, self.boundjid)
        self._watch_with(self._keep_watch() if self.ping_every else None)

    def _on_down(self, reason: Any) -> None:
        self.outbox.disconnected()
        self._watch_with(None)
        if self._hung_up or (self._again is not None and not self._again.done()):
            return
        log.warning("the connection to the server is gone: %s", reason or "closed")
        self._again = asyncio.create_task(self._come_back())

    def _on_stream_error(self, error: Any) -> None:
        condition = error["condition"]
        log.error("the server ended the stream: %s %s", condition, error["text"])
        if condition in HINTS:
            log.error(HINTS[condition], self.boundjid.bare)
        if condition == "conflict":  # two that come back at once would push each other out for ever
            self._failures = max(self._failures, FAILURES_OF_A_CONFLICT)

    async def _come_back(self) -> None:
        await asyncio.sleep(pause(self._failures, self.reconnect_max))
        self._failures += 1
        self.dial()

    def reschedule_connection_attempt(self) -> asyncio.Future[None] | None:
        """Try again later; slixmpp asks for this when nobody listens at the address."""
        if not self._hung_up:
            self._again = asyncio.create_task(self._come_back())
        return None

    def _watch_with(self, watch: Coroutine[Any, Any, None] | None) -> None:
        """Have the stream watched in this way from now on, and no more in another."""
        if self._watch is not None:
            self._watch.cancel()
        self._watch = None if watch is None else asyncio.create_task(watch)

    async def _give_up_waiting(self) -> None:
        """Give the stream up if the server does not get on with the handshake."""
        await asyncio.sleep(HANDSHAKE_SECONDS)
        log.warning("the server does not answer the handshake; the connection is given up")
        self.abort()

    async def _keep_watch(self) -> None:
        """Ask the server whether it is there, and give the stream up when it is silent."""
        missed = 0
        while missed < MISSES:
            await asyncio.sleep(self.ping_every)
            missed = 0 if await self._server_answers() else missed + 1
        log.warning("the server is silent; the connection is given up")
        self.abort()

    async def _server_answers(self) -> bool:
        iq = self.make_iq_get(ito=self.boundjid.bare.partition(".")[2], ifrom=self.boundjid.bare)
        iq.enable("ping")
        try:
            await iq.send(timeout=min(self.ping_every, 30))  # type: ignore[no-untyped-call]
        except IqTimeout:
            return False
        except IqError:
            return True
        return True

    # What slixmpp sends goes the way of what rooms send: in one order (SM-06), and never into a
    # list or a buffer without an end

    def send(self, data: Any, use_filters: bool = True) -> None:
        """Send a stanza, or hold it for the server that is away."""
        if isinstance(data, RootStanza) and not self._session_started:
            self.outbox.write(self._serialised(data))
        else:
            super().send(data, use_filters)

    def send_raw(self, data: str | bytes) -> None:
        """Send bytes, once the server has let us in after all that was sent before."""
        if self._session_started and self.outbox.connected_now:
            self.outbox.write(data.encode() if isinstance(data, str) else data)
        else:
            super().send_raw(data)

    def _serialised(self, stanza: RootStanza) -> bytes:
        text: str = tostring(stanza.xml, xmlns=self.default_ns, stream=self, top_level=True)
        return text.encode()

    # asyncio's flow control: a slow server slows us, and is not buried

    def pause_writing(self) -> None:
        self.outbox.pause()

    def resume_writing(self) -> None:
        self.outbox.resume()
