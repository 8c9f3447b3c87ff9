"""Where presence comes in and goes out that is not of a room: ours in place of slidge's.

slixmpp's events (`presence`, `presence_subscribe`, `presence_probe` and so on) are raised as ever,
for plugins that listen; what slidge and slixmpp do upon them is done here.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from slixmpp import InvalidJID, Presence
from slixmpp.exceptions import XMPPError
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from gateway.errors import Refused
from gateway.muc.lines import Lines
from gateway.presence import probing
from gateway.presence.coming import Coming
from gateway.presence.ledger import Ledger
from gateway.presence.logins import Logins
from gateway.presence.online import Online
from gateway.presence.policy import Policy
from gateway.presence.standing import KINDS, Standing
from gateway.presence.subscribing import Subscribing
from gateway.presence.waiting import Waiting

if TYPE_CHECKING:
    from gateway.component import Gateway
    from gateway.config import Presence as Settings

log = logging.getLogger(__name__)

AVAILABLE = {"available", "away", "chat", "dnd", "xa"}
MUC = "{http://jabber.org/protocol/muc}x"

SLIDGES = {
    "presence": "on_presence",
    "presence_probe": "_handle_probe",
    **{f"presence_{kind}": f"_handle_{kind}" for kind in KINDS},
}
"""Events, and what slidge's dispatcher does upon them.

COMPAT: slidge 0.4.2 has no other way of having this done by somebody else.
"""


class Desk(Coming):
    """All presence outside of rooms. `ledger` has been loaded."""

    def __init__(self, gateway: Gateway[Any], settings: Settings, ledger: Ledger) -> None:
        self._gateway = gateway
        self._domain = str(gateway.boundjid.bare)
        self.ledger = ledger
        self.online = Online()
        self.by_presence = settings.login == "online"
        self.logins = Logins(gateway, self.online, settings.logout_after_seconds)
        self.subscribing = Subscribing(
            gateway,
            ledger,
            Policy(settings.gateway),
            Policy(settings.contacts),
            leaves=settings.unsubscribe_unregisters,
        )
        self.waiting = Waiting(gateway.outbox, settings.per_second)
        self.lines = Lines()
        self._take_over()

    def _take_over(self) -> None:
        gateway = self._gateway
        self._slidges: Any = gateway.slidges("dispatcher")
        for event, name in SLIDGES.items():
            gateway.del_event_handler(event, getattr(self._slidges, name))
        for kind in AVAILABLE:
            gateway.del_event_handler(f"presence_{kind}", gateway._handle_available)
        gateway.del_event_handler("presence_unavailable", gateway._handle_unavailable)
        xep_0100: Any = gateway.plugin["xep_0100"]
        gateway.del_event_handler("presence_unsubscribe", xep_0100.on_presence_unsubscribe)
        gateway.del_event_handler("user_register", xep_0100.on_user_register)
        gateway.del_event_handler("user_unregister", xep_0100.on_user_unregister)
        gateway.add_event_handler("user_register", self._on_register)
        # COMPAT: slixmpp 1.17 makes a roster for each JID that ever sent a presence, and keeps it
        gateway.remove_handler("Presence")
        matcher = MatchXPath(f"{{{gateway.default_ns}}}presence")
        gateway.register_handler(Callback("Presence", matcher, self._came))

    def _came(self, stanza: Any) -> None:
        try:
            sender, to = stanza.get_from(), stanza.get_to()
        except InvalidJID:
            return
        kind = stanza.get_type()
        self._gateway.event("presence", stanza)
        self._gateway.event(f"presence_{kind}", stanza)
        if kind in KINDS:
            self._gateway.event("changed_subscription", stanza)
        if to.domain != self._domain or sender.domain == self._domain or not sender.node:
            return
        if kind in KINDS:
            self.lines.run(sender.bare, lambda: self._subscription(stanza))
        elif kind == "probe":
            self.lines.run(sender.bare, lambda: self._probe(stanza))
        elif (kind in AVAILABLE or kind == "unavailable") and stanza.xml.find(MUC) is None:
            self._present(stanza, kind)

    async def _subscription(self, stanza: Presence) -> None:
        if stanza.get_type() == "subscribe":
            try:
                self._gateway.rates.spend("subscriptions", stanza.get_from().bare)
            except Refused:
                return
        await self.subscribing.came(stanza, self._session(stanza))

    async def _probe(self, stanza: Presence) -> None:
        """Answer from the address that was asked, whatever its resource (RFC 6121 §4.3.2)."""
        sender, local = stanza.get_from(), stanza.get_to().node
        session = self._session(stanza)
        if session is None or Standing.FROM not in self.subscribing.standing(session, local):
            self.subscribing.refuse(sender.bare, local)
        elif local:
            probing.show_contact(self._gateway, session, local, sender)
        else:
            self._gateway.storing.show(session, sender)

    def _present(self, stanza: Presence, kind: str) -> None:
        session = self._session(stanza)
        if session is None:
            return
        sender = stanza.get_from()
        self.subscribing.probed.answered(sender.bare, stanza.get_to().node)
        if kind == "unavailable":
            if self.online.went(sender.bare, str(sender)) and self.by_presence:
                self.logins.went(session)
        elif self.online.came(sender.bare, str(sender)) and self.by_presence:
            self.logins.came(session)
        if not stanza.get_to().node:  # slidge looks the user's clients up there
            item = self._gateway.roster[self._domain][sender.bare]
            (item.handle_unavailable if kind == "unavailable" else item.handle_available)(stanza)
        if session.logged:
            self.lines.spawn(lambda: self._tell_slidge(stanza))

    async def _tell_slidge(self, stanza: Presence) -> None:
        """Have slidge tell the plugin, and send what goes with presence (pictures, names)."""
        try:
            await self._slidges.on_presence(stanza)
        except XMPPError as no:
            log.debug("presence of %s: %s", stanza.get_from(), no.text)

    def _session(self, stanza: Presence) -> Any:
        return self._gateway.get_session_from_jid(stanza.get_from())

    def _is_behind(self, user: str) -> bool:
        """Whether somebody comes by a mirror alone, and has nothing to do with us but our rooms:
        our own presence need not cross the link to them."""
        unknown = self.ledger.get(user, "") is None and not self.online.is_online(user)
        return unknown and self._gateway.rooms.host.trust.somewhere(user)

    def lets(self, stanza: Presence) -> bool:
        """Whether a presence of ours may go out now; what may later is kept until then."""
        kind = stanza.get_type()
        to = stanza.get_to()
        if kind in KINDS:
            return self.subscribing.lets(stanza)
        if kind == "error":
            return True
        if self._is_behind(to.bare):
            return False
        if kind == "probe" and not self.subscribing.may_probe(to.bare, stanza.get_from().node):
            return False
        origin = stanza.get_from().bare
        key = (f"{origin} probe" if kind == "probe" else origin, str(to))
        if not self.waiting.holds(key):
            return True
        self.waiting.put(key, lambda: self._gateway.send_now(stanza))
        return False
