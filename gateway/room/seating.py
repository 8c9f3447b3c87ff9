"""Joining, leaving, and losing a seat (XEP-0045 §7.2, §7.14, §18.1.2)."""

from __future__ import annotations

from datetime import datetime

from gateway.errors import Refused
from gateway.room.presence import Looks, merged, say
from gateway.room.state import Appearance, Delivery, Occupant, Room, Seat
from legacy_backend.terms import Affiliation


def may_enter(room: Room, person: Occupant | None, password: str) -> None:
    """Check that somebody may sit down; None is a user whom the room does not know yet.

    Raises Refused: "forbidden" if banned (§7.2.7), "registration-required" if the room is for
    members only (§7.2.6), "not-authorized" for a password other than the room's (§7.2.5),
    "service-unavailable" if the room is full, admins and owners apart (§7.2.9).
    """
    rank = person.affiliation if person is not None else Affiliation.NONE
    if rank is Affiliation.OUTCAST:
        raise Refused("forbidden", "You are banned from this room.")
    if rank <= Affiliation.NONE and room.config.members_only:
        raise Refused("registration-required", "This room is for members only.")
    if room.config.password and rank <= Affiliation.NONE and password != room.config.password:
        raise Refused("not-authorized", "This room wants a password, and not this one.")
    if room.config.max_users and rank < Affiliation.ADMIN:
        others = sum(1 for occupant in room.occupants() if occupant is not person)
        if others >= room.config.max_users:
            raise Refused("service-unavailable", "This room is full.", "wait")


def sit(
    room: Room,
    person: Occupant,
    jid: str,
    now: datetime,
    looks: Looks | None = None,
    *,
    mirror: str = "",
    behind: str = "",
) -> tuple[Seat, list[Delivery]]:
    """Give a full JID a seat on `person`; return it, and what the others are shown.

    They are shown the newcomer, once: a further seat of somebody who is here, and a JID that
    joins again (§7.2.1), change for them at most how that person looks. `looks` is what the client
    says of its user; `mirror` and `behind` are the Seat's.
    """
    was_here = person.here
    seat = Seat(jid, person, joined_at=now, heard_at=now, mirror=mirror, behind=behind)
    room.seats.pop(jid, None)
    person.seats.pop(jid, None)
    room.seats[jid] = seat
    person.seats[jid] = seat
    say(seat, looks or Looks())
    shown = merged(room, person, but=[seat])
    if was_here:
        return seat, shown
    room.version += 1
    return seat, room.to_all(Appearance(room.face(person)), but=[seat])


def rise(
    room: Room, seat: Seat, *, status: str = "", codes: tuple[int, ...] = ()
) -> list[Delivery]:
    """Take a seat away; return what its holder is shown, then what the others are.

    The holder always hears of it (§7.14). The others do when it was the last seat of a user, who
    then is gone from the room. `codes` say why, 333 for an error (§11.1).
    """
    person = seat.occupant
    face = room.face(person, gone=True)._replace(show="", status=status)
    leaving = Appearance(face, available=False, codes=codes)
    room.seats.pop(seat.jid, None)
    person.seats.pop(seat.jid, None)
    shown = [Delivery((seat,), leaving)]
    if person.here:
        return shown + merged(room, person)
    room.version += 1
    return shown + room.to_all(leaving)


def seat_of(room: Room, jid: str) -> Seat:
    """The seat of a full JID.

    Raises Refused "not-acceptable" if it has none (§7.4; what self-pings read, XEP-0410).
    """
    seat = room.seats.get(jid)
    if seat is None:
        raise Refused("not-acceptable", "You are not in this room.")
    return seat
