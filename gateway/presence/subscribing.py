"""Asking to be shown somebody's presence, and the answers to it, both ways (RFC 6121 §3)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

from slidge.contact.roster import ContactIsUser
from slixmpp import JID, Presence
from slixmpp.exceptions import XMPPError

from gateway.errors import Refused
from gateway.presence import probing
from gateway.presence.ledger import Ledger
from gateway.presence.policy import Policy
from gateway.presence.standing import Kind, Reply, Standing, decided, received, sent

if TYPE_CHECKING:
    from gateway.component import Gateway

log = logging.getLogger(__name__)

DECISION_SECONDS = 60.0
"""How long the network may take to decide; after that the request can be made again."""


class Subscribing:
    """Keeps all standings true, whatever comes in and whoever sends."""

    def __init__(
        self, gateway: Gateway[Any], ledger: Ledger, own: Policy, contacts: Policy, *, leaves: bool
    ) -> None:
        self._gateway = gateway
        self._ledger = ledger
        self.own = own
        self.contacts = contacts
        self._leaves = leaves
        self._probed: set[tuple[str, str]] = set()
        self._domain = str(gateway.boundjid.bare)

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

    # What users send

    async def came(self, stanza: Presence, session: Any) -> None:
        """Deal with one of the four kinds; `session` is None for somebody who is not registered."""
        user, local = stanza.get_from().bare, stanza.get_to().node
        kind = cast(Kind, stanza.get_type())
        if session is None:
            if kind == "subscribe":
                self.refuse(user, local, "Register with this gateway first.")
            return
        if kind == "subscribe":
            await self._requested(session, local, stanza["status"])
            return
        before = self.standing(session, local)
        probed = (user, local) in self._probed
        self._probed.discard((user, local))
        if kind == "unsubscribed" and probed and Standing.TO not in before:
            return  # that is no answer to a request, but to a probe
        after, replies = received(before, kind)
        if after is before:
            return
        if kind == "unsubscribe" and not local and self._leaves:
            await self._gateway.kill_session(JID(user))
            return
        self._ledger.put(user, local, after)
        self._reply(session, local, replies)
        if local:
            await self._tell_network(session, local, kind, stanza["status"])

    async def _requested(self, session: Any, local: str, text: str) -> None:
        user = session.user_jid.bare
        before = self.standing(session, local)
        if Standing.ASKED in before:
            return  # it is being decided
        policy = self.contacts if local else self.own
        allowed: bool | None = True
        if Standing.FROM not in before:
            self._ledger.note(user, local, before | Standing.ASKED)
            try:
                async with asyncio.timeout(DECISION_SECONDS):
                    allowed = await self._decide(session, local, policy, text)
            except (Refused, TimeoutError) as no:
                log.info("%s could not be answered just now: %s", user, no)
                self._ledger.note(user, local, before)
                return
            except Exception:
                log.exception("whether %s may see %r could not be decided", user, local)
                self._ledger.note(user, local, before)
                return
            before = self.standing(session, local)
            if Standing.ASKED not in before:
                return  # decided meanwhile, or no longer wanted
        after, replies = decided(before, allowed)
        if allowed and local:
            self._befriend(session, local)
        self._ledger.put(user, local, after)
        self._reply(session, local, replies)
        if allowed and policy is Policy.MUTUAL:
            self.ask_back(session, local)

    async def _decide(self, session: Any, local: str, policy: Policy, text: str) -> bool | None:
        """None is for later. Raises Refused while the network cannot be asked."""
        if policy is Policy.REJECT:
            return False
        contact = None
        if local:
            await self._gateway.awake(session)
            try:
                await session.contacts.ready
                contact = await session.contacts.by_jid(JID(self._address(local)))
            except (XMPPError, ContactIsUser):
                return False
        if policy is not Policy.ASK:
            return True
        try:
            return await self._gateway.allow_subscription(session, contact, text)
        except XMPPError as no:
            log.info("%s may not see %r: %s", session.user_jid.bare, local, no.text)
            return False

    async def _tell_network(self, session: Any, local: str, kind: Kind, text: str) -> None:
        contact = session.contacts.by_jid_only_if_exists(JID(self._address(local)))
        if contact is None:
            return
        if kind == "subscribed":
            await contact.on_friend_accept()
        else:
            if kind == "unsubscribe":
                contact.is_friend = False
            await contact.on_friend_delete(text)

    # What we send

    def _reply(self, session: Any, local: str, replies: tuple[Reply, ...]) -> None:
        user = session.user_jid
        for reply in replies:
            match reply:
                case "presence" if local:
                    probing.show_contact(self._gateway, session, local, JID(user.bare))
                case "presence":
                    session.send_cached_presence(JID(user.bare))
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
        self._probed.add((user, local))
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
