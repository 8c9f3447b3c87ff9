"""What browsers hear: a ring that nobody holds up, and a roster that follows events."""

from __future__ import annotations

from legacy_backend.events import ChatStateChanged, MemberJoined, MemberLeft
from legacy_backend.terms import Affiliation, GroupId, MemberId, Role
from legacy_backend.values import Member
from legacy_backend.webchat.happenings import Happening
from legacy_backend.webchat.hub import Hub, Roster

GROUP, ADA, BAO = GroupId("g"), MemberId("ada"), MemberId("bao")


def typing(by: MemberId = ADA) -> Happening:
    return Happening(ChatStateChanged(group=GROUP, by=by, state="composing"))


def joined(id: MemberId, role: Role) -> Happening:
    member = Member(id=id, name=id, affiliation=Affiliation.NONE, role=role)
    return Happening(MemberJoined(group=GROUP, member=member))


def test_who_is_too_slow_learns_that_something_is_lost() -> None:
    hub = Hub()
    hub.take(typing())
    slow = hub.last
    for _ in range(5000):
        hub.take(typing())
    entries = hub.after(slow)
    assert entries is not None
    assert [one.number for one in entries] == list(range(slow + 1, hub.last + 1))
    hub.take(typing())
    assert hub.after(slow) is None


def test_a_cursor_is_good_until_its_successor_is_dropped() -> None:
    hub = Hub()
    start = hub.cursor(hub.last)
    assert hub.place_of(start) == 0
    for _ in range(5000):
        hub.take(typing())
    assert hub.place_of(start) == 0
    hub.take(typing())
    assert hub.place_of(start) is None
    assert hub.place_of(hub.cursor(hub.last)) == hub.last
    for nonsense in ("", "x", hub.cursor(hub.last + 1), hub.cursor(-1), f"{hub.cursor(0)}x"):
        assert hub.place_of(nonsense) is None
    assert Hub().place_of(hub.cursor(hub.last)) is None


def test_the_audience_is_who_was_there() -> None:
    hub = Hub()
    hub.load({GROUP: Roster(frozenset({ADA}))})
    hub.take(typing())
    hub.take(joined(BAO, Role.PARTICIPANT))
    hub.take(Happening(MemberLeft(group=GROUP, id=ADA)))
    hub.take(typing(BAO))
    entries = hub.after(0)
    assert entries is not None
    assert [one.audience for one in entries] == [{ADA}, {ADA, BAO}, {ADA, BAO}, {BAO}]


def test_identities_are_for_moderators_where_a_group_is_anonymous() -> None:
    hub = Hub()
    hub.load({GROUP: Roster(anonymous=True)})
    hub.take(joined(ADA, Role.MODERATOR))
    hub.take(joined(BAO, Role.PARTICIPANT))
    entries = hub.after(1)
    assert entries is not None
    assert (entries[0].roster.veils(ADA), entries[0].roster.veils(BAO)) == (False, True)
