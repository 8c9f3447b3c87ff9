"""The stream of a user's account: it connects, comes back by itself, and says where it stands."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import Any

from slixmpp import JID, ClientXMPP, Message
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath
from slixmpp.xmlstream.stanzabase import StanzaBase

from legacy_backend.terms import LegacyError
from legacy_backend.values import LoginState
from legacy_backend.xmpp.archive import Reader
from legacy_backend.xmpp.backoff import pause
from legacy_backend.xmpp.bookmarks import NS as BOOKMARKS
from legacy_backend.xmpp.bookmarks import Bookmarks
from legacy_backend.xmpp.flow import Flow
from legacy_backend.xmpp.link import Tell, hang_up
from legacy_backend.xmpp.muc import MUCClient
from legacy_backend.xmpp.muc.names import CLIENT
from legacy_backend.xmpp.settings import Settings

log = logging.getLogger(__name__)

_FOR_GOOD = frozenset({"not-authorized", "account-disabled", "credentials-expired"})
"""Refusals of a password after which no other attempt makes sense (RFC 6120 §6.5)."""


class Login:
    """One account, and the link of whoever has it. `tell`, which whoever takes it sets, hears of
    each change of state, and why."""

    def __init__(
        self, jid: JID, password: str, settings: Settings, context: ssl.SSLContext
    ) -> None:
        self.jid = JID(jid.bare)
        self.state = LoginState.CONNECTING
        self.why = ""
        self._password = password
        self.tell: Tell = lambda _, __: None
        self._news = asyncio.Event()
        self._failures = 0
        self._refused = ""
        """Why the server did not let us in the last time, "" if it did not say so."""
        self._again: asyncio.TimerHandle | None = None
        self._closed = False
        self._place = settings.places.get(self.jid.domain)
        bare = self.jid.domain in settings.unencrypted
        plain = {"unencrypted_plain": bare, "unencrypted_scram": bare}
        self.xmpp = ClientXMPP(
            self.jid,
            password,
            plugin_config={
                "feature_mechanisms": plain,
                "xep_0199": {"keepalive": True, "interval": 60, "timeout": 30},
            },
            ssl_context=context,
        )
        if bare:
            self.xmpp.enable_plaintext = True
            self.xmpp.enable_direct_tls = self.xmpp.enable_starttls = False
        # Who may see the account's presence, its owner says with another client.
        self.xmpp.roster.auto_authorize = None  # type: ignore[assignment]
        self.xmpp.roster.auto_subscribe = False
        for plugin in ("xep_0030", "xep_0092", "xep_0115", "xep_0198", "xep_0199"):
            self.xmpp.register_plugin(plugin)
        self.xmpp.plugin["xep_0092"].software_name = "Sluice"
        # COMPAT: slixmpp 1.17 follows see-other-host before TLS, and takes the other host's
        # certificate for the server's: anybody on the way could have the password.
        self.xmpp.remove_handler("Stream Error")
        error = MatchXPath(f"{{{self.xmpp.stream_ns}}}error")
        self.xmpp.register_handler(Callback("Ended stream", error, self._ended))
        # It would ask everybody in every room what they can do.
        self.xmpp.remove_handler("Entity Capabilities")
        for event, handler in (
            ("session_start", self._started),
            ("session_resumed", self._resumed),
            ("disconnected", self._lost),
            ("connection_failed", self._failed),
            ("ssl_invalid_chain", self._untrusted),
            ("failed_auth", self._unauthorized),
            ("failed_all_auth", self._locked_out),
            ("no_auth", self._unsafe),
        ):
            self.xmpp.add_event_handler(event, handler)
        self.client = MUCClient.summon(self.xmpp)
        self.reader = Reader(self.xmpp)
        self.flow = Flow(self.xmpp)
        self.bookmarks = Bookmarks(self.client.wire, self.jid)

    def is_for(self, jid: JID, password: str) -> bool:
        return not self._closed and (self.jid.bare, self._password) == (jid.bare, password)

    def start(self) -> None:
        """Connect, unless we are: slixmpp reconnects by itself after a ping that nobody answers."""
        if self.xmpp.is_connected():
            return
        self._refused = ""
        host, port = self._place or (None, None)
        self.xmpp.connect(host, port)

    async def connected(self, within: float) -> None:
        """Return once the account is logged in.

        Raises LegacyError: "not-authorized" if the server does not accept the password,
        "remote-server-timeout" if it cannot be reached in so many seconds.
        """
        try:
            async with asyncio.timeout(within):
                while self.state is not LoginState.CONNECTED:
                    if self.state.needs_user:
                        raise LegacyError("not-authorized", self.why)
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            why = self.why or "it does not answer"
            raise LegacyError(
                "remote-server-timeout", f"{self.jid.domain} cannot be reached: {why}."
            ) from None

    def hear(self, take: Callable[[Message], None]) -> None:
        messages = MatchXPath(f"{{{CLIENT}}}message")

        def heard(stanza: StanzaBase) -> None:
            assert isinstance(stanza, Message)
            take(stanza)

        self.xmpp.register_handler(Callback("messages outside of rooms", messages, heard))

    async def close(self) -> None:
        """Log out for good; the server tells the rooms."""
        self._closed = True
        if self._again is not None:
            self._again.cancel()
        await hang_up(self.xmpp)

    # what slixmpp tells

    async def _started(self, _: object) -> None:
        self._resumed(_)
        disco, caps = self.xmpp.plugin["xep_0030"], self.xmpp.plugin["xep_0115"]
        await disco.add_feature(f"{BOOKMARKS}+notify")
        await caps.update_caps()  # sends presence

    def _resumed(self, _: object) -> None:
        self._failures = 0
        self._refused = ""
        self._become(LoginState.CONNECTED, "")

    def _lost(self, reason: Any) -> None:
        if self._closed or self.state.needs_user:
            return
        why = self._refused or str(reason or "the link was lost")
        self._become(LoginState.TRANSIENT_DISCONNECT, why)
        self._failures += 1
        self._again = asyncio.get_running_loop().call_later(pause(self._failures), self.start)

    def _failed(self, reason: Any) -> None:
        self.why = str(reason or "no connection")

    def _untrusted(self, error: Any) -> None:
        self._refused = f"its certificate is not valid ({error})"
        self.xmpp.abort()

    def _ended(self, error: Any) -> None:
        self._refused = f"it has ended the stream ({error['condition']})"

    def _unauthorized(self, failure: Any) -> None:
        self._refused = str(failure["condition"])

    def _locked_out(self, _: object) -> None:
        if self._refused in _FOR_GOOD:
            self._become(
                LoginState.BAD_CREDENTIALS,
                f"{self.jid.domain} does not accept this password for {self.jid}.",
            )

    def _unsafe(self, _: object) -> None:
        self._become(
            LoginState.BAD_CREDENTIALS,
            f"{self.jid.domain} offers no way to log in with a password that is safe.",
        )

    def _become(self, state: LoginState, why: str) -> None:
        before, self.state, self.why = self.state, state, why
        self._news.set()
        if not self._closed and state is not before:
            log.info("%s: %s %s", self.jid, state.value, why)
            self.tell(state, why)
