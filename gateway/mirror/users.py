"""What our users send to rooms that are mirrored."""

from __future__ import annotations

import asyncio
import secrets
from copy import deepcopy
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.mirror.addresses import split
from gateway.mirror.bounces import conditions
from gateway.mirror.copy import Copy, Phase
from gateway.mirror.entering import TRIES, Joining
from gateway.mirror.names import TAGS
from gateway.mirror.rewriting import readdress
from gateway.mirror.said import Said
from gateway.muc.availability import read_looks
from gateway.muc.errors import refusal
from gateway.muc.join import wanted_in
from gateway.muc.leave import GONE
from gateway.muc.lines import Lines
from gateway.render.presence import occupant_id, presence
from gateway.render.xml import COMPONENT_NS, XML_NS, attribute, serialised
from gateway.room.presence import merged, say
from gateway.room.speak import may_speak
from gateway.room.state import Appearance, Face, OccupantId, Seat
from legacy_backend.terms import MemberId

if TYPE_CHECKING:
    from gateway.mirror.mirror import Mirror

BODY = f"{{{COMPONENT_NS}}}body"
SUBJECT = f"{{{COMPONENT_NS}}}subject"
LANG = f"{{{XML_NS}}}lang"
MUC_X = "{http://jabber.org/protocol/muc}x"
FORGED = {"{urn:xmpp:sid:0}stanza-id", "{urn:xmpp:occupant-id:0}occupant-id", *TAGS}
"""What rooms and mirrors say, and no client."""


class Users:
    """Answers what the mirror can, and passes on what is the master's to decide."""

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self.lines = Lines()

    def deal(self, stanza: ET.Element, master: str) -> None:
        """Deal with a stanza to a room, in its order."""
        if not self.mirror.refuses(stanza):
            key = (stanza.get("from", "").partition("/")[0], master)
            self.lines.run(key, lambda: self._deal(stanza, master))

    async def _deal(self, stanza: ET.Element, master: str) -> None:
        try:
            await self._handle(stanza, master)
        except Exception as error:  # noqa: BLE001  (all of it is told)
            name = stanza.tag.partition("}")[2]
            if stanza.get("type") == "error" or (name == "presence" and stanza.get("type")):
                return
            self.mirror.refuse(stanza, refusal(error, stanza))

    async def _handle(self, stanza: ET.Element, master: str) -> None:
        sender = stanza.get("from", "")
        if self.mirror.terms.transparent and await self._needs_no_mirror(sender, master):
            self.mirror.write(serialised(stanza).encode())
            return
        if not self.mirror.is_ours(sender):
            raise Refused("not-allowed", "You are not allowed to use this mirror.")
        copy = self.mirror.copies.get(master)
        seat = copy.room.seats.get(sender) if copy is not None else None
        name, kind = stanza.tag.partition("}")[2], stanza.get("type", "")
        if name == "iq":
            if kind in ("get", "set"):
                await self.mirror.questions.ask(stanza, master, copy, seat)
        elif kind == "error":
            if copy is not None and seat is not None and conditions(stanza) & GONE:
                self.mirror.leave(copy, seat, lost=True)
        elif name == "message":
            await self._message(stanza, master, copy, seat)
        elif kind == "unavailable":
            self._leaves(stanza, copy, seat)
        elif kind == "" and stanza.find(MUC_X) is not None:
            await self._joins(stanza, master)
        elif kind == "":
            self._looks(stanza, copy, seat)

    async def _needs_no_mirror(self, sender: str, master: str) -> bool:
        """Whether a stanza goes on as it came, since the room is at its own address anyway: the
        sender is none of our users, or the service is known to have no mirrors."""
        if not self.mirror.is_ours(sender):
            return True
        if master in self.mirror.copies:
            return False
        domain = split(master)[1]
        return (
            not await self.mirror.supported(domain) and self.mirror.links[domain].supports is False
        )

    # Coming and going

    async def _joins(self, stanza: ET.Element, master: str) -> None:
        nick, jid = stanza.get("to", "").partition("/")[2], stanza.get("from", "")
        if not nick:
            raise Refused("jid-malformed", "Say in the address which nickname you would like.")
        if len(self.mirror.address(jid)) > 3071:
            raise Refused("jid-malformed", "Your address is too long for a mirror.")
        domain = split(master)[1]
        if not await self.mirror.supported(domain):
            if self.mirror.links[domain].supports is not False:
                raise Refused("remote-server-timeout", "The room cannot be reached now.", "wait")
            raise Refused(
                "service-unavailable",
                f"The rooms of {domain} cannot be mirrored; join them directly.",
            )
        copy = await self.mirror.copy(master)
        if copy.phase in (Phase.SPLIT, Phase.RETURNING):
            raise Refused("remote-server-timeout", "The room cannot be reached now.", "wait")
        ask, looks = wanted_in(stanza.find(MUC_X)), read_looks(stanza)
        joining = Joining(copy, jid, nick, secrets.token_hex(8), stanza=stanza, ask=ask)
        joining.looks = looks
        own = self._own_nick(copy, jid)
        if own not in ("", nick):
            raise Refused("not-acceptable", f"You are called {own} in this room.")
        seat = copy.room.seats.get(jid)
        if seat is not None:
            if jid not in copy.held:  # once more (XEP-0045 §7.2.1): it is all here
                self.mirror.entering.welcome(copy, seat, joining)
            return
        alone = all(j.copy is not copy for j in self.mirror.entering.joining.values())
        new = alone and not copy.room.seats
        later = asyncio.get_running_loop().call_later
        seconds = self.mirror.terms.answer_seconds / TRIES
        joining.timer = later(seconds, self.mirror.entering.waits, joining)
        self.mirror.join(copy, joining, new=new)

    def _own_nick(self, copy: Copy, jid: str) -> str:
        """What somebody is called already who has joined with another client; "" if they have
        not."""
        user = jid.partition("/")[0]
        return next((s.occupant.nick for s in copy.room.seats.values() if s.user == user), "")

    def _leaves(self, stanza: ET.Element, copy: Copy | None, seat: Seat | None) -> None:
        if copy is not None and seat is not None:
            status = stanza.findtext(f"{{{COMPONENT_NS}}}status") or ""
            self.mirror.leave(copy, seat, status=status[:1000])
            return
        jid = stanza.get("from", "")
        for joining in [j for j in self.mirror.entering.joining.values() if j.jid == jid]:
            if joining.copy is copy:
                del self.mirror.entering.joining[joining.id]
                joining.settled(False)
                to = f"{copy.master}/{joining.nick}"
                self.mirror.up("presence", copy, jid, to, "", type="unavailable")
                self.mirror.done(copy)

    def _looks(self, stanza: ET.Element, copy: Copy | None, seat: Seat | None) -> None:
        nick = stanza.get("to", "").partition("/")[2]
        if copy is None or seat is None:
            self._not_in(stanza, nick)
            return
        if nick and nick != seat.occupant.nick:
            raise Refused("not-acceptable", "Nicknames cannot be changed through a mirror.")
        looks = read_looks(stanza)
        say(seat, looks)
        if copy.phase is Phase.SPLIT:
            self.mirror.show(copy, merged(copy.room, seat.occupant))
            return
        inner = "".join(
            serialised(child)
            for child in stanza
            if child.tag.removeprefix(f"{{{COMPONENT_NS}}}") in ("show", "status", "priority")
        )
        to = f"{copy.master}/{seat.occupant.nick}"
        self.mirror.up("presence", copy, seat.jid, to, inner)

    def _not_in(self, stanza: ET.Element, nick: str) -> None:
        """Tell a client that believes to be in the room that it is not (XEP-0045 §7.2.18)."""
        if not nick:
            return
        face = Face(MemberId(""), OccupantId("room"), nick, "none", "none", None)
        gone = Appearance(face, available=False, codes=(307, 333), reason="Join the room again.")
        sender = stanza.get("from", "")
        local = stanza.get("to", "").partition("/")[0]
        self.mirror.write(presence(local, gone, with_jid=True, own_jid=sender).to(sender))

    # Saying something

    async def _message(
        self, stanza: ET.Element, master: str, copy: Copy | None, seat: Seat | None
    ) -> None:
        if stanza.get("type") != "groupchat":
            if copy is not None and copy.phase is Phase.SPLIT:
                raise Refused("remote-server-timeout", "The room cannot be reached now.", "wait")
            await self.mirror.needs(master, copy)
            self._pass_up(stanza, master, copy if seat is not None else None)
            return
        if stanza.get("to", "").partition("/")[2]:
            raise Refused("bad-request", "A message to everyone goes to the room itself.")
        if copy is None or seat is None:
            raise Refused("not-acceptable", "You are not in this room.")
        await self._says(stanza, copy, seat)

    async def _says(self, stanza: ET.Element, copy: Copy, seat: Seat) -> None:
        """Pass a message on. Where all of ours see it at once it has only words: all else takes
        effect when the master has it."""
        may_speak(copy.room, seat.occupant)
        talk = stanza.find(BODY) is not None and stanza.find(SUBJECT) is None
        apart = copy.phase in (Phase.SPLIT, Phase.RETURNING)
        if apart and not talk:
            raise Refused("remote-server-timeout", "The room cannot be reached now.", "wait")
        at_once = apart or split(copy.master)[1] in self.mirror.terms.local_first
        waiting = len(copy.said) >= self.mirror.terms.queue_max
        if not talk or (waiting and not apart):
            self._pass_up(stanza, copy.master, copy)
            return
        if waiting:
            raise Refused("resource-constraint", "Too much waits to be sent already.", "wait")
        if not stanza.get("id"):
            stanza.set("id", secrets.token_hex(8))
        said = Said(
            jid=seat.jid,
            nick=seat.occupant.nick,
            id=stanza.get("id", ""),
            lang=stanza.get(LANG, ""),
            inner=self._inner(stanza, copy.master),
            text=self._own_copy(stanza, copy, seat),
            at=self.mirror.now(),
            shown=at_once,
        )
        copy.says(said)
        stored = copy.live.keeping.noted()
        if stored is not None:
            await stored
        if copy.said.get(said.key) is not said:
            return  # they are not here any more
        if copy.phase is Phase.LIVE and not said.tries:  # else it is sent when the link is back
            self.mirror.say(copy, said)
        if at_once:
            copy.live.broadcast(said.text)

    def _own_copy(self, stanza: ET.Element, copy: Copy, seat: Seat) -> str:
        """A message as the room shows it, but for the ids that only the master gives."""
        nick = seat.occupant.nick
        inner = "".join(serialised(child) for child in stanza if child.tag not in FORGED)
        return (
            f'<message from="{attribute(copy.room.jid)}/{attribute(nick)}" type="groupchat"'
            f' id="{attribute(stanza.get("id", ""))}">{inner}'
            f"{occupant_id(seat.occupant.id)}</message>"
        )

    def _pass_up(self, stanza: ET.Element, master: str, copy: Copy | None) -> None:
        """Send a client's message to the master, under the room's own address there."""
        inner, to = self._inner(stanza, master), stanza.get("to", "").partition("/")[2]
        more = {name: stanza.get(name, "") for name in ("type", "id")}
        more["xml:lang"] = stanza.get(LANG, "")
        address = f"{master}/{to}" if to else master
        self.mirror.up("message", copy, stanza.get("from", ""), address, inner, **more)

    def _inner(self, stanza: ET.Element, master: str) -> str:
        """What a message says, with the room's address at the master."""
        passed = deepcopy(stanza)
        readdress(passed, self.mirror.local(master), master)
        return "".join(serialised(child) for child in passed if child.tag not in TAGS)
