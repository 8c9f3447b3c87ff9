"""What people were called until a moment ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.group.former_names import REMEMBERED, FormerNames
from gateway.room.nick import rename
from gateway.room.state import Occupant, OccupantId, Room, Seat
from legacy_backend import GroupId, MemberId

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_name_is_a_former_one_for_half_a_minute_unless_it_is_taken_again() -> None:
    now = NOON
    names = FormerNames(lambda: now)
    room = Room("r@gw", GroupId("g"))
    ada = Occupant(MemberId("ada"), OccupantId("1"), "Ada")
    room.file(ada)
    room.seats["ada@x/1"] = ada.seats["ada@x/1"] = Seat("ada@x/1", ada, NOON, NOON)

    def is_called(nick: str) -> None:
        names.note(rename(room, ada, nick))

    is_called("Countess")
    is_called("Duchess")
    assert names.has(ada.member, "Ada")
    assert names.has(ada.member, "Countess")
    assert not names.has(ada.member, "Duchess")
    assert not names.has(MemberId("bao"), "Ada")
    is_called("Ada")
    assert not names.has(ada.member, "Ada")
    now += REMEMBERED / 2
    is_called("Countess")
    now += REMEMBERED / 2
    assert not names.has(ada.member, "Duchess")
    assert names.has(ada.member, "Ada")
    now += REMEMBERED + timedelta(seconds=1)
    assert not names.has(ada.member, "Ada")
