"""Direct invitations: a user asks a contact of the gateway into a room (XEP-0249)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.errors import Refused
from gateway.group.muc import LegacyMUC
from gateway.muc.call import Call, bare
from gateway.muc.errors import error_stanza, refusal
from gateway.muc.invite import invite_contact, may_invite
from gateway.muc.lines import Lines

if TYPE_CHECKING:
    from gateway.component import Gateway

CONFERENCE = "{jabber:x:conference}x"


class DirectInvites:
    """Takes the invitations that users send to the addresses of people."""

    def __init__(self, gateway: Gateway[Any]) -> None:
        self.gateway = gateway
        self.lines = Lines()
        self._domain = str(gateway.boundjid.bare)

    def takes(self, stanza: ET.Element) -> bool:
        """Deal with a stanza if it is a direct invitation; whether it was one."""
        invitation = stanza.find(CONFERENCE)
        if invitation is None or stanza.get("type") in ("error", "groupchat"):
            return False
        localpart, at, _ = stanza.get("to", "").partition("@")
        if not at or not localpart or not stanza.tag.endswith("}message"):
            return False
        self.lines.spawn(lambda: self._handle(stanza, invitation))
        return True

    async def _handle(self, stanza: ET.Element, invitation: ET.Element) -> None:
        to = stanza.get("to", "")
        try:
            call = await self._call(stanza, invitation)
            await call.acquaint()
            may_invite(call, call.actor())
            await invite_contact(call, bare(to), invitation.get("reason", ""))
        except Exception as error:  # noqa: BLE001  (all of it is told)
            no = refusal(error, stanza)
            text = error_stanza(stanza, no, origin=to, by=to.partition("/")[0])
            self.gateway.outbox.write(text.encode())

    async def _call(self, stanza: ET.Element, invitation: ET.Element) -> Call:
        """The room that somebody is asked into.

        Raises Refused "not-acceptable" if that is no room of the sender's here.
        """
        sender = JID(stanza.get("from", ""))
        session = await self.gateway.session_for(sender)
        await self.gateway.awake(session)
        room = JID(bare(invitation.get("jid", "")))
        if room.domain != self._domain or not room.node:
            raise Refused("not-acceptable", "People of this network come to its rooms.", "modify")
        try:
            muc: LegacyMUC[Any] = await session.bookmarks.by_jid(room)
        except XMPPError as no:
            raise Refused("not-acceptable", f"You have no room {room}.", "modify") from no
        return Call(stanza, muc, str(sender), "")
