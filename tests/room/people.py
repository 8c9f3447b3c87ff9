"""Rooms and people for tables of rules."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.room.seating import sit
from gateway.room.state import Occupant, OccupantId, Room, RoomConfig, Seat
from legacy_backend.terms import Affiliation, GroupId, MemberId, Role, UserId

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def room(*people: Occupant, **config: object) -> Room:
    """A room with these people."""
    made = Room("g1@gw", GroupId("g1"), config=RoomConfig(**config))  # type: ignore[arg-type]
    for person in people:
        made.file(person)
    return made


def person(text: str) -> Occupant:
    """From "name", "name:affiliation" or "name:affiliation:role"; a user if in small letters."""
    name, affiliation, role = (*text.split(":"), "", "")[:3]
    return Occupant(
        member=MemberId(name),
        id=OccupantId(f"o-{name}"),
        nick=name,
        affiliation=Affiliation[(affiliation or "member").upper()],
        given_role=Role[role.upper()] if role else None,
        user=UserId(f"{name}@x") if name.islower() else None,
    )


def seat(place: Room, who: Occupant, resource: str = "r") -> Seat:
    """Have them sit down."""
    return sit(place, who, f"{who.user}/{resource}", NOW)[0]


def check(place: Room) -> None:
    """The invariants of a room."""
    for member, known in place.people.items():
        assert known.member == member
        if known.affiliation is Affiliation.OUTCAST:
            assert place.nicks.get(known.nick) is not known
            assert not known.seats
        else:
            assert place.nicks[known.nick] is known
        for jid, its in known.seats.items():
            assert place.seats[jid] is its
            assert its.jid == jid
            assert its.occupant is known
    for nick, known in place.nicks.items():
        assert known.nick == nick
        assert place.people[known.member] is known
    for its in place.seats.values():
        assert its.occupant.seats[its.jid] is its
        assert place.people[its.occupant.member] is its.occupant
