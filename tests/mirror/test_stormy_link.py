"""A link that breaks at random moments, in random ways, between two real servers under load.

FAULTS_CUTS says how often, FAULTS_SHORTEST and FAULTS_LONGEST for how many seconds, FAULTS_SEED
repeats some: `make faults`.
"""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path
from typing import cast

import pytest

from tests.mirror.crowd import crowd
from tests.mirror.servers import pair
from tests.mirror.weather import Stormy, storm

CUTS = int(os.environ.get("FAULTS_CUTS") or 3)
SEED = int(os.environ.get("FAULTS_SEED") or random.randrange(1 << 32))
SHORTEST_SECONDS = float(os.environ.get("FAULTS_SHORTEST") or 0.1)
LONGEST_SECONDS = max(float(os.environ.get("FAULTS_LONGEST") or 3), SHORTEST_SECONDS)
"""How long the link is broken, each time."""
PATIENT = "[limits]\nmessages_per_minute = 100000\n"
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(300 + (100 + LONGEST_SECONDS) * CUTS),
]


@pytest.mark.parametrize("hasty", [False, True], ids=["echo", "local first"])
@pytest.mark.requirement("D-090", "D-093")
async def test_both_ends_agree_whenever_the_link_is_back(tmp_path: Path, hasty: bool) -> None:
    dice = random.Random(f"{SEED} {hasty}")
    ways: dict[str, int] = {}
    async with (
        pair(tmp_path, relay=Stormy, hasty=hasty, more=PATIENT) as both,
        crowd(both) as people,
    ):
        relays = cast(tuple[Stormy, Stormy], both.relays)
        for _ in range(CUTS):
            people.start(dice)
            await asyncio.sleep(dice.uniform(0, 1))
            way = await storm(relays, dice, SHORTEST_SECONDS, LONGEST_SECONDS)
            ways[way] = ways.get(way, 0) + 1
            await asyncio.sleep(dice.uniform(0, 1))
            await people.stop()
            await people.agree()
        told = people.check()
    print(f"\nseed {SEED}: the link was broken {CUTS} times, {ways}; each time all agreed: {told}")


async def test_both_ends_agree_after_a_link_that_flapped(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    async with pair(tmp_path, relay=Stormy, more=PATIENT) as both, crowd(both) as people:
        relays = cast(tuple[Stormy, Stormy], both.relays)
        people.start(dice)
        for number in range(2 * CUTS):
            for relay in relays:
                await (relay.mend(lost=False) if number % 2 else relay.break_off())
            await asyncio.sleep(1)
        await people.stop()
        await people.agree()
        told = people.check()
    print(f"\nseed {SEED}: the link flapped {CUTS} times: {told}")


async def test_both_ends_are_killed_at_random_moments(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    killed = {"master": 0, "mirror": 0}
    async with pair(tmp_path, relay=Stormy, more=PATIENT) as both, crowd(both) as people:
        for _ in range(CUTS):
            people.start(dice)
            await asyncio.sleep(dice.uniform(0, 1))
            names = dice.choice((["master"], ["mirror"], ["master", "mirror"]))
            places = [both.fairfax if name == "master" else both.raleigh for name in names]
            await asyncio.gather(*(place.gateway.kill() for place in places))
            await asyncio.gather(*(place.gateway.start() for place in places))
            await people.stop()
            await people.agree(all_shown=False)
            for name in names:
                killed[name] += 1
        told = people.check()
    print(f"\nseed {SEED}: killed {killed}; each time all agreed: {told}")
