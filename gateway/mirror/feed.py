"""What masters send a mirror: to itself, once for all its users, or to one of these."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.mirror.addresses import original, split, with_resource
from gateway.mirror.bounces import conditions, unreachable
from gateway.mirror.copy import Copy, Phase, forgotten, gone, known, leaves, listed
from gateway.mirror.names import MISSED, OWN
from gateway.mirror.numbers import Count, number_in, taken_out
from gateway.mirror.rewriting import of_the_stream, other_rooms, readdress
from gateway.mirror.roster import ROSTER, complete, read_roster
from gateway.mirror.setup import CONFIG, read_config
from gateway.mirror.told import Told, read_presence
from gateway.muc.errors import error_stanza
from gateway.render.xml import attribute, serialised
from gateway.room.state import Notice, Seat

if TYPE_CHECKING:
    from gateway.mirror.mirror import Mirror

MOST_LISTED = 100_000
"""Occupants of a room; a roster that has more is refused."""

MOST_TRIES = 5
"""How often something said is sent again to a master that does not know who says it."""


class Feed:
    """Reads what masters say, and believes them of their own rooms alone."""

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror

    def takes(self, stanza: ET.Element) -> bool:
        """Deal with a stanza from a master's domain, if it is about a mirrored room."""
        sender = stanza.get("from", "")
        master = sender.partition("/")[0]
        copy = self.mirror.copies.get(master)
        down = unreachable(stanza)
        if copy is not None and not down:
            copy.heard = True
        if stanza.get("to") == self.mirror.domain and stanza.get("type") not in ("result", "error"):
            self._counts(stanza, copy, master)
        if stanza.get("to") == self.mirror.domain:
            taken = self._to_mirror(stanza, copy)
        else:
            taken = self._to_user(stanza, copy, master)
        if down:
            self.mirror.returning.lost(split(sender)[1], "the server says so")
        return taken

    def _counts(self, stanza: ET.Element, copy: Copy | None, master: str) -> None:
        """Look at the number of a stanza: whether all has come that was sent before it."""
        number = taken_out(stanza)
        if number is None:
            return
        if copy is None:
            self.mirror.nobody(master)
            return
        since = stanza[0].get("since") if len(stanza) else None
        if stanza.tag.endswith("}iq") and since:
            forgot = copy.count.since not in ("", since)
            copy.count = Count(since, copy.count.sent, number)
            copy.torn = False
            if forgot and copy.phase is Phase.LIVE:
                self.mirror.returning.go_back(copy)
            return
        if copy.count.heard is None:
            copy.count.heard, copy.torn = number, True
        elif copy.count.misses(number):
            copy.torn = True
        if copy.torn:
            self.mirror.returning.mend(copy)

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
                self.mirror.words.come(copy, stanza)
                return True
        return False

    def _state(self, iq: ET.Element, copy: Copy | None) -> bool:
        payload = iq[0] if len(iq) == 1 else None
        if payload is None or payload.tag not in (CONFIG, ROSTER, MISSED):
            return False
        origin, sender = iq.get("to", ""), iq.get("from", "")
        master = sender.partition("/")[0]
        try:
            if copy is None:
                self.mirror.nobody(master)
                raise Refused("item-not-found", "Nobody here is in this room.")
            if payload.tag == MISSED:
                copy.torn = True
                self.mirror.returning.mend(copy)
            elif payload.tag == CONFIG:
                copy.configure(read_config(payload))
            else:
                self._roster(copy, payload)
        except Refused as no:
            self.mirror.write(error_stanza(iq, no, origin=origin, by=origin, echo=False).encode())
        else:
            ident = attribute(iq.get("id", ""))
            self.mirror.write(
                f'<iq type="result" id="{ident}" from="{attribute(origin)}"'
                f' to="{attribute(sender)}"/>'.encode()
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
        if copy.count.heard is None and forgotten(copy, listing):
            copy.unsure = True
            self.mirror.returning.go_back(copy)
        self.mirror.show(copy, listed(copy, listing, self.mirror.is_ours))
        if copy.phase is Phase.SYNCING:
            self.mirror.returning.fill(copy)

    def agrees(self, copy: Copy, state: ET.Element) -> None:
        """Bring a copy to agree with how things stand, which the master was asked."""
        for part in state:
            of_the_stream(part)
        since, number = state.get("since", ""), number_in(state.get("n"))
        here = copy.count.since in ("", since)
        copy.count = Count(since, copy.count.sent, number)
        config, roster = state.find(CONFIG), state.find(ROSTER)
        subject = state.find("{*}message")
        if config is not None:
            before = copy.room.config
            copy.configure(read_config(config))
            if copy.phase is Phase.LIVE and copy.room.config != before:
                self.mirror.show(copy, copy.room.to_all(Notice((104,))))
        if roster is not None:
            listing, copy.listing = [*copy.listing, *read_roster(roster)], []
            self.mirror.show(copy, listed(copy, listing, self.mirror.is_ours))
        if subject is not None and subject.get("from", "").partition("/")[0] == copy.master:
            self.mirror.words.retell(copy, subject)
        lost = {one.get("jid", "") for one in state.iterfind(f"{{{OWN}}}gone")}
        for seat in list(copy.room.seats.values()):
            if self.mirror.address(seat.jid) not in lost:
                copy.confirmed.add(seat.jid)
            elif here and seat.jid in copy.confirmed:  # that they were put out has been lost
                told = Told(seat.occupant.nick, codes=(333,))
                self.mirror.show(copy, leaves(copy.room, seat.occupant, told))
            else:
                self.mirror.returning.come_back(copy, seat, new=False)
        self.mirror.done(copy)

    def _presence(self, copy: Copy, stanza: ET.Element) -> None:
        told = read_presence(stanza)
        if told is None:
            return
        if not told.available:
            self.mirror.show(copy, gone(copy, told))
            copy.held &= copy.room.seats.keys()
            self.mirror.done(copy)
            return
        joining = self.mirror.entering.confirmed(copy, stanza, told)
        if joining is None or joining.again:
            self.mirror.show(copy, known(copy, told, self.mirror.is_ours)[1])
        else:
            self.mirror.entering.seat(copy, joining, told)
        if joining is not None:
            copy.confirmed.add(joining.jid)
            joining.settled(True)

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
        here |= {
            joining.jid for joining in self.mirror.entering.joining.values() if joining.copy is copy
        }
        for jid in sorted(here):
            if jid.casefold() == folded.casefold():
                self._to_one(jid, deepcopy(stanza), copy, master)

    def _to_one(self, user: str, stanza: ET.Element, copy: Copy | None, master: str) -> None:
        """Hand on what is for one user, if they are in the room, want to be, or have asked."""
        name, kind = stanza.tag.partition("}")[2], stanza.get("type", "")
        if name == "iq":
            if kind in ("result", "error") and self.mirror.questions.asked(user, master, stanza):
                self.hand(user, stanza, master)
            return
        seat = copy.room.seats.get(user) if copy is not None else None
        if name == "presence" and kind == "error" and copy is not None:
            self.mirror.entering.refused(copy, user, stanza)
        elif copy is not None and seat is not None and name == "presence":
            own = stanza.get("from", "").partition("/")[2] == seat.occupant.nick
            if own and kind == "unavailable":
                self._presence(copy, stanza)
            elif kind in ("", "unavailable"):
                self.hand(user, stanza, master)
        elif copy is not None and seat is not None and kind == "error":
            self._bounced(copy, seat, stanza)
        elif copy is not None and kind == "error":
            for said in list(copy.said.values()):
                if (said.jid, said.id) == (user, stanza.get("id", "")):
                    copy.unsays(said.key)
        elif name == "message" and (seat is not None or self.mirror.questions.asks(user, master)):
            self.hand(user, stanza, master)

    def hand(self, user: str, stanza: ET.Element, master: str) -> None:
        """Give one user a stanza of the master's, as one of the room that they know."""
        stanza.set("to", user)
        readdress(stanza, master, self.mirror.local(master))
        other_rooms(stanza, self.mirror.local)
        self.mirror.write(serialised(stanza).encode())

    def _bounced(self, copy: Copy, seat: Seat, stanza: ET.Element) -> None:
        """A message was refused: its sender is told. One that all have seen, and that only did not
        get through or came when nobody of ours was known to be there, is sent again."""
        key = (seat.occupant.nick, stanza.get("id", ""))
        said = copy.said.get(key)
        unknown = "not-acceptable" in conditions(stanza)  # it does not know them to be here
        seen = said if said is not None and said.shown else None
        again = unknown and seen is not None and seen.tries < MOST_TRIES
        if seen is None or not (unreachable(stanza) or again):
            copy.unsays(key)
            self.hand(seat.jid, stanza, copy.master)
        if unknown:
            self.mirror.returning.go_back(copy, soon=False)
