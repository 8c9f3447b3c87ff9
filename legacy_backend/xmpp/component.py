"""The stream of a component: it connects, comes back by itself, and says where it stands
(XEP-0114)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final
from xml.etree import ElementTree as ET

from slixmpp import JID, ComponentXMPP, Iq
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from legacy_backend.terms import LegacyError
from legacy_backend.values import LoginState
from legacy_backend.xmpp.backoff import pause
from legacy_backend.xmpp.link import Tell, hang_up
from legacy_backend.xmpp.muc.names import CLIENT, PING, element, qualified

log = logging.getLogger(__name__)

ACCEPT: Final = "jabber:component:accept"
STANZAS: Final = frozenset(qualified(ACCEPT, name) for name in ("iq", "message", "presence"))

HANDSHAKE_SECONDS = 30.0
"""How long a server that was reached may take to let us in."""

PING_SECONDS = 60.0
"""Between two questions whether the stream still carries anything, and for each answer half."""

FAILURES_OF_A_CONFLICT = 5
"""As which a conflict counts: two that come back at once would push each other out for ever."""

HINTS = {
    "conflict": "another process is connected as {}",
    "host-unknown": "the server has no component {}",
    "not-authorized": "the server does not take puppets_secret for {}",
}
"""What the errors of XEP-0114 §3 mean here. Only whoever runs the gateway can do something."""


class Component:
    """Connects until `stop`. `tell`, which whoever made it sets, hears of each change of state."""

    def __init__(self, domain: str, secret: str, host: str, port: int) -> None:
        self.state = LoginState.CONNECTING
        self.why = ""
        self.tell: Tell = lambda _, __: None
        self.xmpp = _Stream(domain, secret, host, port)
        self._news = asyncio.Event()
        self._refused = ""
        """Why the server has ended the stream, "" if it did not say so."""
        self._failures = 0
        self._again: asyncio.TimerHandle | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopped = False
        # It would keep every occupant of every room, and answer subscriptions.
        self.xmpp.remove_handler("Presence")
        # COMPAT: slixmpp 1.17 follows see-other-host, whoever that is.
        self.xmpp.remove_handler("Stream Error")
        error = MatchXPath(f"{{{self.xmpp.stream_ns}}}error")
        self.xmpp.register_handler(Callback("Ended stream", error, self._ended))
        for event, handler in (
            ("connected", self._reached),
            ("session_start", self._started),
            ("disconnected", self._lost),
            ("connection_failed", self._failed),
        ):
            self.xmpp.add_event_handler(event, handler)

    def start(self) -> None:
        """Connect, unless we are."""
        if not self.xmpp.is_connected():
            self._refused = ""
            self.xmpp.connect()

    async def stop(self) -> None:
        self._stopped = True
        if self._again is not None:
            self._again.cancel()
        self._watch_with(None)
        await hang_up(self.xmpp)

    async def connected(self, within: float) -> None:
        """Return once the server has let us in.

        Raises LegacyError "remote-server-timeout" if it does not in so many seconds, or has said
        that it will not.
        """
        try:
            async with asyncio.timeout(within):
                while self.state is not LoginState.CONNECTED:
                    if self.state is LoginState.UNKNOWN_ERROR:
                        raise LegacyError("remote-server-timeout", self.why)
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            why = self.why or "it does not answer"
            raise LegacyError(
                "remote-server-timeout",
                f"The server of {self.xmpp.boundjid.bare} cannot be reached: {why}.",
            ) from None

    # what slixmpp tells

    def _reached(self, _: object) -> None:
        self._watch_with(self._give_up_waiting())

    def _started(self, _: object) -> None:
        self._failures = 0
        self._refused = ""
        log.info("puppets are connected as %s", self.xmpp.boundjid.bare)
        self._watch_with(self._keep_watch())
        self._become(LoginState.CONNECTED, "")

    def _ended(self, error: Any) -> None:
        condition = str(error["condition"])
        if condition == "conflict":
            self._failures = max(self._failures, FAILURES_OF_A_CONFLICT)
        if condition in HINTS:
            hint = HINTS[condition].format(self.xmpp.boundjid.bare)
            log.error("%s; see [network.options] puppets", hint)
            self._refused = f"{hint}: whoever runs this gateway has to look after that"
        else:
            self._refused = f"the server has ended the stream ({condition})"
            log.warning("%s: %s", self.xmpp.boundjid.bare, self._refused)

    def _lost(self, reason: Any) -> None:
        self._watch_with(None)
        if self._stopped:
            return
        if self._refused and self.state is not LoginState.CONNECTED:
            self._become(LoginState.UNKNOWN_ERROR, self._refused)
        else:
            why = self._refused or str(reason or "the link was lost")
            self._become(LoginState.TRANSIENT_DISCONNECT, why)
        self._failures += 1
        self._again = asyncio.get_running_loop().call_later(pause(self._failures), self.start)

    def _failed(self, reason: Any) -> None:
        self.why = str(reason or "no connection")

    def _become(self, state: LoginState, why: str) -> None:
        before, self.state, self.why = self.state, state, why
        self._news.set()
        if not self._stopped and state is not before:
            log.info("%s: %s %s", self.xmpp.boundjid.bare, state.value, why)
            self.tell(state, why)

    # whether it is still there

    def _watch_with(self, watch: Coroutine[Any, Any, None] | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._watch = None if watch is None else asyncio.create_task(watch)

    async def _give_up_waiting(self) -> None:
        await asyncio.sleep(HANDSHAKE_SECONDS)
        log.warning("the server of %s does not let us in: trying again", self.xmpp.boundjid.bare)
        self.xmpp.abort()

    async def _keep_watch(self) -> None:
        """Ask ourselves through the server, which needs no address that it may not have."""
        carries = True
        while carries:
            await asyncio.sleep(PING_SECONDS)
            carries = await self._carries()
        log.warning("the server of %s is silent: trying again", self.xmpp.boundjid.bare)
        self.xmpp.abort()

    async def _carries(self) -> bool:
        own = JID(self.xmpp.boundjid.bare)
        iq = Iq(self.xmpp)  # type: ignore[no-untyped-call]
        iq["type"], iq["from"], iq["to"] = "get", own, own
        iq.xml.append(element(PING, "ping"))
        try:
            await iq.send(timeout=PING_SECONDS / 2)  # type: ignore[no-untyped-call]
        except IqTimeout:
            return False
        except IqError:
            pass  # whoever refused it, it has got somewhere
        return True


class _Stream(ComponentXMPP):
    """Its stanzas read as those of an account, which are in jabber:client."""

    def __init__(self, domain: str, secret: str, host: str, port: int) -> None:
        super().__init__(domain, secret, host, port, use_jc_ns=True)  # type: ignore[no-untyped-call]

    def incoming_filter(self, xml: ET.Element) -> ET.Element:
        if xml.tag in STANZAS:
            for one in xml.iter():
                namespace, _, name = one.tag.rpartition("}")
                if namespace == "{" + ACCEPT:
                    one.tag = qualified(CLIENT, name)
        return xml
