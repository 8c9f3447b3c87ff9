"""Whatever happens to the link, or to either end, in whatever order."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from conformance.client import PATIENCE
from gateway.mirror.copy import Phase
from legacy_backend import GroupId
from legacy_backend.events import GroupDestroyed
from tests.mirror.link import MIRROR, World, linked
from tests.mirror.test_joining import LOCALS, OPEN, shape
from tests.mirror.test_link_lost import _same, says, the_copy
from tests.mirror.test_talking import everybody
from tests.muc.reading import codes
from tests.stage import DOMAIN, Person

MESSAGE = "message groupchat"


async def test_both_ends_are_restarted_and_nobody_has_to_join_again(
    tmp_path: Path, database: Path
) -> None:
    async with linked(tmp_path, database) as before:
        await everybody(before)
        people = before.raleigh.people
    async with linked(tmp_path, database) as world:
        world.group(*OPEN, *LOCALS)
        world.raleigh.people = people
        for person in people.values():
            stage: Any = world.raleigh
            person.stage, person._read = stage, 0
        live = world.fairfax.gateway.rooms.of("", GroupId("g1"))
        assert {seat.mirror for seat in live.room.seats.values()} == {"", MIRROR}
        assert {seat.real_jid for seat in live.room.seats.values() if seat.mirror} == {
            "wayne@raleigh.example/TransVerse", "keith@raleigh.example/TransVerse"
        }  # fmt: skip
        await world.fairfax.starts()
        scott = world.fairfax.person("scott", domain="fairfax.example")
        says(scott, "after")
        await scott.receives("<message id='after'/>")
        await world.settled()
        await _agree(world, [scott])
        for person in people.values():
            ids = [s.get("id") for s in await person.has_heard() if shape(s) == MESSAGE]
            assert ids == ["after", "at last"]
        await _same(world)


@pytest.mark.parametrize("hasty", [False, True], ids=["echo", "local first"])
@pytest.mark.parametrize("lost", ["on its way", "on the way back"])
async def test_what_the_master_has_not_accepted_outlasts_the_mirror(
    tmp_path: Path, database: Path, lost: str, hasty: bool
) -> None:
    first = frozenset({DOMAIN} if hasty else ())
    async with linked(tmp_path, database, local_first=first) as world:
        scott, _, wayne, keith = await everybody(world)
        mirrors = lost == "on the way back"
        world.link.loses = lambda s: (s.get("to") == MIRROR) is mirrors
        says(wayne, "my last words")
        await wayne.stage.settled()
        await world.raleigh.start()
        world.link.loses = lambda _: False
        await _agree(world, [scott])
        for person in (scott, wayne, keith):
            ids = [s.get("id") for s in person._inbox() if shape(s) == MESSAGE]
            assert ids.count("my last words") == 1, person.name
        await _same(world)


async def test_a_room_that_is_destroyed_is_told_once(world: World) -> None:
    *_, wayne, keith = await everybody(world)
    await world.fairfax.network.tells(GroupDestroyed(group=GroupId("g1"), reason="Enough"))
    gone = (
        "<presence type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<item role='none'/><destroy><reason>Enough</reason></destroy></x></presence>"
    )
    for person in (wayne, keith):
        (own,) = await person.hears_only(gone)
        assert 110 in codes(own)
    assert [shape(s) for s in world.link.down] == ["presence unavailable"]
    assert not world.raleigh.mirror.copies


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("hasty", [False, True], ids=["echo", "local first"])
@pytest.mark.requirement("D-093")
async def test_a_link_that_flaps_loses_nothing_and_repeats_nothing(
    tmp_path: Path, database: Path, seed: int, hasty: bool
) -> None:
    dice = random.Random(seed)
    terms: dict[str, Any] = {"answer_seconds": 0.5}
    if hasty:
        terms["local_first"] = frozenset({DOMAIN})
    async with linked(tmp_path, database, **terms) as world:
        people = await everybody(world)
        world.fairfax.gateway.rates.per_minute = {}
        heard: dict[str, list[str]] = {person.name: [] for person in people}
        for number in range(40):
            match dice.choice(("cut", "look", "say", "say", "say", "wait")):
                case "cut":
                    world.link.broken = not world.link.broken
                case "look":
                    looking = asyncio.create_task(_look(world))
                    if dice.random() < 0.5:
                        await looking
                case "say":
                    says(dice.choice(people), f"word {number}")
                    for _ in range(dice.randrange(6)):
                        await asyncio.sleep(0)
                case _:
                    await world.settled()
        world.link.broken = False
        await _agree(world, people)
        for person in people:
            for stanza in await person.has_heard():
                if shape(stanza) == "message groupchat" and stanza.findtext("{*}body"):
                    heard[person.name].append(stanza.get("id", ""))
        for name, words in heard.items():
            assert len(words) == len(set(words)), f"{name} heard something twice: {words}"
        live = world.fairfax.gateway.rooms.of("", GroupId("g1"))
        entries = await live.host.archive.history(live.id, limit=1000)
        everything = {entry.message_id for entry in entries} - {"at last"}
        assert len(entries) == len(everything) + 1
        for name in ("wayne", "keith"):
            assert everything <= set(heard[name]), f"{name} missed something"
        await _same(world)


async def test_a_message_that_was_lost_without_a_word_is_found_by_looking(world: World) -> None:
    scott, _, wayne, keith = await everybody(world)
    says(scott, "heard")
    await wayne.receives("<message id='heard'/>")
    world.link.broken = world.link.silent = True
    says(scott, "lost")
    await scott.receives("<message id='lost'/>")
    await world.settled()
    world.link.broken = False
    the_copy(world).heard = False
    await _look(world)
    await wayne.hears_only("<message id='lost'/>")
    assert [m.get("id") for m in await keith.has_heard()] == ["heard", "lost"]


async def _look(world: World) -> None:
    for copy in list(world.raleigh.mirror.copies.values()):
        await world.raleigh.mirror.returning.look_for(copy)


async def _agree(world: World, people: list[Person]) -> None:
    """Look for the master until all is well again, as `watch` does for ever."""
    async with asyncio.timeout(PATIENCE):
        while True:
            the_copy(world).heard = False
            await _look(world)
            await world.settled()
            if the_copy(world).phase is Phase.LIVE and not the_copy(world).said:
                break
            if the_copy(world).phase is Phase.LIVE:
                world.raleigh.mirror.returning.go_back(the_copy(world))
    says(people[0], "at last")
    await people[0].receives("<message id='at last'/>")
    await world.settled()
