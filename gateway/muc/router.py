"""Which stanzas are for a room, and who deals with each.

slixmpp would hold every stanza against some 130 handlers, one by one. What is for a room is told
by its address and its name here, before slixmpp has seen it; the rest goes its usual way.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.archive import Stored
from gateway.errors import Refused
from gateway.group.muc import LegacyMUC
from gateway.muc import approval, availability, commands, invite, join, leave, message, private
from gateway.muc.call import Answer, Call
from gateway.muc.create import create, there_for
from gateway.muc.errors import error_stanza, refusal
from gateway.muc.forms import FORM
from gateway.muc.lines import Lines
from gateway.muc.subject import is_subject
from gateway.muc.table import AT_ONCE, BEFORE_JOINING, IN_ORDER, IQS, NO_GATEWAYS, TO_ROOMS_ONLY
from gateway.render.xml import attribute, serialised
from legacy_backend.terms import UserId

if TYPE_CHECKING:
    from gateway.component import Gateway

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 60.0
"""How long the network may take for what a stanza asks; then the sender is told that it did not
answer (remote-server-timeout)."""

MOST_BYTES = 480 * 1024
"""Of an answer. Prosody ends a component's stream at a stanza of more than 512 KiB (COMP-08)."""


class Router:
    """Takes the stanzas that are for rooms, and has each dealt with."""

    def __init__(self, gateway: Gateway[Any]) -> None:
        self.gateway = gateway
        self.lines = Lines()
        self._domain = str(gateway.boundjid.bare)

    def looks_around(self, stanza: ET.Element) -> bool:
        """Whether a stanza asks about an address of ours what clients ask before they join."""
        to = stanza.get("to", "")
        localpart, _, rest = to.partition("@")
        return (
            bool(localpart)
            and rest == self._domain
            and stanza.get("type") == "get"
            and any(child.tag in BEFORE_JOINING for child in stanza)
        )

    def takes(self, stanza: ET.Element) -> bool:
        """Deal with a stanza if it is for a room; whether it is."""
        to = stanza.get("to", "")
        localpart, at, rest = to.partition("@")
        if to == self._domain and any(child.tag in NO_GATEWAYS for child in stanza):
            raise Refused("service-unavailable", "This is no room.")
        if not at or rest.partition("/")[0] != self._domain or "from" not in stanza.attrib:
            return False
        name = stanza.tag.partition("}")[2]
        if not self._is_room(stanza, name, self._user(stanza.get("from", "")), localpart):
            return False
        if self.gateway.toll.refuses(stanza):
            return True
        key = (stanza.get("from", "").partition("/")[0], localpart)
        if name == "iq" and not self._in_order(stanza):
            self.lines.spawn(lambda: self._handle(stanza, name, localpart))
        else:
            self.lines.run(key, lambda: self._handle(stanza, name, localpart))
        return True

    def _user(self, sender: str) -> UserId:
        return self.gateway.rooms.host.trust.user(sender)

    def _is_room(self, stanza: ET.Element, name: str, user: UserId, localpart: str) -> bool:
        kind = stanza.get("type", "")
        if name == "iq" and kind in ("result", "error"):
            return False  # slixmpp waits for it
        if self.gateway.rooms.at(user, localpart) is not None:
            return not (name == "iq" and _is_slidges(stanza))
        if name == "message":
            return kind == "groupchat"
        if name == "presence":
            return kind == "" and stanza.find(f"{join.MUC}x") is not None
        return any(child.tag in TO_ROOMS_ONLY for child in stanza)

    def _in_order(self, stanza: ET.Element) -> bool:
        kind = stanza.get("type", "")
        return any((kind, child.tag) in IN_ORDER for child in stanza)

    async def _handle(self, stanza: ET.Element, name: str, localpart: str) -> None:
        """Deal with one stanza; whatever goes wrong becomes one error to its sender."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._deal(stanza, name, localpart)
        except Exception as error:  # noqa: BLE001  (all of it is told)
            self._refuse(stanza, name, localpart, error)

    async def _deal(self, stanza: ET.Element, name: str, localpart: str) -> None:
        call = await self._call(stanza, name, localpart)
        if call is None:
            return
        if (seat := call.room.seats.get(call.sender)) is not None:
            seat.heard_at = call.live.host.now()
        if name == "iq":
            await self._iq(call)
        elif name == "message":
            await self._message(call)
        else:
            await self._presence(call)
        if call.stored is not None:
            stored = call.stored
            self.lines.spawn(lambda: self._see_stored(stored, stanza, name, localpart))

    async def _see_stored(
        self, stored: asyncio.Future[Stored], stanza: ET.Element, name: str, localpart: str
    ) -> None:
        """Tell the sender if what they said cannot be stored, and so was shown to nobody."""
        try:
            await stored
        except Exception as error:  # noqa: BLE001  (all of it is told)
            self._refuse(stanza, name, localpart, error)

    def _refuse(self, stanza: ET.Element, name: str, localpart: str, error: Exception) -> None:
        no = refusal(error, stanza)
        if stanza.get("type") == "error" or (name == "presence" and stanza.get("type")):
            return  # an error is never answered with one; nor is a leave
        room = f"{localpart}@{self._domain}"
        origin = self._nick_now(stanza, name, localpart) or stanza.get("to", room)
        self.gateway.outbox.write(error_stanza(stanza, no, origin=origin, by=room).encode())

    def _nick_now(self, stanza: ET.Element, name: str, localpart: str) -> str:
        """The sender's occupant JID, if that is where a refusal comes from: of another nickname
        (§7.6), or of another subject (§8.1)."""
        sender = stanza.get("from", "")
        renames = name == "presence" and stanza.find(f"{join.MUC}x") is None
        if not renames and not (name == "message" and is_subject(stanza)):
            return ""
        live = self.gateway.rooms.at(self._user(sender), localpart)
        seat = live.room.seats.get(sender) if live is not None else None
        return f"{live.room.jid}/{seat.occupant.nick}" if live is not None and seat else ""

    async def _call(self, stanza: ET.Element, name: str, localpart: str) -> Call | None:
        """Find who asks, and of which room, which a join makes if there is none.

        Raises XMPPError and Refused: "not-allowed" and "registration-required" come before any
        look-up that could tell whether a group exists.
        """
        sender = stanza.get("from", "")  # slixmpp takes fewer resources for valid than servers do
        user = JID(self._user(sender))
        nick = stanza.get("to", "").partition("/")[2]
        joins = name == "presence" and not stanza.get("type")
        joins = joins and stanza.find(f"{join.MUC}x") is not None
        if name != "iq" and stanza.get("type") in ("error", "unavailable"):
            live = self.gateway.rooms.at(UserId(user.bare), localpart)
            if live is None or sender not in live.room.seats:
                return None
        behind = bool(self.gateway.rooms.host.trust.mirror_of(sender))
        session = await self.gateway.session_for(user, register=joins, behind=behind)
        if _wants_network(stanza, name):
            await self.gateway.awake(session)
        room_jid = JID(f"{localpart}@{self._domain}")
        try:
            muc: LegacyMUC[Any] = await session.bookmarks.by_jid(room_jid)
        except XMPPError as no:
            if not joins or no.condition != "item-not-found":
                raise
            if not nick:
                raise Refused("jid-malformed", "Say which nickname you would like.") from no
            muc = await create(session, localpart, allowed=self.gateway.room_creation)
        call = Call(stanza, muc, sender, nick)
        there_for(call)
        return call

    async def _iq(self, call: Call) -> None:
        if call.type not in ("get", "set"):
            raise Refused("bad-request", "An IQ gets or sets.")
        children = list(call.stanza)
        if len(children) != 1:
            raise Refused("bad-request", "An IQ of this type has one payload.")
        handler = IQS.get((call.type, children[0].tag))
        if call.nick and call.type == "set":
            call.seated()
            raise Refused("service-unavailable", "Occupants cannot be asked that.")
        if handler is None or (call.nick and handler not in AT_ONCE):
            if call.nick:
                call.seated()
            raise Refused("service-unavailable", "The room does not know this request.")
        if handler not in AT_ONCE:
            await call.acquaint()
        if (call.type, children[0].tag) in IN_ORDER:
            call.live.host.archive.check()
            async with call.live.changing:
                self._answer(call, await handler(call))
        else:
            self._answer(call, await handler(call))

    def _answer(self, call: Call, answer: Answer) -> None:
        payload = answer.payload if isinstance(answer.payload, str) else serialised(answer.payload)
        if len(payload.encode()) > MOST_BYTES:
            raise Refused("resource-constraint", "The answer is longer than a server takes.")
        call.live.show(answer.before)
        to = attribute(call.sender)
        result = (
            f'<iq type="result" id="{attribute(call.id)}"'
            f' from="{attribute(call.stanza.get("to", ""))}" to="{to}">{payload}</iq>'
        ).encode()
        if call.live.host.archive.trouble:  # behind what waits for it, it might come in hours
            call.live.host.outbox.write(result)
        else:
            call.live.send(call.sender, result)
        call.live.show(answer.after)

    async def _message(self, call: Call) -> None:
        if call.type == "error":
            await leave.bounced(call)
        elif call.type == "groupchat":
            await message.groupchat(call)
        elif call.nick:
            await private.whisper(call)
        elif call.stanza.find(f"{invite.X}/{invite.USER}invite") is not None:
            await invite.invite(call)
        elif call.stanza.find(f"{invite.X}/{invite.USER}decline") is not None:
            await invite.decline(call)
        elif (form := call.stanza.find(FORM)) is not None:
            await approval.submitted(call, form)
        elif call.child("{}body") is not None:
            raise Refused("bad-request", "Messages to the room are of type groupchat.")

    async def _presence(self, call: Call) -> None:
        match call.type:
            case "":
                if call.stanza.find(f"{join.MUC}x") is not None:
                    await join.join(call)
                else:
                    await availability.available(call)
            case "unavailable":
                await leave.leave(call)
            case "error":
                await leave.bounced(call)
            case "probe":
                availability.probed(call)
            case _:
                pass  # rooms have no subscriptions; asking for one is no error (§18.2.2)


def _wants_network(stanza: ET.Element, name: str) -> bool:
    """Whether a stanza cannot be dealt with from what is stored and in memory alone."""
    kind = stanza.get("type", "")
    if name == "iq":
        reads = any(child.tag.startswith("{urn:xmpp:mam:2}") for child in stanza)
        return kind == "set" and not reads
    if name == "presence":
        return kind == "" and stanza.find(f"{join.MUC}x") is not None
    return kind != "error"


def _is_slidges(stanza: ET.Element) -> bool:
    """Whether an IQ is about commands of a plugin's, or of a contact's."""
    if "/" not in stanza.get("to", ""):
        return commands.is_slidges(stanza)
    if stanza.find(commands.COMMAND) is not None:
        return True
    query = next(iter(stanza), None)
    return query is not None and query.get("node", "") == commands.NS
