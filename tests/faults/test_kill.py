"""kill -9 of the gateway while people talk: nothing lost, nothing twice, nobody has to rejoin."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from conformance.client import Client
from tests.e2e.conftest import Place, webchat
from tests.faults.talking import archive, heard, network, says_for_sure
from tests.servers.prosody import Prosody
from tests.web_client import WebPerson, web_person

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

MESSAGES = 2000
TALK_SECONDS = 240
"""How long half of them may take."""
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
        half = f"<message><body>{MESSAGES // 2}</body></message>"
        await people[0].expect(half, timeout=TALK_SECONDS)
        await place.gateway.kill()
        await place.gateway.start()
        said = await asyncio.wait_for(talk, TALK_SECONDS)
        assert len(said) == MESSAGES

        last = f"<message from='{{room}}/Wanda'><body>{said[-1]}</body></message>"
        for person in people:
            await person.expect(last)

        in_network = await network(wanda)
        archived = await archive(people[0], room)
        assert archived == in_network  # every message once, in the network's order
        known = set(in_network)
        assert len(in_network) == len(known), "this test said something twice"
        for person in people:
            bodies = heard(person, room)
            assert len(bodies) == len(set(bodies)), "a message was shown twice"
            assert set(bodies) <= known, "a client saw what is not in the archive"
            assert not [s for s in person.inbox.everything if s.get("type") == "unavailable"], (
                "somebody was put out"
            )
        told = {name: len(heard(p, room)) for name, p in zip(LISTENERS, people, strict=True)}
        print(f"\nsaid {len(said)}, in the archive {len(archived)}, heard live {told}")


async def _talk(wanda: WebPerson, place: Place) -> list[str]:
    said = [str(number) for number in range(MESSAGES)]
    for body in said:
        await says_for_sure(wanda, place, body)
    return said
