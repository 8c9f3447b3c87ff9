"""What users are told, and asked, when they or the gateway come and go."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.presence import probing
from gateway.presence.ledger import Ledger
from gateway.presence.logins import Logins
from gateway.presence.online import Online
from gateway.presence.standing import Standing
from gateway.presence.subscribing import Subscribing
from gateway.presence.waiting import Waiting

if TYPE_CHECKING:
    from gateway.component import Gateway

log = logging.getLogger(__name__)


class Coming:
    """The part of the desk that deals in it."""

    _gateway: Gateway[Any]
    _domain: str
    ledger: Ledger
    online: Online
    by_presence: bool
    logins: Logins
    subscribing: Subscribing
    waiting: Waiting

    async def welcome(self, session: Any) -> None:
        """Be in a user's roster: put ourselves there where the server lets us (XEP-0356), else ask,
        once and for all (XEP-0100 §4.1)."""
        user = session.user_jid.bare
        try:
            await self._gateway.plugin["xep_0356"].set_roster(
                user,
                {
                    self._domain: {
                        "name": self._gateway.COMPONENT_NAME,
                        "subscription": "both",
                        "groups": [self._gateway.ROSTER_GROUP],
                    }
                },
            )
        except PermissionError:
            if self.ledger.get(user, "") in (None, Standing.FROM):
                self.subscribing.ask_back(session, "")
        except XMPPError as error:
            log.debug("no roster entry for %s: %s", user, error)
        else:
            self.ledger.put(user, "", Standing.BOTH)

    async def _on_register(self, iq: Any) -> None:
        session = self._gateway.get_session_from_jid(iq.get_from())
        if session is not None:
            await self.welcome(session)

    def farewell(self, user: str) -> None:
        """The user has left: end what there was between them and the gateway (XEP-0100 §4.3)."""
        for kind in ("unsubscribe", "unsubscribed", "unavailable"):
            self._gateway.send_presence(pto=user, ptype=kind)
        self.ledger.forget(user)
        self.online.forget(user)

    def come_back(self) -> None:
        """The stream is back: tell everybody how things stand now, in time, and ask who is here."""
        for session in self._gateway.sessions():
            self._tell_again(session)
        for user, local in self.ledger.shown():
            session = self._gateway.known_session(user)
            if session is not None and local:
                origin = f"{local}@{self._domain}"
                self.waiting.put_if_none((origin, user), self._contact_again(session, local))
        self.waiting.go_on()

    def _tell_again(self, session: Any) -> None:
        user = session.user_jid.bare
        self.waiting.put_if_none(
            (self._domain, user), lambda: self._gateway.storing.show(session, JID(user))
        )
        if Standing.TO in (self.ledger.get(user, "") or Standing.NONE):
            self.waiting.put_if_none(
                (f"{self._domain} probe", user), lambda: self.look_for(session)
            )

    def _contact_again(self, session: Any, local: str) -> Any:
        to = JID(session.user_jid.bare)
        return lambda: probing.show_contact(self._gateway, session, local, to)

    def look_for(self, session: Any) -> None:
        """Ask a user's server which clients of theirs are there (RFC 6121 §4.3)."""
        user = session.user_jid.bare
        self.online.forget(user)
        self._gateway.send_presence(pto=user, ptype="probe")
        if self.by_presence:
            self.logins.went(session)

    def leave(self) -> None:
        """The gateway ends: it, and all of its contacts, are not to be seen any more."""
        self.waiting.stop()
        self.logins.stop()
        for session in self._gateway.sessions():
            self._gateway.send_presence(
                pto=session.user_jid.bare, ptype="unavailable", pstatus="The gateway is restarting."
            )
        for user, local in self.ledger.shown():
            session = self._gateway.known_session(user)
            if session is not None and local:
                self.subscribing.gone(session, local)
