"""The link goes down, and comes back (DMUC3, Connection to master is lost)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from conformance.client import PATIENCE
from gateway.mirror.copy import Copy, Phase
from legacy_backend import GroupId, MemberId
from legacy_backend.events import Departure, MemberLeft
from tests.mirror.link import MIRROR, World, join_as
from tests.mirror.test_joining import shape
from tests.mirror.test_talking import STANZAS, everybody
from tests.muc.reading import codes, find
from tests.stage import Person

GONE = (
    "<presence type='unavailable' from='{{room}}/{}'>"
    "<x xmlns='http://jabber.org/protocol/muc#user'><item role='none'/>"
    "<status code='333'/></x></presence>"
)


def the_copy(world: World) -> Copy:
    (copy,) = world.raleigh.mirror.copies.values()
    return copy


def master(world: World) -> Any:
    (end,) = world.fairfax.gateway.mirror_ends
    return end


def says(person: Person, words: str) -> None:
    person.sends(
        "<message to='{room}' type='groupchat' id='{words}'><body>{words}</body></message>",
        words=words,
    )


async def cut(world: World, scott: Person, wayne: Person) -> None:
    """Break the link, and have both ends notice."""
    world.link.broken = True
    says(scott, "scott notices")
    says(wayne, "wayne notices")
    await scott.receives(GONE.format("Wayne"))
    await wayne.receives(GONE.format("Scott"))
    await world.settled()
    assert the_copy(world).phase is Phase.SPLIT


async def mend(world: World) -> None:
    """Let stanzas cross again, and have the mirror look whether they do."""
    world.link.broken = False
    world.link.forget()
    await world.raleigh.mirror.returning.look_for(the_copy(world))
    async with asyncio.timeout(PATIENCE):
        while the_copy(world).phase is not Phase.LIVE:
            await world.settled()
    await world.settled()


@pytest.mark.requirement("D-008", "D-090", "D-091", "D-092")
async def test_d_091_each_side_sees_the_others_leave(world: World) -> None:
    scott, kevin, wayne, keith = await everybody(world)
    world.link.broken = True
    says(wayne, "anybody")
    for person in (wayne, keith):
        for gone in ("Scott", "Kevin"):
            (seen,) = await person.receives(GONE.format(gone))
            assert codes(seen) == [333]
    await scott.hears_nothing()
    says(scott, "anyone")
    for person in (scott, kevin):
        for gone in ("Wayne", "Keith"):
            (seen,) = await person.receives(GONE.format(gone))
            assert codes(seen) == [333]
    assert all(
        not seat.mirror for live in world.fairfax.gateway.rooms for seat in live.room.seats.values()
    )


@pytest.mark.parametrize("condition", ["remote-server-timeout", "remote-server-not-found", "gone"])
async def test_what_the_room_cannot_reach_is_not_its_link(world: World, condition: str) -> None:
    """The network behind the master is away, or has no such group any more."""
    scott, _, wayne, keith = await everybody(world)
    world.fairfax.network.holds("send")
    says(wayne, "too far")
    asked = await world.fairfax.network.is_asked("send", "g1", "too far")
    asked.refuses(condition, "Not now.")
    await wayne.hears_only(
        f"<message type='error' id='too far'><error><{condition} {STANZAS}/></error></message>"
    )
    assert the_copy(world).phase is Phase.LIVE
    for person in (scott, keith):
        await person.hears_nothing()


@pytest.mark.requirement("D-009", "D-090")
async def test_d_009_those_of_one_mirror_go_on_talking(world: World) -> None:
    scott, _, wayne, keith = await everybody(world)
    await cut(world, scott, wayne)
    for person in (wayne, keith):
        await person.has_heard()
    says(wayne, "Still here?")
    for person in (wayne, keith):
        await person.hears_only("<message from='{room}/Wayne'><body>Still here?</body></message>")
    keith.sends("<presence to='{room}/Keith'><show>away</show></presence>")
    await wayne.hears_only("<presence from='{room}/Keith'><show>away</show></presence>")
    world.raleigh.person("wayne", "phone").sends(join_as("Wayne"))
    await world.raleigh.person("wayne", "phone").hears_only(
        f"<presence type='error'><error type='wait'><remote-server-timeout {STANZAS}/></error>"
        "</presence>"
    )
    wayne.sends("<iq type='set' id='k' to='{room}'>"
                "<query xmlns='http://jabber.org/protocol/muc#admin'>"
                "<item nick='Keith' role='none'/></query></iq>")  # fmt: skip
    await wayne.receives(
        f"<iq type='error' id='k'><error><remote-server-timeout {STANZAS}/></error></iq>"
    )
    assert world.link.broken
    assert "wayne" not in str(world.link.up[1:])


@pytest.mark.requirement("D-093", "D-094", "D-095", "D-007")
async def test_d_093_afterwards_all_have_everything_once(world: World) -> None:
    scott, kevin, wayne, keith = await everybody(world)
    await cut(world, scott, wayne)
    for person in (scott, kevin, wayne, keith):
        await person.has_heard()
    says(scott, "over there")
    says(wayne, "over here")
    kevin.sends("<presence to='{room}/Kevin' type='unavailable'/>")
    await scott.receives("<message id='over there'/>", "<presence type='unavailable'/>")
    await wayne.receives("<message id='over here'/>")
    await keith.receives("<message id='over here'/>")
    for person in (scott, kevin):
        await person.has_heard()

    await mend(world)

    for person in (wayne, keith):
        heard = await person.has_heard()
        bodies = [m.findtext("{*}body") for m in heard if shape(m).startswith("message")]
        assert bodies == ["scott notices", "over there"]
        shown = [m.get("from", "").partition("/")[2] for m in heard if shape(m) == "presence"]
        assert shown == ["Scott"]
        assert all(find(m, "delay") is not None for m in heard if "message" in shape(m))
    heard = await scott.has_heard()
    assert sorted(p.get("from", "").partition("/")[2] for p in heard if shape(p) == "presence") == [
        "Keith", "Wayne"
    ]  # fmt: skip
    bodies = [m.findtext("{*}body") for m in heard if shape(m).startswith("message")]
    assert bodies == ["over here"]
    await _same(world)
    says(scott, "and on")
    for person in (wayne, keith):
        await person.hears_only("<message id='and on'/>")


async def _same(world: World) -> None:
    """Both ends have the same people in the room, and the same past."""
    live = world.fairfax.gateway.rooms.of("", GroupId("g1"))
    copy = the_copy(world)
    there = {(p.nick, live.room.role(p)) for p in live.room.occupants()}
    here = {(p.nick, copy.room.role(p)) for p in copy.room.occupants()}
    assert there == here
    entries = await live.host.archive.history(live.id, limit=1000)
    await copy.live.settled()
    kept = await copy.live.host.archive.history(copy.live.id, limit=1000)
    assert [entry.stanza_id for entry in kept] == [entry.stanza_id for entry in entries]


async def test_what_was_on_its_way_when_the_link_broke_is_shown_once(hasty: World) -> None:
    """The master has it, and its word that it has is lost."""
    scott, _, wayne, keith = await everybody(hasty)
    plain = hasty.raleigh.hears
    hasty.raleigh.hears = lambda stanza: None  # type: ignore[method-assign, assignment]
    says(wayne, "half way")
    await scott.receives("<message id='half way'/>")
    for person in (wayne, keith):
        await person.hears_only("<message id='half way'/>")
    hasty.raleigh.hears = plain  # type: ignore[method-assign]
    await cut(hasty, scott, wayne)
    await mend(hasty)
    for person in (wayne, keith, scott):
        heard = await person.has_heard()
        assert "half way" not in [m.get("id") for m in heard]
    await _same(hasty)
    assert not the_copy(hasty).said


async def test_a_long_absence_is_caught_up_page_by_page(world: World) -> None:
    scott, _, wayne, keith = await everybody(world)
    await cut(world, scott, wayne)
    await keith.has_heard()
    words = [f"word {n}" for n in range(230)]
    world.fairfax.gateway.rates.per_minute = {}
    for word in words:
        says(scott, word)
    await scott.receives(f"<message id='{words[-1]}'/>")
    await mend(world)
    heard = [m.get("id") for m in await keith.has_heard() if shape(m).startswith("message")]
    assert heard == ["scott notices", *words]
    assert [shape(s) for s in world.link.down].count("iq result history") == 3


async def test_a_mirror_that_has_forgotten_everything_comes_in_anew(world: World) -> None:
    scott, kevin, _, keith = await everybody(world)
    await world.raleigh.start(forgets=True)
    (wayne,) = await world.raleigh.joined("wayne")
    await scott.receives(GONE.format("Keith"), "<presence from='{room}/Wayne'/>")
    keith.sends("<presence to='{room}/Keith'/>")
    (told,) = await keith.receives("<presence type='unavailable' from='{room}/Keith'/>")
    assert sorted(codes(told)) == [110, 307, 333]
    await kevin.has_heard()
    says(wayne, "back")
    await scott.receives("<message id='back'/>")


async def test_who_may_not_come_back_is_put_out(world: World) -> None:
    scott, _, wayne, keith = await everybody(world)
    await cut(world, scott, wayne)
    how: Any = Departure.BANNED
    await world.fairfax.network.tells(
        MemberLeft(group=GroupId("g1"), id=MemberId("wayne"), how=how, by=MemberId("scott"))
    )
    for person in (wayne, keith):
        await person.has_heard()
    await mend(world)
    (own,) = await wayne.hears_only(
        "<presence type='unavailable' from='{room}/Wayne'>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><item role='none'><reason/></item>"
        "<status code='110'/></x></presence>"
    )
    assert 333 in codes(own)
    await keith.receives("<presence type='unavailable' from='{room}/Wayne'/>")
    await scott.receives("<presence from='{room}/Keith'/>")
    await _same_people(world)


async def _same_people(world: World) -> None:
    live = world.fairfax.gateway.rooms.of("", GroupId("g1"))
    there = {p.nick for p in live.room.occupants()}
    assert there == {p.nick for p in the_copy(world).room.occupants()}


async def test_a_silent_link_is_found_out_by_pings(world: World) -> None:
    scott, _, wayne, _ = await everybody(world)
    world.link.broken = world.link.silent = True
    world.raleigh.mirror.asking.ask = _no_answer  # type: ignore[method-assign]
    copy = the_copy(world)
    copy.heard = True
    for phase in (Phase.LIVE, Phase.LIVE, Phase.SPLIT):
        assert copy.phase is Phase.LIVE
        await world.raleigh.mirror.returning.look_for(copy)
        assert copy.phase is phase
    await wayne.receives(GONE.format("Scott"))
    end = master(world)
    end.ping_seconds = 0.05
    assert end.in_use() == {MIRROR}
    await end.look_for(MIRROR)
    await scott.hears_nothing()
    await end.look_for(MIRROR)
    await scott.receives(GONE.format("Wayne"))
    assert not end.in_use()


async def _no_answer(*_: Any) -> None:
    return None


async def test_a_master_that_has_lost_us_is_found_out_by_a_ping(world: World) -> None:
    """Only the master noticed that the link was down."""
    scott, kevin, wayne, keith = await everybody(world)
    master(world).lost(MIRROR, "for the test")
    await scott.receives(GONE.format("Wayne"), GONE.format("Keith"))
    copy = the_copy(world)
    copy.heard = False
    await world.raleigh.mirror.returning.look_for(copy)
    async with asyncio.timeout(PATIENCE):
        while the_copy(world).phase is not Phase.LIVE:
            await world.settled()
    await scott.receives("<presence from='{room}/Wayne'/>", "<presence from='{room}/Keith'/>")
    for person in (wayne, keith):
        await person.hears_nothing()
    await kevin.has_heard()


async def test_messages_wait_for_the_link_up_to_a_number(world: World) -> None:
    scott, _, wayne, keith = await everybody(world)
    await cut(world, scott, wayne)
    await keith.has_heard()
    for n in range(100):
        says(wayne, f"waits {n}")
    says(wayne, "too much")
    await wayne.receives(
        f"<message type='error' id='too much'><error><resource-constraint {STANZAS}/></error>"
        "</message>"
    )
    heard = await keith.has_heard()
    assert len(heard) == 100


async def test_a_second_break_loses_nothing(world: World) -> None:
    scott, _, wayne, keith = await everybody(world)
    await cut(world, scott, wayne)
    says(wayne, "first")
    await keith.receives("<message id='first'/>")
    await mend(world)
    await scott.receives("<message id='first'/>")
    await cut(world, scott, wayne)
    says(wayne, "second")
    await mend(world)
    await scott.receives("<message id='second'/>")
    heard = [m.get("id") for m in await scott.has_heard()]
    assert "first" not in heard
    assert "second" not in heard
    await _same(world)


async def test_a_direct_client_of_a_mirrored_user_stays(world: World) -> None:
    """Wayne is in with a client beside the master, too."""
    scott, _, wayne, keith = await everybody(world)
    desk = Person(world.fairfax, "wayne", "desk", "raleigh.example")
    desk.sends(join_as("Wayne"))
    await desk.receives("<message type='groupchat'><subject/></message>")
    await keith.has_heard()
    wayne.sends("<presence to='{room}/Wayne' type='unavailable'/>")
    await keith.receives("<presence type='unavailable' from='{room}/Wayne'/>",
                         "<presence from='{room}/Wayne'/>")  # fmt: skip
    await scott.hears_nothing()
    await _same_people(world)
