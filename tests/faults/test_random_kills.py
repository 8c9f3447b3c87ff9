"""Power failures of the gateway, and of its database, at random moments while people talk.

FAULTS_KILLS says how many, FAULTS_SEED repeats some: `make faults`.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from conformance.client import Client
from tests.e2e.conftest import Place, webchat
from tests.faults.talking import archive, heard, network, says_for_sure
from tests.postgres import Postgres, find_programs
from tests.servers.prosody import Prosody
from tests.web_client import WebPerson, web_person

KILLS = int(os.environ.get("FAULTS_KILLS") or 5)
SEED = int(os.environ.get("FAULTS_SEED") or random.randrange(1 << 32))
pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300 + 10 * KILLS)]
LISTENERS = ("ada", "bao", "cyd")
LONGEST_SECONDS = 1.5
"""How long it goes well at most, each time."""
PAUSE_SECONDS = 0.005
"""Between two messages; else the archive takes longer to read than all the rest."""
DRY_SECONDS = 60
"""How long the queue may take to have filled what is missing."""


@pytest.fixture
def cluster() -> Iterator[Postgres]:
    """A PostgreSQL of this test's own, which writes as if the power could fail."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: no initdb in PATH or /usr/lib/postgresql")
    with tempfile.TemporaryDirectory(prefix="sluice-pg-") as folder:
        cluster = Postgres(programs, Path(folder))
        cluster.start(fsync=True)
        yield cluster
        cluster.stop()


class Talk:
    """Wanda says 0, 1, 2, … until she is told to stop; nobody knows when something falls over."""

    def __init__(self, wanda: WebPerson, place: Place) -> None:
        self.said: list[str] = []
        self._wanda, self._place = wanda, place
        self._going_on = True
        self._task = asyncio.create_task(self._talk())

    async def _talk(self) -> None:
        while self._going_on:
            body = str(len(self.said))
            await says_for_sure(self._wanda, self._place, body)
            self.said.append(body)
            await asyncio.sleep(PAUSE_SECONDS)

    async def stop(self) -> list[str]:
        self._going_on = False
        await asyncio.wait_for(self._task, 60)
        return self.said


@asynccontextmanager
async def crowd(prosody: Prosody, place: Place) -> AsyncIterator[tuple[WebPerson, list[Client]]]:
    """A group of the web chat, and people with XMPP clients in it."""
    async with AsyncExitStack() as stack:
        await place.gateway.start()
        stack.push_async_callback(place.gateway.terminate)
        wanda = await stack.enter_async_context(web_person(place.web, "Wanda"))
        await wanda.makes("hall")
        people = []
        for name in LISTENERS:
            client = Client(prosody, name, names=place.names(), resource="desk")
            person = await stack.enter_async_context(client)
            await person.join(place.room("hall"), name)
            people.append(person)
        yield wanda, people


async def fails_at_random(
    wanda: WebPerson, people: list[Client], place: Place, fail: Callable[[], Awaitable[None]]
) -> None:
    """Have something fail again and again while Wanda talks; then nothing is lost, nor twice."""
    chance = random.Random(SEED)
    talk = Talk(wanda, place)
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0, LONGEST_SECONDS))  # this is what is tested
        await fail()
    said = await talk.stop()
    there = await network(wanda)
    assert there == said
    archived = await _when_dry(people[0], place.room("hall"), there)
    assert archived == there
    told = {}
    for name, person in zip(LISTENERS, people, strict=True):
        bodies = heard(person, place.room("hall"))
        assert len(bodies) == len(set(bodies)), f"{name} was shown something twice"
        assert set(bodies) <= set(archived), f"{name} saw what is not in the archive"
        told[name] = len(bodies)
    print(
        f"\nseed {SEED}: failed {KILLS} times; said {len(said)}, in the network {len(there)},"
        f" in the archive {len(archived)}, in its order; heard live {told}"
    )


async def _when_dry(person: Client, room: str, there: list[str]) -> list[str | None]:
    """The archive once it has as much as the network, or after a long time."""
    deadline = asyncio.get_running_loop().time() + DRY_SECONDS
    while True:
        archived = await archive(person, room)
        if len(archived) >= len(there) or asyncio.get_running_loop().time() > deadline:
            return archived
        await asyncio.sleep(2)  # nothing tells when the queue has run dry


async def test_the_gateway_is_killed(prosody: Prosody, tmp_path: Path) -> None:
    place = webchat(prosody, prosody.spare_component(), tmp_path)

    async def kill() -> None:
        await place.gateway.kill()
        await place.gateway.start()

    async with crowd(prosody, place) as (wanda, people):
        await fails_at_random(wanda, people, place, kill)


@pytest.mark.postgres
async def test_the_database_is_killed(prosody: Prosody, tmp_path: Path, cluster: Postgres) -> None:
    url = cluster.make()
    place = webchat(prosody, prosody.spare_component(), tmp_path, database=url)

    async def kill() -> None:
        await asyncio.to_thread(cluster.stop)
        await asyncio.to_thread(lambda: cluster.start(fsync=True))

    async with crowd(prosody, place) as (wanda, people):
        await fails_at_random(wanda, people, place, kill)
