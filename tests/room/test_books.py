"""People who are folded away while nobody looks at a room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from gateway.room.state import Hat, Occupant, OccupantId
from legacy_backend.terms import Affiliation, MemberId, Role, Stretch
from tests.room.people import check, person, room, seat

IST = timezone(timedelta(hours=5, minutes=30))


def fields(who: Occupant) -> dict[str, object]:
    """All there is of somebody."""
    return {name: getattr(who, name) for name in Occupant.__slots__ if name != "__weakref__"}


def test_who_is_unfolded_is_as_before() -> None:
    def cook() -> Occupant:
        return Occupant(
            member=MemberId("42\0\ud800"),
            id=OccupantId("o-42"),
            nick="Zoë",
            affiliation=Affiliation.ADMIN,
            given_role=Role.VISITOR,
            jid="zoe@gw",
            present=False,
            show="dnd",
            status="cooking",
            idle_since=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=IST),
            hats=(Hat("urn:cook", "Cook", "120"), Hat("urn:x", "X")),
            photo="abc",
            sees=(Stretch(None, datetime(2026, 1, 1, tzinfo=UTC)), Stretch()),
        )

    place = room(cook(), person("DAN"), person("EVE:outcast"))
    place.books.fold()
    assert place.books.folded
    assert list(place.books.unfolded()) == []
    assert fields(place.nicks["Zoë"]) == fields(cook())
    assert fields(place.people[MemberId("DAN")]) == fields(person("DAN"))
    assert not place.books.folded
    assert list(place.people) == ["42\0\ud800", "DAN", "EVE"]
    assert set(place.nicks) == {"Zoë", "DAN"}
    check(place)


def test_none_and_nothing_stay_apart() -> None:
    who = person("DAN")
    who.sees, who.given_role, who.photo = (), Role.NONE, None
    place = room(who)
    del who
    place.books.fold()
    dan = place.nicks["DAN"]
    assert (dan.sees, dan.given_role, dan.photo) == ((), Role.NONE, None)


def test_users_and_who_is_held_stay_the_objects_that_they_are() -> None:
    place = room(person("DAN"), person("ada"), person("EVE"))
    ada, eve = id(place.nicks["ada"]), place.nicks["EVE"]
    place.books.fold()
    assert {who.nick for who in place.books.unfolded()} == {"ada", "EVE"}
    found = place.person_of(next(iter(place.books.unfolded())).user or "")  # type: ignore[arg-type]
    assert found is not None
    assert found.nick == "ada"
    assert place.books.folded, "looking for a user does not unfold"
    eve.show = "away"
    assert list(place.people) == ["DAN", "ada", "EVE"]
    assert place.people[MemberId("EVE")] is eve
    assert place.nicks["EVE"] is eve
    assert id(place.nicks["ada"]) == ada
    check(place)


def test_who_is_held_no_more_is_folded_the_next_time() -> None:
    place = room(person("DAN"), person("EVE"))
    eve = place.nicks["EVE"]
    place.books.fold()
    eve.status = "busy"
    del eve
    place.books.fold()
    assert list(place.books.unfolded()) == []
    assert place.nicks["EVE"].status == "busy"


def test_who_sits_there_stays() -> None:
    place = room(person("ada"), person("DAN"))
    seat(place, place.nicks["ada"])
    place.books.fold()
    check(place)


def test_whoever_has_to_be_told_is() -> None:
    place = room(person("DAN"))
    opened: list[int] = []
    place.books.opened = lambda: opened.append(len(place.books.unfolded()))
    place.books.fold()
    place.books.looked_at = False
    assert opened == []
    assert place.occupant("DAN") is not None
    assert place.occupant("EVE") is None
    assert opened == [1]
    assert place.books.looked_at
