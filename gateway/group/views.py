"""How the people in a room look to each of those who are told of them."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.render.presence import presence
from gateway.render.versions import listed, mav, step
from gateway.render.xml import Splice
from gateway.room.state import Appearance, Face, Occupant, Relisted, Room, Seat, Step
from gateway.room.versions import Versions
from legacy_backend.terms import MemberId


class Views:
    """Writes the presences of one room, and keeps those that are asked for again and again."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.versions: Versions | None = None
        """Those of the affiliations, once a client has asked for them."""
        self._faces: dict[tuple[MemberId, bool], tuple[Face, Splice]] = {}

    def forget(self) -> None:
        """Write what is asked for next anew."""
        self._faces.clear()

    def roster(self, viewer: Occupant) -> Iterator[Splice]:
        """The presences of everyone here now but the viewer, as they may see them.

        Each is written when it is taken, so that it may be done in pieces.
        """
        with_jid = self.room.sees_jids(viewer)
        faces = [self.room.face(person) for person in self.room.occupants() if person is not viewer]
        return (self._usual(face, with_jid) for face in faces if not face.hidden)

    def to(self, jid: str, fact: Appearance, codes: tuple[int, ...] = ()) -> Splice:
        """One presence for one full JID, as whoever sits there may see it; `codes` for oneself."""
        seat = self.room.seats.get(jid)
        if seat is not None and seat.occupant.member == fact.face.member:
            return self.self_presence(seat, fact, codes)
        with_jid = seat is not None and self.room.sees_jids(seat.occupant)
        return self._presence(fact, with_jid=with_jid)

    def to_seat(self, seat: Seat, fact: Appearance) -> Splice:
        """One presence for somebody seated, with the version of the list that it makes."""
        if seat.occupant.member == fact.face.member:
            return self.self_presence(seat, fact)
        with_jid = self.room.sees_jids(seat.occupant)
        if fact.relisted is None:
            return self._presence(fact, with_jid=with_jid)
        version = step(self._step(seat, fact.relisted))
        return presence(self.room.jid, fact, with_jid=with_jid, version=version)

    def self_presence(self, seat: Seat, fact: Appearance, codes: tuple[int, ...] = ()) -> Splice:
        """A presence about the one who gets it (§7.2.2); `codes` besides the room's usual ones."""
        usual = self._own_codes() if fact.available else ()
        return presence(
            self.room.jid,
            fact,
            with_jid=True,
            own_jid=seat.jid,
            extra_codes=(*usual, *codes),
            version=self._version(seat, fact),
        )

    def relisted(self, seat: Seat, fact: Relisted) -> str:
        """The message that tells somebody of a change of the list; "" if they do not see it."""
        change = self._step(seat, fact)
        if change is None:
            return ""
        people = [(change.jid, change.affiliation)]
        return listed(self.room.jid, seat.jid, people, change.since, change.until)

    def _version(self, seat: Seat, fact: Appearance) -> str:
        """What somebody is told of the version with their own presence: the change that it shows,
        or else where things stand."""
        if self.versions is None or not fact.available:
            return ""
        if fact.relisted is not None and (change := self._step(seat, fact.relisted)) is not None:
            return step(change)
        listing = self.versions.list_of(seat.occupant)
        return "" if listing is None else mav(listing.version)

    def _step(self, seat: Seat, fact: Relisted) -> Step | None:
        """A change of the list that somebody sees."""
        which = self.versions.for_viewer(seat.occupant) if self.versions is not None else None
        return None if which is None else fact.steps[which]

    def _own_codes(self) -> tuple[int, ...]:
        """The codes of every self-presence here besides 110 (§7.2.3, §7.2.12)."""
        config = self.room.config
        return (() if config.anonymous else (100,)) + ((170,) if config.public_log else ())

    def _presence(self, fact: Appearance, *, with_jid: bool) -> Splice:
        if fact.available and not fact.codes and not fact.actor and not fact.reason:
            return self._usual(fact.face, with_jid)
        if not fact.available:
            self._faces.pop((fact.face.member, with_jid), None)
        return presence(self.room.jid, fact, with_jid=with_jid)

    def _usual(self, face: Face, with_jid: bool) -> Splice:
        """The presence of somebody who just is here: kept until they look different."""
        key = (face.member, with_jid)
        cached = self._faces.get(key)
        if cached is not None and cached[0] == face:
            return cached[1]
        splice = presence(self.room.jid, Appearance(face), with_jid=with_jid)
        self._faces[key] = (face, splice)
        return splice
