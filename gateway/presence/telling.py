"""What we say of subscriptions: requests, answers, and the presence that goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from slixmpp import JID, Presence

from gateway.presence import probing
from gateway.presence.ledger import Ledger
from gateway.presence.probed import Probed
from gateway.presence.standing import Kind, Reply, Standing, sent

if TYPE_CHECKING:
    from gateway.component import Gateway


class Telling:
    """How users and our addresses stand, and what is sent to keep it so."""

    def __init__(self, gateway: Gateway[Any], ledger: Ledger) -> None:
        self._gateway = gateway
        self._ledger = ledger
        self._domain = str(gateway.boundjid.bare)
        self.probed = Probed()

    def standing(self, session: Any, local: str) -> Standing:
        """How a user and an address stand. What was never written down is as slidge has it: the
        gateway is shown to those who are registered, contacts to their friends."""
        user = session.user_jid.bare
        known = self._ledger.get(user, local)
        if known is not None:
            return known
        if not local:
            return Standing.FROM
        contact = session.contacts.by_jid_only_if_exists(JID(self._address(local)))
        friend = contact is not None and contact.is_friend
        return Standing.FROM if friend else Standing.NONE

    def _reply(self, session: Any, local: str, replies: tuple[Reply, ...]) -> None:
        user = session.user_jid
        for reply in replies:
            match reply:
                case "presence" if local:
                    probing.show_contact(self._gateway, session, local, JID(user.bare))
                case "presence":
                    self._gateway.storing.show(session, JID(user.bare))
                case "unavailable":
                    self.gone(session, local)
                case "probe":
                    self._gateway.send_presence(
                        pfrom=self._address(local), pto=user.bare, ptype="probe"
                    )
                case "unsubscribe":  # it is ended already, this only says so
                    self._gateway.send_now(
                        self._gateway.make_presence(
                            pfrom=self._address(local), pto=user.bare, ptype=reply
                        )
                    )
                case _:
                    self._send(user.bare, local, reply)

    def ask_back(self, session: Any, local: str) -> None:
        """Ask to be shown the user's presence, unless that was asked before (SUB-03)."""
        name = self._gateway.COMPONENT_NAME
        if local:
            contact = session.contacts.by_jid_only_if_exists(JID(self._address(local)))
            name = contact.name if contact is not None else ""
        self._gateway.send_presence_subscription(
            pto=session.user_jid.bare, pfrom=self._address(local), pnick=name or None
        )

    def gone(self, session: Any, local: str) -> None:
        """Tell a user that an address is not to be seen any more."""
        origin = JID(self._address(local))
        contact = session.contacts.by_jid_only_if_exists(origin) if local else None
        self._gateway.send_presence(
            pfrom=origin if contact is None else contact.jid,
            pto=session.user_jid.bare,
            ptype="unavailable",
        )

    def refuse(self, user: str, local: str, text: str = "") -> None:
        """Say that a user is not shown an address."""
        self._gateway.send_presence(
            pfrom=self._address(local), pto=user, ptype="unsubscribed", pstatus=text or None
        )

    def lets(self, stanza: Presence) -> bool:
        """Whoever of us sends one of the four kinds: keep the standing true, and both addresses
        bare (§3.1.1); whether it should go out at all."""
        stanza.set_from(stanza.get_from().bare)
        stanza.set_to(stanza.get_to().bare)
        user, local = stanza.get_to().bare, stanza.get_from().node
        before = self._ledger.get(user, local)
        if before is None:
            session = self._gateway.known_session(user)
            before = Standing.NONE if session is None else self.standing(session, local)
        after, worth = sent(before, cast(Kind, stanza.get_type()))
        if after is not before:
            self._ledger.put(user, local, after)
        return worth

    def may_probe(self, user: str, local: str) -> bool:
        """Whether an address should probe a user now: not while a request of its is open.

        A server that does not show us the user says "unsubscribed", which would then be no answer
        to a request. COMPAT: Prosody 0.12 even takes the request for denied by that.
        """
        standing = self._ledger.get(user, local) or Standing.NONE
        if Standing.TO in standing:
            return True
        if Standing.ASKING in standing:
            return False
        self.probed.sent(user, local)
        return True

    def _send(self, user: str, local: str, kind: Kind) -> None:
        self._gateway.send_presence(pfrom=self._address(local), pto=user, ptype=kind)

    def _befriend(self, session: Any, local: str) -> None:
        """Have slidge send the contact's presences, which it does for friends only."""
        contact = session.contacts.by_jid_only_if_exists(JID(self._address(local)))
        if contact is not None:
            contact.is_friend = True
            contact.added_to_roster = True

    def _address(self, local: str) -> str:
        return f"{local}@{self._domain}" if local else self._domain
