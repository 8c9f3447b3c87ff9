"""kill -9 of the gateway while people talk: nothing lost, nothing twice, nobody has to rejoin."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from conformance.client import Client
from tests.e2e.conftest import Place, webchat
from tests.servers.prosody import Prosody
from tests.web_client import WebPerson, web_person

pytestmark = pytest.mark.e2e

MESSAGES = 2000
LISTENERS = ("ada", "bao", "cyd", "dov", "eli")


async def test_kill_9_in_the_middle_of_two_thousand_messages(
    prosody: Prosody, tmp_path: Path
) -> None:
    place = webchat(prosody, prosody.spare_component(), tmp_path)
    room = place.room("hall")
    await place.gateway.start()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(place.gateway.terminate)
        wanda = await stack.enter_async_context(web_person(place.web, "Wanda"))
        await wanda.makes("hall")
        people = []
        for name in LISTENERS:
            person = await stack.enter_async_context(
                Client(prosody, name, names=place.names(), resource="desk")
            )
            await person.join(room, name)
            people.append(person)

        talk = asyncio.create_task(_talk(wanda, place))
        await people[0].expect(f"<message><body>{MESSAGES // 2}</body></message>", timeout=60)
        await place.gateway.kill()
        await place.gateway.start()
        said = await asyncio.wait_for(talk, 120)
        assert len(said) == MESSAGES

        last = f"<message from='{{room}}/Wanda'><body>{said[-1]}</body></message>"
        for person in people:
            await person.expect(last, timeout=60)

        network = await _network(wanda)
        archived = await _archive(people[0], room)
        assert archived == network  # every message once, in the network's order
        known = set(network)
        assert len(network) == len(known), "this test said something twice"
        for person in people:
            heard = _heard(person, room)
            assert len(heard) == len(set(heard)), "a message was shown twice"
            assert set(heard) <= known, "a client saw what is not in the archive"
            assert not [s for s in person.inbox.everything if s.get("type") == "unavailable"], (
                "somebody was put out"
            )
        told = {name: len(_heard(p, room)) for name, p in zip(LISTENERS, people, strict=True)}
        print(f"\nsaid {len(said)}, in the archive {len(archived)}, heard live {told}")


async def _talk(wanda: WebPerson, place: Place) -> list[str]:
    """Say 0, 1, 2, …; what the gateway fell over is said again only if it was not taken.

    A message can be taken and its answer lost: so one looks, each time, before saying it again.
    """
    said: list[str] = []
    for number in range(MESSAGES):
        body = str(number)
        while not await _says(wanda, body):
            await _web_is_up(place)
            if await _was_taken(wanda, body):
                break
        said.append(body)
    return said


async def _says(wanda: WebPerson, body: str) -> bool:
    try:
        await wanda.says("hall", body)
    except aiohttp.ClientError:
        return False
    return True


async def _was_taken(wanda: WebPerson, body: str) -> bool:
    """Ask until there is an answer: a connection from before the fall may fail once more."""
    while True:
        try:
            return body in [m["body"] for m in await wanda.messages("hall", 20)]
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.05)  # nothing tells when the network is back


async def _web_is_up(place: Place) -> None:
    port = int(place.web.rpartition(":")[2])
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)  # a port cannot be waited for
            continue
        writer.close()
        return


async def _network(wanda: WebPerson) -> list[str]:
    """Everything that the web chat has, oldest first."""
    found: list[str] = []
    before = ""
    while True:
        page = await wanda.ask("GET", f"groups/hall/messages?limit=200{before}")
        messages = page["messages"]
        found = [m["body"] for m in messages] + found
        if len(messages) < 200:
            return found
        before = f"&before={messages[0]['id']}"


async def _archive(person: Client, room: str) -> list[str | None]:
    bodies: list[str | None] = []
    after = None
    while True:
        page = await person.page(room, limit=250, after=after)
        bodies += page.bodies
        if page.complete:
            return bodies
        after = page.ids[-1]


def _heard(person: Client, room: str) -> list[str]:
    return [
        body
        for s in person.inbox.everything
        if s.get("from") == f"{room}/Wanda" and (body := s.findtext("{jabber:client}body"))
    ]
