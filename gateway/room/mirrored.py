"""Seats behind a mirror, which is told once what all of them see (DMUC3)."""

from __future__ import annotations

from gateway.room.seating import rise
from gateway.room.state import Appearance, Delivery, Room, Seat


def behind(room: Room, mirror: str) -> list[Seat]:
    """The seats of a mirror's users."""
    return [seat for seat in room.seats.values() if seat.mirror == mirror]


def mirrors(room: Room) -> list[str]:
    """The mirrors that have users here."""
    return list(dict.fromkeys(seat.mirror for seat in room.seats.values() if seat.mirror))


def sees_jids(room: Room, mirror: str) -> bool:
    """Whether real JIDs are in what a mirror is sent: if any of its users sees them (§7.2.4)."""
    return any(room.sees_jids(seat.occupant) for seat in behind(room, mirror))


def spared(deliveries: list[Delivery], mirror: str) -> list[Delivery]:
    """The deliveries, but nothing for a mirror, which knows of it already."""
    kept = [
        Delivery(tuple(seat for seat in d.seats if seat.mirror != mirror), d.fact)
        for d in deliveries
    ]
    return [new for new, old in zip(kept, deliveries, strict=True) if new.seats or not old.seats]


def left(room: Room, seat: Seat, shown: list[Delivery]) -> list[Delivery]:
    """What is left to show of it when a seat behind a mirror was taken away, which showed the
    leaving itself: where it has shown somebody as gone who is not, it is told."""
    shown = spared(shown, seat.mirror)
    person = seat.occupant
    others = behind(room, seat.mirror)
    if person.here and others and all(other.occupant is not person for other in others):
        shown.append(Delivery((others[0],), Appearance(room.face(person))))
    return shown


def vacate(room: Room, mirror: str) -> list[Delivery]:
    """Take the seats of everyone behind a mirror that is lost, or knows nothing of them any more;
    return what the others are shown (333)."""
    shown: list[Delivery] = []
    for seat in behind(room, mirror):
        shown += rise(room, seat, codes=(333,))
    return spared(shown, mirror)
