"""What masters send a mirror: to itself, once for all its users, or to one of these."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.mirror.addresses import original, split, with_resource
from gateway.mirror.bounces import conditions, unreachable
from gateway.mirror.copy import (
    Copy,
    Kept,
    Phase,
    forgotten,
    gone,
    is_subject,
    known,
    leaves,
    listed,
    retitled,
)
from gateway.mirror.history import MUC
from gateway.mirror.names import ACCEPTED, STATE
from gateway.mirror.rewriting import of_the_stream, other_rooms, readdress
from gateway.mirror.roster import ROSTER, complete, read_roster
from gateway.mirror.setup import CONFIG, read_config
from gateway.mirror.show import welcome
from gateway.mirror.told import Told, read_presence, time_or_none
from gateway.muc.errors import error_stanza
from gateway.muc.join import Wanted
from gateway.render.xml import COMPONENT_NS, attribute, delay, serialised
from gateway.room.presence import Looks
from gateway.room.seating import rise, sit
from gateway.room.state import Delivery, Seat
from legacy_backend.terms import UserId

if TYPE_CHECKING:
    from gateway.mirror.mirror import Mirror

MOST_LISTED = 100_000
"""Occupants of a room; a roster that has more is refused."""

DELAY = "{urn:xmpp:delay}delay"
STANZA_ID = "{urn:xmpp:sid:0}stanza-id"


@dataclass(slots=True, eq=False)
class Joining:
    """Somebody who waits for a master's word. `again` is one who is here already, and whom it is
    asked to let in once more; otherwise `stanza` is the join as it came. `id` is the uplink's."""

    copy: Copy
    jid: str
    nick: str
    id: str
    again: bool = False
    looks: Looks = field(default_factory=Looks)
    ask: Wanted = field(default_factory=Wanted)
    stanza: ET.Element | None = None
    done: asyncio.Future[bool] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    """Whether they were let in."""
    timer: asyncio.TimerHandle | None = None

    def settled(self, let_in: bool) -> None:
        if self.timer is not None:
            self.timer.cancel()
        if not self.done.done():
            self.done.set_result(let_in)


class Feed:
    """Reads what masters say, and believes them of their own rooms alone."""

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self.joining: dict[str, Joining] = {}
        """Those who wait for a master's word, by the id of the uplink."""
        self._unwelcomed: dict[str, tuple[Joining, tuple[int, ...]]] = {}
        """Those who were let in, and not told yet who is here, by the same."""
        self._tasks: set[asyncio.Task[None]] = set()

    def takes(self, stanza: ET.Element) -> bool:
        """Deal with a stanza from a master's domain, if it is about a mirrored room."""
        sender = stanza.get("from", "")
        master = sender.partition("/")[0]
        copy = self.mirror.copies.get(master)
        down = unreachable(stanza)
        if copy is not None and not down:
            copy.heard = True
        if stanza.get("to") == self.mirror.domain:
            taken = self._to_mirror(stanza, copy)
        else:
            taken = self._to_user(stanza, copy, master)
        if down:
            self.mirror.lost(split(sender)[1], "the server says so")
        return taken

    # To the mirror itself

    def _to_mirror(self, stanza: ET.Element, copy: Copy | None) -> bool:
        match stanza.tag.partition("}")[2], stanza.get("type", ""):
            case "iq", "result" | "error":
                return self.mirror.asking.answered(stanza)
            case "iq", "set":
                return self._state(stanza, copy)
            case "presence", "" | "unavailable" if copy is not None:
                self._presence(copy, stanza)
                return True
            case "message", "groupchat" if copy is not None:
                self._message(copy, stanza)
                return True
        return False

    def _state(self, iq: ET.Element, copy: Copy | None) -> bool:
        payload = iq[0] if len(iq) == 1 else None
        if payload is None or payload.tag not in (CONFIG, ROSTER):
            return False
        origin, master = iq.get("to", ""), iq.get("from", "")
        try:
            if copy is None:
                raise Refused("item-not-found", "Nobody here is in this room.")
            if payload.tag == CONFIG:
                copy.configure(read_config(payload))
            else:
                self._roster(copy, payload)
        except Refused as no:
            self.mirror.write(error_stanza(iq, no, origin=origin, by=origin, echo=False).encode())
        else:
            ident = attribute(iq.get("id", ""))
            self.mirror.write(
                f'<iq type="result" id="{ident}" from="{attribute(origin)}"'
                f' to="{attribute(master)}"/>'.encode()
            )
        return True

    def _roster(self, copy: Copy, roster: ET.Element) -> None:
        copy.listing += read_roster(roster)
        if len(copy.listing) > MOST_LISTED:
            copy.listing = []
            raise Refused("resource-constraint", "That are too many occupants.")
        if not complete(roster):
            return
        listing, copy.listing = copy.listing, []
        if forgotten(copy, listing):
            copy.unsure = True
            self.mirror.go_back(copy)
        self.mirror.show(copy, listed(copy, listing, self.mirror.is_ours))
        if copy.phase is Phase.SYNCING and not copy.filling:
            copy.filling = True
            task = asyncio.create_task(self._fill(copy))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _presence(self, copy: Copy, stanza: ET.Element) -> None:
        told = read_presence(stanza)
        if told is None:
            return
        if not told.available:
            self.mirror.show(copy, gone(copy, told))
            copy.held &= copy.room.seats.keys()
            self.mirror.done(copy)
            return
        joining = self._confirmed(copy, stanza, told)
        if joining is None or joining.again:
            self.mirror.show(copy, known(copy, told, self.mirror.is_ours)[1])
        else:
            self._seat(copy, joining, told)
        if joining is not None:
            copy.confirmed.add(joining.jid)
            joining.settled(True)

    def _confirmed(self, copy: Copy, stanza: ET.Element, told: Told) -> Joining | None:
        """Whose join a presence answers: by its id; of a master that gives none, by the nickname,
        unless that is somebody's who is here, and may just look different now."""
        ident = stanza.get("id", "")
        found = self.joining.get(ident)
        if found is None and not ident:
            here = copy.room.nicks.get(told.nick)
            for waiting in self.joining.values():
                of_it = waiting.copy is copy and waiting.nick == told.nick
                if of_it and (here is None or waiting.again):
                    found = waiting
        if found is None or found.copy is not copy or found.nick != told.nick:
            return None
        return self.joining.pop(found.id)

    def _seat(self, copy: Copy, joining: Joining, told: Told) -> None:
        user = UserId(joining.jid.partition("/")[0])
        holder = copy.room.nicks.get(told.nick)
        if holder is not None and holder.user not in (None, user):
            self._refuse(joining, Refused("conflict", "Somebody else is called so here."))
            return
        person, shown = known(copy, told, self.mirror.is_ours, user)
        seat, more = sit(copy.room, person, joining.jid, self.mirror.now(), joining.looks)
        copy.held.add(seat.jid)
        self.mirror.show(copy, shown + more)
        self._unwelcomed[joining.id] = (joining, told.codes)
        if copy.phase is not Phase.SYNCING:
            self._welcome(copy)

    def _welcome(self, copy: Copy) -> None:
        """Tell those everything who have come in and know nothing yet."""
        for ident, (joining, codes) in list(self._unwelcomed.items()):
            if joining.copy is not copy:
                continue
            del self._unwelcomed[ident]
            copy.held.discard(joining.jid)
            seat = copy.room.seats.get(joining.jid)
            if seat is not None:
                self.welcome(copy, seat, joining, codes)

    def welcome(
        self, copy: Copy, seat: Seat, joining: Joining, codes: tuple[int, ...] = ()
    ) -> None:
        """Tell somebody who sits here all that a join tells."""
        ident = joining.stanza.get("id", "") if joining.stanza is not None else ""
        now = self.mirror.now()
        for data in welcome(copy, seat, joining.ask, now, ident=ident, codes=codes):
            self.mirror.write(data)

    # Messages, and what was said before

    def _message(self, copy: Copy, stanza: ET.Element) -> None:
        if copy.phase in (Phase.SYNCING, Phase.RETURNING):
            copy.early.append(stanza)
        elif copy.phase is Phase.LIVE:
            self._pass_on(copy, stanza)

    def _pass_on(self, copy: Copy, stanza: ET.Element) -> None:
        """Show a message to our users, unless they have seen it, and keep it for those to come."""
        nick, ident = stanza.get("from", "").partition("/")[2], stanza.get("id", "")
        own_ids = [sid for sid in stanza.iterfind(STANZA_ID) if sid.get("by", "") == copy.master]
        if own_ids and not copy.notes(own_ids[0].get("id", "")):
            return
        said = copy.said.pop((nick, ident), None)
        if said is not None or stanza.find(ACCEPTED) is not None:
            if said is not None:
                copy.keeps(_with_ids(said.kept, own_ids, copy))
            return
        late = stanza.find(DELAY)
        at = time_or_none(late.get("stamp", "")) if late is not None else None
        if late is not None and at is not None:
            stanza.remove(late)
        stanza.attrib.pop("to", None)
        readdress(stanza, copy.master, copy.room.jid)
        other_rooms(stanza, self.mirror.local)
        has_body = stanza.find(f"{{{COMPONENT_NS}}}body") is not None
        if not has_body and stanza.find(f"{{{COMPONENT_NS}}}subject") is not None:
            if copy.phase is Phase.RETURNING and not own_ids and is_subject(copy, stanza):
                return
            retitled(copy, stanza, at or self.mirror.now())
        text = serialised(stanza)
        self.mirror.fan_out(copy, text, delay(copy.room.jid, at) if at is not None else "")
        if has_body:
            copy.keeps(Kept(text, at or self.mirror.now()))

    async def _fill(self, copy: Copy) -> None:
        """Have the history of a room that is new here, and let those in who wait."""
        await self.catch_up(copy)
        if copy.phase is Phase.SYNCING:
            copy.phase = Phase.LIVE
            self._welcome(copy)

    async def catch_up(self, copy: Copy) -> bool:
        """Have what was said since the last message that is here, or the newest if none is; then
        what came meanwhile. False if the master does not tell."""
        told, newest = True, copy.phase is Phase.SYNCING
        while told:
            since = copy.last
            answer = None if newest else await self.ask_what_follows(copy)
            if answer is None or answer.get("type") == "error":
                # nothing is known yet, or not by the master any more
                answer = await self._ask_history(copy, f'maxstanzas="{copy.keep}"')
            told = answer is not None and answer.get("type") != "error"
            if answer is None or not told or not self.recount(copy, answer) or copy.last == since:
                break
        early, copy.early = copy.early, []
        for message in early:
            self._pass_on(copy, message)
        return told

    def recount(self, copy: Copy, answer: ET.Element) -> bool:
        """Show what an answer tells of the past, as far as it is news; whether there is more."""
        history = answer.find(f"{{{MUC}}}history")
        if history is None:
            return False
        for message in history.iterfind("{*}message"):
            of_the_stream(message)
            if message.get("from", "").partition("/")[0] == copy.master:
                self._pass_on(copy, message)
        copy.last = history.get("last") or copy.last
        return history.get("complete") == "false"

    async def ask_what_follows(self, copy: Copy) -> ET.Element | None:
        """The answer to what was said after the last message that is here; None for no answer."""
        return await self._ask_history(copy, f'after="{attribute(copy.last)}"')

    async def _ask_history(self, copy: Copy, limit: str) -> ET.Element | None:
        return await self.mirror.asking.ask(
            copy.master,
            f'<room xmlns="{STATE}" id="{attribute(copy.master)}">'
            f'<history xmlns="{MUC}" {limit}/></room>',
            self.mirror.terms.answer_seconds,
        )

    # To one of our users

    def _to_user(self, stanza: ET.Element, copy: Copy | None, master: str) -> bool:
        to = stanza.get("to", "")
        if split(to)[1] != self.mirror.domain:
            return False
        folded = with_resource(to)
        user = original(to) or folded
        if not user or not self.mirror.is_ours(user):
            return False
        if folded:
            self._to_each(folded, stanza, copy, master)
        else:
            self._to_one(user, stanza, copy, master)
        return True

    def _to_each(self, folded: str, stanza: ET.Element, copy: Copy | None, master: str) -> None:
        """Find whom the protocol's own form of an address means, which has lost letter case."""
        here = set(copy.room.seats) if copy is not None else set()
        here |= {joining.jid for joining in self.joining.values() if joining.copy is copy}
        for jid in sorted(here):
            if jid.casefold() == folded.casefold():
                self._to_one(jid, deepcopy(stanza), copy, master)

    def _to_one(self, user: str, stanza: ET.Element, copy: Copy | None, master: str) -> None:
        """Hand on what is for one user, if they are in the room, want to be, or have asked."""
        name, kind = stanza.tag.partition("}")[2], stanza.get("type", "")
        if name == "iq":
            if kind in ("result", "error") and self.mirror.users.asked(user, master, stanza):
                self.hand(user, stanza, master)
            return
        seat = copy.room.seats.get(user) if copy is not None else None
        if name == "presence" and kind == "error" and copy is not None:
            self._refused(copy, user, stanza)
        elif copy is not None and seat is not None and name == "presence":
            own = stanza.get("from", "").partition("/")[2] == seat.occupant.nick
            if own and kind == "unavailable":
                self._presence(copy, stanza)
            elif kind in ("", "unavailable"):
                self.hand(user, stanza, master)
        elif copy is not None and seat is not None and kind == "error":
            self._bounced(copy, seat, stanza)
        elif copy is not None and kind == "error":
            ident = stanza.get("id", "")
            copy.said = {
                k: said for k, said in copy.said.items() if (said.jid, k[1]) != (user, ident)
            }
        elif name == "message" and (seat is not None or self.mirror.users.asks(user, master)):
            self.hand(user, stanza, master)

    def hand(self, user: str, stanza: ET.Element, master: str) -> None:
        """Give one user a stanza of the master's, as one of the room that they know."""
        stanza.set("to", user)
        readdress(stanza, master, self.mirror.local(master))
        other_rooms(stanza, self.mirror.local)
        self.mirror.write(serialised(stanza).encode())

    def _bounced(self, copy: Copy, seat: Seat, stanza: ET.Element) -> None:
        """A message was refused: its sender is told. One that all have seen and that only did not
        get through is sent again."""
        key = (seat.occupant.nick, stanza.get("id", ""))
        if key in copy.said and unreachable(stanza):
            return
        copy.said.pop(key, None)
        self.hand(seat.jid, stanza, copy.master)
        if "not-acceptable" in conditions(stanza):  # it does not know them to be here
            self.mirror.go_back(copy, soon=False)

    # Those who do not come in

    def _refused(self, copy: Copy, user: str, stanza: ET.Element) -> None:
        joining = self.joining.get(stanza.get("id", ""))
        if joining is None and not stanza.get("id"):
            joining = next(
                (j for j in self.joining.values() if j.copy is copy and j.jid == user), None
            )
        if joining is None or joining.copy is not copy or joining.jid != user:
            return
        del self.joining[joining.id]
        if joining.again and unreachable(stanza):
            pass  # it was not heard, let alone refused
        elif joining.again:
            text = stanza.findtext(".//{urn:ietf:params:xml:ns:xmpp-stanzas}text") or ""
            self._put_out(copy, joining, text)
        elif joining.stanza is not None:
            stanza.set("from", f"{copy.master}/{joining.nick}")
            stanza.attrib.pop("id", None)
            if ident := joining.stanza.get("id"):
                stanza.set("id", ident)
            self.hand(user, stanza, copy.master)
        joining.settled(False)
        self.mirror.done(copy)

    def _put_out(self, copy: Copy, joining: Joining, reason: str) -> None:
        seat = copy.room.seats.get(joining.jid)
        if seat is not None:
            told = Told(seat.occupant.nick, codes=(333,), reason=reason)
            self.mirror.show(copy, leaves(copy.room, seat.occupant, told))

    def _refuse(self, joining: Joining, no: Refused) -> None:
        """Tell somebody of ours that they cannot come in."""
        if joining.stanza is None:
            return
        local = joining.copy.room.jid
        origin = f"{local}/{joining.nick}"
        self.mirror.write(error_stanza(joining.stanza, no, origin=origin, by=local).encode())

    def late(self, joining: Joining) -> None:
        """The master takes too long: it is told not to let them in any more."""
        if self.joining.pop(joining.id, None) is None:
            return
        copy, to = joining.copy, f"{joining.copy.master}/{joining.nick}"
        self.mirror.up("presence", joining.jid, to, "", type="unavailable")
        if joining.again:
            self._put_out(copy, joining, "The room does not answer.")
        else:
            no = Refused("remote-server-timeout", "The room does not answer.", "wait")
            self._refuse(joining, no)
        joining.settled(False)
        self.mirror.done(copy)

    def give_up(self, copy: Copy) -> None:
        """The link is down: nobody comes in who is not here yet."""
        no = Refused("remote-server-timeout", "The room cannot be reached now.", "wait")
        for ident, joining in list(self.joining.items()):
            if joining.copy is copy:
                del self.joining[ident]
                self._refuse(joining, no)
                joining.settled(False)
        for ident, (joining, _) in list(self._unwelcomed.items()):
            if joining.copy is copy:
                del self._unwelcomed[ident]
                self._refuse(joining, no)
                seat = copy.room.seats.get(joining.jid)
                if seat is not None:
                    _vanish(copy, seat)


def _vanish(copy: Copy, seat: Seat) -> list[Delivery]:
    """Take the seat of somebody who has not been told yet that they have one."""
    shown = rise(copy.room, seat)
    if not seat.occupant.here:
        copy.room.unfile(seat.occupant)
    return shown


def _with_ids(kept: Kept, ids: list[ET.Element], copy: Copy) -> Kept:
    """A message of ours with the ids that the master gave it."""
    for sid in ids:
        readdress(sid, copy.master, copy.room.jid)
    extra = "".join(map(serialised, ids))
    return Kept(kept.stanza.removesuffix("</message>") + f"{extra}</message>", kept.at)
