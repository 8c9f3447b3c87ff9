"""What an occupant's availability shows (XEP-0045 §7.7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.room.state import Appearance, Delivery, Occupant, Room, Seat, Show


@dataclass(frozen=True, slots=True)
class Looks:
    """What a client says of its user's availability."""

    show: Show = ""
    status: str = ""
    priority: int = 0


def appear(
    room: Room,
    person: Occupant,
    show: Show,
    status: str,
    idle_since: datetime | None = None,
    *,
    but: Iterable[Seat] = (),
) -> list[Delivery]:
    """Show `person` as available in this way; nothing if that is how they are shown."""
    was = (person.here, person.show, person.status, person.idle_since)
    person.present = True
    person.show, person.status, person.idle_since = show, status, idle_since
    if not person.here or was == (True, show, status, idle_since):
        return []
    room.version += 1
    return room.to_all(Appearance(room.face(person)), but=but)


def say(seat: Seat, looks: Looks) -> None:
    """Note what a client says of its user."""
    seat.show, seat.status, seat.priority = looks.show, looks.status, looks.priority
    seat.said = 1 + max(other.said for other in (seat, *seat.occupant.seats.values()))


def merged(room: Room, person: Occupant, *, but: Iterable[Seat] = ()) -> list[Delivery]:
    """Show somebody as the client of the highest priority has it, the latest of equals."""
    if not person.seats:
        return []
    best = max(person.seats.values(), key=lambda seat: (seat.priority, seat.said))
    return appear(room, person, best.show, best.status, person.idle_since, but=but)
