"""What our users send to rooms that are mirrored."""

from __future__ import annotations

import asyncio
import secrets
from copy import deepcopy
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.mirror.addresses import split
from gateway.mirror.bounces import conditions
from gateway.mirror.copy import Copy, Phase
from gateway.mirror.entering import TRIES, Joining
from gateway.mirror.names import TAGS
from gateway.mirror.past import Reader
from gateway.mirror.rewriting import readdress
from gateway.mirror.said import Said
from gateway.muc import mam
from gateway.muc.availability import read_looks
from gateway.muc.call import Call
from gateway.muc.errors import error_stanza, refusal
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

IQ_SECONDS = 60.0
"""How long an answer of a master's is waited for."""
MOST_OPEN = 50
"""Questions of one user to one room that wait for an answer."""

BODY = f"{{{COMPONENT_NS}}}body"
SUBJECT = f"{{{COMPONENT_NS}}}subject"
LANG = f"{{{XML_NS}}}lang"
MUC_X = "{http://jabber.org/protocol/muc}x"
FORGED = {"{urn:xmpp:sid:0}stanza-id", "{urn:xmpp:occupant-id:0}occupant-id", *TAGS}
"""What rooms and mirrors say, and no client."""

ARCHIVE = {
    ("set", f"{{{mam.MAM}}}query"): mam.query,
    ("get", f"{{{mam.MAM}}}query"): mam.form,
    ("get", f"{{{mam.MAM}}}metadata"): mam.metadata,
}
"""What can be asked of a room's archive, by type and payload."""

Asked = tuple[str, str, str]
"""Who, which room, and the id."""


class Users:
    """Answers what the mirror can, and passes on what is the master's to decide."""

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self.lines = Lines()
        self._open: dict[Asked, tuple[ET.Element, asyncio.TimerHandle]] = {}

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
            self._tell(stanza, refusal(error, stanza))

    def _tell(self, stanza: ET.Element, no: Refused) -> None:
        to = stanza.get("to", "")
        told = error_stanza(stanza, no, origin=to, by=to.partition("/")[0])
        self.mirror.write(told.encode())

    async def _handle(self, stanza: ET.Element, master: str) -> None:
        sender = stanza.get("from", "")
        if not self.mirror.is_ours(sender):
            raise Refused("not-allowed", "You are not allowed to use this mirror.")
        copy = self.mirror.copies.get(master)
        seat = copy.room.seats.get(sender) if copy is not None else None
        name, kind = stanza.tag.partition("}")[2], stanza.get("type", "")
        if name == "iq":
            if kind in ("get", "set"):
                await self._iq(stanza, master, copy, seat)
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

    # Coming and going

    async def _joins(self, stanza: ET.Element, master: str) -> None:
        nick, jid = stanza.get("to", "").partition("/")[2], stanza.get("from", "")
        if not nick:
            raise Refused("jid-malformed", "Say in the address which nickname you would like.")
        if len(self.mirror.address(jid)) > 3071:
            raise Refused("jid-malformed", "Your address is too long for a mirror.")
        if not await self.mirror.supported(split(master)[1]):
            raise Refused(
                "remote-server-timeout"
                if self.mirror.links[split(master)[1]].supports is None
                else "service-unavailable",
                f"The rooms of {split(master)[1]} cannot be mirrored; join them directly.",
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
            await self._needs(master, copy)
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
        if copy.phase is Phase.LIVE:  # else it is sent when the link is back
            self.mirror.say(copy, said)
        if at_once:
            stored = copy.live.keeping.noted()
            if stored is not None:
                await stored
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

    # Asking

    async def _iq(
        self, stanza: ET.Element, master: str, copy: Copy | None, seat: Seat | None
    ) -> None:
        nick = stanza.get("to", "").partition("/")[2]
        if stanza.find("{urn:xmpp:ping}ping") is not None and stanza.get("type") == "get":
            self._pinged(stanza, nick, copy, seat)
            return
        if copy is not None and copy.phase in (Phase.SPLIT, Phase.RETURNING):
            if seat is not None and await self._reads(stanza, copy, seat):
                return
            raise Refused("remote-server-timeout", "The room cannot be reached now.", "wait")
        await self._needs(master, copy)
        key = (stanza.get("from", ""), master, stanza.get("id", ""))
        mine = sum(1 for jid, room, _ in self._open if (jid, room) == key[:2])
        if key in self._open or mine >= MOST_OPEN:
            raise Refused("resource-constraint", "You have asked too much at once.", "wait")
        later = asyncio.get_running_loop().call_later
        self._open[key] = (stanza, later(IQ_SECONDS, self._late, key))
        passed = deepcopy(stanza)
        readdress(passed, self.mirror.local(master), master)
        passed.set("from", self.mirror.address(key[0]))
        self.mirror.write(serialised(passed).encode())

    async def _reads(self, stanza: ET.Element, copy: Copy, seat: Seat) -> bool:
        """Answer from the archive here while the link is down (XEP-0313); whether that is asked."""
        handler = ARCHIVE.get((stanza.get("type", ""), stanza[0].tag if len(stanza) else ""))
        if handler is None:
            return False
        reader: Any = Reader(copy.live, seat.occupant)
        answer = await handler(Call(stanza, reader, seat.jid, ""))
        to, ident = attribute(stanza.get("to", "")), attribute(stanza.get("id", ""))
        self.mirror.write(
            f'<iq type="result" id="{ident}" from="{to}" to="{attribute(seat.jid)}">'
            f"{answer.payload}</iq>".encode()
        )
        return True

    async def _needs(self, master: str, copy: Copy | None) -> None:
        """Check that the master takes what comes by a mirror."""
        if copy is None and not await self.mirror.supported(split(master)[1]):
            raise Refused("service-unavailable", "This room cannot be mirrored.")

    def _pinged(self, stanza: ET.Element, nick: str, copy: Copy | None, seat: Seat | None) -> None:
        """Answer whether somebody is still here (XEP-0410)."""
        if nick and (copy is None or seat is None):
            raise Refused("not-acceptable", "You are not in this room.")
        if nick and copy is not None and copy.room.occupant(nick) is None:
            raise Refused("item-not-found", f"Nobody here is called {nick}.")
        to, sender = attribute(stanza.get("to", "")), attribute(stanza.get("from", ""))
        ident = attribute(stanza.get("id", ""))
        self.mirror.write(f'<iq type="result" id="{ident}" from="{to}" to="{sender}"/>'.encode())

    def asked(self, user: str, master: str, answer: ET.Element) -> bool:
        """Whether an answer is one that a user waits for; they do no more then."""
        found = self._open.pop((user, master, answer.get("id", "")), None)
        if found is not None:
            found[1].cancel()
        return found is not None

    def asks(self, user: str, master: str) -> bool:
        """Whether a user waits for an answer of a room's: pages of an archive come before it."""
        return any((jid, room) == (user, master) for jid, room, _ in self._open)

    def give_up(self, domain: str) -> None:
        """The link is down: no answer will come."""
        for key in [key for key in self._open if split(key[1])[1] == domain]:
            self._late(key)

    def _late(self, key: Asked) -> None:
        found = self._open.pop(key, None)
        if found is not None:
            found[1].cancel()
            no = Refused("remote-server-timeout", "The room does not answer.", "wait")
            self._tell(found[0], no)
