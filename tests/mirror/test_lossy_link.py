"""A link that loses single stanzas without a word, or dies while much is told."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conformance.client import PATIENCE
from gateway.mirror.copy import Phase
from legacy_backend import GroupId
from tests.mirror.link import World, join_as, linked
from tests.mirror.test_joining import LOCALS, OPEN, shape
from tests.mirror.test_link_lost import _same, says, the_copy
from tests.mirror.test_talking import everybody
from tests.stage import DOMAIN, Person


async def agreed(world: World) -> None:
    """Look for the master until all is well, as `watch` does for ever."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for copy in list(world.raleigh.mirror.copies.values()):
                copy.heard = False
                await world.raleigh.mirror.returning.look_for(copy)
            await world.settled()
            copies = world.raleigh.mirror.copies.values()
            if any(c.phase is not Phase.LIVE or c.torn or c.mending or c.said for c in copies):
                continue
            if await same(world):
                return


async def same(world: World) -> bool:
    try:
        await _same(world)
    except AssertionError:
        return False
    return True


def words(stanzas: list[ET.Element]) -> list[str]:
    return [s.get("id", "") for s in stanzas if s.findtext("{*}body")]


@pytest.mark.parametrize("hasty", [False, True], ids=["echo", "local first"])
async def test_a_link_that_drops_every_third_stanza(
    tmp_path: Path, database: Path, hasty: bool
) -> None:
    first = frozenset({DOMAIN} if hasty else ())
    async with linked(tmp_path, database, answer_seconds=1.5, local_first=first) as world:
        people = await everybody(world)
        world.fairfax.gateway.rates.per_minute = {}
        count = itertools.count(1)
        world.link.loses = lambda _: next(count) % 3 == 0
        for n in range(30):
            says(people[n % 4], f"word {n}")
            if n == 12:
                people[1].sends("<presence to='{room}/Kevin' type='unavailable'/>")
            if n == 20:
                people[3].sends("<presence to='{room}/Keith'><show>away</show></presence>")
            await asyncio.sleep(0.01)
        await agreed(world)
        live = world.fairfax.gateway.rooms.of("", GroupId("g1"))
        archived = [e.message_id for e in await live.host.archive.history(live.id, limit=100)]
        assert len(set(archived)) == len(archived)
        assert {f"word {n}" for n in range(0, 30, 4)} <= set(archived)  # who is beside the master
        assert {f"word {n}" for n in range(30) if n % 4 > 1} <= set(archived)  # and who is not
        for person in (people[2], people[3]):
            heard = words(await person.has_heard())
            assert len(set(heard)) == len(heard)
            assert set(heard) == set(archived)
        print(f"every third of {next(count) - 1} stanzas was lost; {len(archived)} messages")


async def test_so_much_at_once_that_it_does_not_wait_is_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The room goes on while something that was lost is asked for."""
    monkeypatch.setattr("gateway.mirror.copy.MOST_EARLY", 5)
    scott, _, wayne, _ = await everybody(world)
    world.fairfax.gateway.rates.per_minute = {}
    held: list[ET.Element] = []
    world.link.loses = lambda s: shape(s) == "iq result history" and not held.append(s)
    the_copy(world).torn = True
    world.raleigh.mirror.returning.mend(the_copy(world))
    for n in range(30):
        says(scott, f"word {n}")
    await scott.receives("<message id='word 29'/>")
    await world.settled()
    assert held
    world.link.loses = lambda _: False
    for answer in held:
        world.raleigh.mirror.takes(answer)
    await agreed(world)
    assert words(await wayne.has_heard()) == [f"word {n}" for n in range(30)]


async def test_a_lost_kick_is_not_undone_by_coming_back(world: World) -> None:
    scott, _, wayne, keith = await everybody(world)
    lost: list[ET.Element] = []

    def loses(stanza: ET.Element) -> bool:
        if stanza.get("type") == "unavailable":
            lost.append(stanza)
        return stanza.get("type") == "unavailable"

    world.link.loses = loses
    world.fairfax.network.obeys("kick")
    scott.sends("<iq type='set' id='k' to='{room}'>"
                "<query xmlns='http://jabber.org/protocol/muc#admin'>"
                "<item nick='Wayne' role='none'/></query></iq>")  # fmt: skip
    await scott.receives("<iq type='result' id='k'/>")
    await world.settled()
    assert [shape(s) for s in lost] == ["presence unavailable"]
    says(scott, "He is gone")
    gone = "<presence type='unavailable' from='{room}/Wayne'/>"
    await wayne.receives(gone)
    await keith.receives(gone, "<message id='He is gone'/>")
    await wayne.hears_nothing()
    await _same(world)


@pytest.mark.parametrize("after", range(8))
async def test_a_link_that_dies_while_a_room_is_told(
    tmp_path: Path, database: Path, after: int
) -> None:
    """After so many stanzas of the configuration, the roster, the history, and who comes in."""
    async with linked(tmp_path, database, answer_seconds=1.5) as world:
        world.group(*OPEN, *LOCALS)
        world.fairfax.gateway.rates.per_minute = {}
        (scott,) = await world.direct("scott")
        for n in range(30):
            says(scott, f"word {n}")
        await scott.receives("<message id='word 29'/>")
        wayne = world.raleigh.person("wayne")
        passed = itertools.count()
        world.link.loses = lambda _: next(passed) >= after
        wayne.sends(join_as("Wayne"))
        await _until(world, lambda: next(passed) > after or bool(_errors(wayne)))
        await asyncio.sleep(0)
        world.link.loses = lambda _: False
        await _until(world, lambda: _in(wayne) or bool(_errors(wayne)))
        if not _in(wayne):
            await wayne.has_heard()
            await wayne.joins("Wayne")
        await agreed(world)
        heard = words(await wayne.has_heard()) or words(wayne._inbox())
        assert heard == [f"word {n}" for n in range(30)]


def _errors(person: Person) -> list[ET.Element]:
    return [s for s in person._inbox() if s.get("type") == "error"]


def _in(person: Person) -> bool:
    return any(s.find("{*}subject") is not None for s in person._inbox())


async def _until(world: World, so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not so():
            await world.settled()


async def test_the_past_can_be_read_while_the_link_is_down(world: World) -> None:
    scott, _, wayne, keith = await everybody(world)
    for n in range(3):
        says(scott, f"word {n}")
    await keith.receives("<message id='word 2'/>")
    world.link.broken = True
    says(wayne, "anybody")
    await world.settled()
    assert the_copy(world).phase is Phase.SPLIT
    await keith.has_heard()
    world.link.forget()
    keith.sends("<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'>"
                "<set xmlns='http://jabber.org/protocol/rsm'><max>2</max><before/></set>"
                "</query></iq>")  # fmt: skip
    one, two, fin = await keith.hears_only(
        "<message from='{room}'><result xmlns='urn:xmpp:mam:2'/></message>",
        "<message from='{room}'><result xmlns='urn:xmpp:mam:2'/></message>",
        "<iq type='result' id='q' from='{room}'><fin xmlns='urn:xmpp:mam:2' stable='false'/></iq>",
    )
    bodies = [m.findtext(".//{jabber:client}body") for m in (one, two)]
    assert bodies == ["word 1", "word 2"]
    assert fin.find("{*}fin").get("complete") is None  # type: ignore[union-attr]
    assert not world.link.stanzas


async def test_who_may_not_read_the_past_does_not_while_the_link_is_down(world: World) -> None:
    world.group(*OPEN, *LOCALS, history_visible=False)
    (scott,) = await world.direct("scott")
    await world.raleigh.joined("keith")
    says(scott, "before")
    await scott.receives("<message id='before'/>")
    await world.settled()
    (wayne,) = await world.raleigh.joined("wayne")
    assert not words(wayne._inbox())
    says(scott, "after")
    await wayne.receives("<message id='after'/>")
    world.link.broken = True
    says(wayne, "anybody")
    await world.settled()
    read = "<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>"
    found = {}
    for person in (wayne, world.raleigh.person("keith")):
        await person.has_heard()
        person.sends(read)
        heard = await person.has_heard()
        found[person.name] = [s.findtext(".//{jabber:client}body") for s in heard[:-1]]
    assert found == {"wayne": ["after"], "keith": ["before", "after"]}
    stranger = world.raleigh.person("nobody")
    stranger.sends(read)
    await stranger.hears_only("<iq type='error' id='q'/>")


async def test_what_was_taken_back_is_gone_from_the_mirror_too(world: World) -> None:
    scott, _, _, keith = await everybody(world)
    world.fairfax.network.obeys("retract")
    says(scott, "oops")
    (message,) = await keith.receives("<message id='oops'/>")
    sid = message.find("{urn:xmpp:sid:0}stanza-id")
    assert sid is not None
    scott.sends("<message to='{room}' type='groupchat' id='r'>"
                "<retract xmlns='urn:xmpp:message-retract:1' id='{sid}'/></message>",
                sid=sid.get("id", ""))  # fmt: skip
    await keith.receives("<message><retract xmlns='urn:xmpp:message-retract:1'/></message>")
    await world.settled()
    live = the_copy(world).live
    kept = await live.host.archive.find(live.id, stanza_id=sid.get("id"))
    assert kept is not None
    assert "oops</body>" not in kept.stanza
    assert "<retracted" in kept.stanza
