"""Whatever happens to a room, it stays one."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.errors import Refused
from gateway.room.config import configure
from gateway.room.kick import kick, kickable
from gateway.room.nick import free_nick, rename
from gateway.room.people import Person, all_seen, seen
from gateway.room.presence import Looks, merged, say
from gateway.room.removal import empty, remove
from gateway.room.seating import may_enter, rise, sit
from gateway.room.standing import set_affiliation, set_role
from gateway.room.state import (
    Appearance,
    Delivery,
    Destroyed,
    Occupant,
    OccupantId,
    Room,
    RoomConfig,
)
from legacy_backend.terms import Affiliation, GroupId, MemberId, Role, UserId
from tests.room.people import NOW, check

WHO = st.sampled_from(["ada", "bao", "cyd", "DAN", "EVE"])
NAMES = st.sampled_from(["ada", "Ada", "bao", "\u200b", "x" * 1100, "DAN"])
RANKS = st.sampled_from(list(Affiliation))
ROLES = st.sampled_from([Role.VISITOR, Role.PARTICIPANT, Role.MODERATOR])


class AnyRoom(RuleBasedStateMachine):
    """Operations in any order. What each seat was shown is kept, and has to add up."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Room("g1@gw", GroupId("g1"))
        self.sees: dict[str, set[str]] = {}

    def show(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            for seat in delivery.seats:
                if isinstance(delivery.fact, Appearance):
                    self.told(seat.jid, delivery.fact)

    def told(self, jid: str, fact: Appearance) -> None:
        seen_now = self.sees.get(jid)
        if seen_now is None:
            return
        if fact.available:
            seen_now.add(fact.face.nick)
            return
        assert fact.face.nick in seen_now, "nobody leaves who was not shown"
        seen_now.discard(fact.face.nick)

    @rule(
        who=WHO, name=NAMES, rank=RANKS, role=ROLES | st.none(), here=st.booleans(),
        user=st.booleans(),
    )  # fmt: skip
    def network_tells(
        self, who: str, name: str, rank: Affiliation, role: Role | None, here: bool, user: bool
    ) -> None:
        person = self._described(who, name, rank, role, here, user)
        self.show(seen(self.room, person)[1])

    def _described(
        self, who: str, name: str, rank: Affiliation, role: Role | None, here: bool, user: bool
    ) -> Person:
        return Person(
            member=MemberId(who), id=OccupantId(f"o-{who}"), name=name, affiliation=rank, role=role,
            present=here, user=UserId(f"{who}@x") if user and who.islower() else None,
        )  # fmt: skip

    @rule(listed=st.sets(WHO))
    def network_lists(self, listed: set[str]) -> None:
        people = [
            self._described(who, who, Affiliation.MEMBER, None, True, who.islower())
            for who in sorted(listed)
        ]
        self.show(all_seen(self.room, people))

    @rule(who=WHO, resource=st.sampled_from(["a", "b"]), show=st.sampled_from(["", "dnd"]))
    def joins(self, who: str, resource: str, show: str) -> None:
        person = self.room.people.get(MemberId(who))
        if person is None or person.user is None:
            return
        try:
            may_enter(self.room, person, "")
        except Refused:
            return
        jid = f"{who}@x/{resource}"
        _, shown = sit(self.room, person, jid, NOW, Looks(show))  # type: ignore[arg-type]
        self.sees.pop(jid, None)
        self.show(shown)
        self.sees[jid] = self.visible_to(person)

    def visible_to(self, viewer: Occupant) -> set[str]:
        here = self.room.occupants()
        return {p.nick for p in here if p is viewer or not self.room.face(p).hidden}

    @rule(number=st.integers(0, 9), codes=st.sampled_from([(), (333,)]))
    def leaves(self, number: int, codes: tuple[int, ...]) -> None:
        seats = list(self.room.seats.values())
        if seats:
            seat = seats[number % len(seats)]
            self.show(rise(self.room, seat, codes=codes))
            self.sees.pop(seat.jid)

    @rule(number=st.integers(0, 9), priority=st.integers(-1, 1))
    def says_how_they_are(self, number: int, priority: int) -> None:
        seats = list(self.room.seats.values())
        if seats:
            seat = seats[number % len(seats)]
            say(seat, Looks("away", "", priority))
            self.show(merged(self.room, seat.occupant))

    @rule(who=WHO, rank=RANKS)
    def rank_changes(self, who: str, rank: Affiliation) -> None:
        if (person := self.room.people.get(MemberId(who))) is not None:
            self.show(set_affiliation(self.room, person, rank))

    @rule(who=WHO, role=ROLES)
    def role_changes(self, who: str, role: Role) -> None:
        if (person := self.room.people.get(MemberId(who))) is not None:
            self.show(set_role(self.room, person, role))

    @rule(who=WHO, name=NAMES)
    def is_called(self, who: str, name: str) -> None:
        if (person := self.room.people.get(MemberId(who))) is not None:
            nick = free_nick(self.room, name, person, who)
            self.show(rename(self.room, person, nick))
            assert rename(self.room, person, nick) == []

    @rule(who=WHO, by=WHO)
    def is_kicked(self, who: str, by: str) -> None:
        actor = self.room.people.get(MemberId(by))
        if actor is None:
            return
        try:
            target = kickable(self.room, actor, who)
        except Refused:
            return
        self.show(kick(self.room, target, actor.nick, ""))
        assert kick(self.room, target, actor.nick, "") == []
        assert not target.here

    @rule(who=WHO, rank=st.sampled_from([Affiliation.NONE, Affiliation.OUTCAST]))
    def is_gone(self, who: str, rank: Affiliation) -> None:
        if (person := self.room.people.get(MemberId(who))) is not None:
            forget = rank is Affiliation.NONE
            self.show(remove(self.room, person, affiliation=rank, forget=forget))

    @rule(
        members_only=st.booleans(), moderated=st.booleans(), anonymous=st.booleans(),
        shown=st.frozensets(ROLES),
    )  # fmt: skip
    def is_set_up(
        self, members_only: bool, moderated: bool, anonymous: bool, shown: frozenset[Role]
    ) -> None:
        config = RoomConfig(
            members_only=members_only, moderated=moderated, anonymous=anonymous, shown_roles=shown
        )
        self.show(configure(self.room, config))
        assert configure(self.room, config) == []

    @rule()
    def is_destroyed(self) -> None:
        self.show(empty(self.room, Destroyed()))
        assert not self.room.people

    @rule()
    def nobody_looks(self) -> None:
        self.room.books.fold()

    @invariant()
    def is_a_room(self) -> None:
        check(self.room)

    @invariant()
    def everyone_sees_who_is_here(self) -> None:
        for jid in [jid for jid in self.sees if jid not in self.room.seats]:
            del self.sees[jid]
        for jid, nicks in self.sees.items():
            here = self.visible_to(self.room.seats[jid].occupant)
            assert nicks == here, f"{jid} sees {nicks}, and here are {here}"


AnyRoom.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestAnyRoom = AnyRoom.TestCase
