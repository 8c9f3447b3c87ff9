"""Asking to be shown somebody's presence, and the answers to it, both ways (RFC 6121 §3)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

from slidge.contact.roster import ContactIsUser
from slixmpp import JID, Presence
from slixmpp.exceptions import XMPPError

from gateway.errors import Refused
from gateway.presence.ledger import Ledger
from gateway.presence.policy import Policy
from gateway.presence.standing import Kind, Standing, decided, received
from gateway.presence.telling import Telling

if TYPE_CHECKING:
    from gateway.component import Gateway

log = logging.getLogger(__name__)

DECISION_SECONDS = 60.0
"""How long the network may take to decide; after that the request can be made again."""


class Subscribing(Telling):
    """Keeps all standings true, whatever comes in and whoever sends."""

    def __init__(
        self, gateway: Gateway[Any], ledger: Ledger, own: Policy, contacts: Policy, *, leaves: bool
    ) -> None:
        super().__init__(gateway, ledger)
        self.own = own
        self.contacts = contacts
        self._leaves = leaves

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
        probed = self.probed.answered(user, local)
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
