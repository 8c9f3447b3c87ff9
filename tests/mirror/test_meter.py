"""What crossed the link is counted at both ends, by room and in all, and what it saved."""

from __future__ import annotations

from typing import Any

from gateway.group.host import utc_now
from gateway.group.rooms import Rooms
from gateway.mirror.meter import Meter
from gateway.mirror.status import Standing, row, standings
from gateway.render.xml import serialised
from tests.mirror.link import MIRROR, World
from tests.mirror.test_talking import everybody
from tests.stage import DOMAIN


def meter_at_mirror(world: World) -> Meter:
    """As a gateway around the mirror would have it, with what has crossed since `forget`."""
    own_rooms = Rooms(world.fairfax.gateway.rooms.host)  # none
    meter = Meter(own_rooms, frozenset(), world.raleigh.mirror, utc_now)
    for stanza in world.link.up:
        meter.sent(serialised(stanza).encode(), 1)
    for stanza in world.link.down:
        meter.came(stanza)
    return meter


def of_master(world: World) -> Standing:
    (one,) = standings(world.fairfax.gateway.meter)
    return one


async def test_both_ends_count_the_same(world: World) -> None:
    await everybody(world)
    crossed = world.fairfax.gateway.meter.mirrors[MIRROR]
    before = (crossed.stanzas_up, crossed.stanzas_down, crossed.bytes_up, crossed.bytes_down)
    wayne = world.raleigh.person("wayne")
    wayne.sends(
        "<message to='{room}' type='groupchat' id='m1'><body>Ahoy &amp; on</body></message>"
    )
    await wayne.receives("<message id='m1'/>")
    wayne.sends("<presence to='{room}/Wayne'><status>Away</status></presence>")
    wayne.sends("<iq type='get' id='i1' to='{room}'>"
                "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>")  # fmt: skip
    await wayne.receives("<iq type='result' id='i1'/>")
    await world.settled()
    there = meter_at_mirror(world).masters[DOMAIN]
    assert (there.stanzas_up, there.stanzas_down) == (3, 3)
    assert (len(world.link.up), len(world.link.down)) == (3, 3)
    after = (crossed.stanzas_up, crossed.stanzas_down, crossed.bytes_up, crossed.bytes_down)
    assert [now - then for now, then in zip(after, before, strict=True)] == [
        3, 3, there.bytes_up, there.bytes_down,
    ]  # fmt: skip


async def test_what_is_told_once_is_saved_for_each_further_client(world: World) -> None:
    scott, *_ = await everybody(world)
    crossed = world.fairfax.gateway.meter.mirrors[MIRROR]
    size, saved = crossed.bytes_down, crossed.saved
    scott.sends("<message to='{room}' type='groupchat' id='m1'><body>Ahoy</body></message>")
    await scott.receives("<message id='m1'/>")
    assert crossed.bytes_down - size > 100
    assert crossed.saved - saved == crossed.bytes_down - size
    await world.settled()
    at_mirror = meter_at_mirror(world).masters[DOMAIN]
    assert at_mirror.saved == at_mirror.bytes_down == crossed.bytes_down - size


async def test_each_end_says_how_the_room_is(world: World) -> None:
    await everybody(world)
    there = row(of_master(world))
    assert (there["room"], there["side"], there["other"]) == (f"g1@{DOMAIN}", "master", MIRROR)
    assert (there["state"], there["users"], there["agreed"]) == ("linked", 2, None)
    (here,) = map(row, standings(meter_at_mirror(world)))
    assert (here["room"], here["side"], here["other"]) == (f"g1@{DOMAIN}", "mirror", DOMAIN)
    assert (here["state"], here["users"], here["queue"]) == ("linked", 2, 0)
    assert str(here["agreed"]).endswith("Z")

    cut = utc_now()
    world.link.broken = True
    wayne = world.raleigh.person("wayne")
    wayne.sends("<message to='{room}' type='groupchat' id='m1'><body>Hello?</body></message>")
    await world.settled()
    wayne.sends("<message to='{room}' type='groupchat' id='m2'><body>Hello!</body></message>")
    await world.settled()
    (lost,) = standings(meter_at_mirror(world))
    assert (lost.state, lost.queue) == ("lost", 1)
    assert lost.since > cut > (lost.agreed or cut)
    world.fairfax.gateway.mirror_ends[0].lost(MIRROR, "the test says so")
    there = row(of_master(world))
    assert (there["state"], there["users"]) == ("lost", 0)
    assert of_master(world).since > lost.since


async def test_nothing_is_listed_once_the_last_has_left(world: World) -> None:
    await everybody(world)
    for name in ("Wayne", "Keith"):
        world.raleigh.person(name.lower()).sends(
            f"<presence type='unavailable' to='{{room}}/{name}'/>"
        )
    await world.settled()
    assert list(standings(world.fairfax.gateway.meter)) == []
    assert list(standings(meter_at_mirror(world))) == []


async def test_a_domain_that_is_both_is_told_apart_by_our_own_address(world: World) -> None:
    """Two gateways that mirror each other's rooms."""
    await everybody(world)
    mirror: Any = world.raleigh.mirror
    meter = Meter(world.fairfax.gateway.rooms, frozenset({DOMAIN}), mirror, utc_now)
    user = r"wayne\40raleigh.example@mirror.raleigh.example/ship"
    for origin in (user, MIRROR):  # as their mirror
        meter.sent(f'<message from="{origin}" to="hall@{DOMAIN}"/>'.encode(), 1)
    assert (meter.masters[DOMAIN].stanzas_up, DOMAIN in meter.mirrors) == (2, False)
    meter.sent(
        f'<message to="{DOMAIN}" from="deck@{MIRROR}/Wayne"/>'.encode(), 1
    )  # as their master
    assert meter.mirrors[DOMAIN].stanzas_down == 1


async def test_what_is_for_others_costs_nothing(world: World) -> None:
    await everybody(world)
    world.link.forget()
    meter = meter_at_mirror(world)
    for to in ("wayne@raleigh.example/ship", "raleigh.example", "", f"x@y.example/{DOMAIN}"):
        meter.sent(f'<message to="{to}" id="a"><body> to="{DOMAIN}"</body></message>'.encode(), 1)
    assert not meter.masters
    meter.sent(f'<iq type="get" id="a" to="{DOMAIN}"/>'.encode(), 1)
    assert meter.masters[DOMAIN].stanzas_up == 1
