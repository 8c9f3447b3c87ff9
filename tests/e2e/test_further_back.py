"""Who scrolls further back than the archive goes has it fetched from the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.client import Client
from tests.e2e.conftest import webchat
from tests.servers.prosody import Prosody
from tests.web_client import web_person

pytestmark = pytest.mark.e2e

SAID = 250


async def test_a_client_pages_back_to_the_beginning_of_the_web_chat(
    prosody: Prosody, tmp_path: Path
) -> None:
    little = "[archive]\nbackfill_first = 100\n"
    place = webchat(prosody, prosody.spare_component(), tmp_path, more=little)
    room = place.room("hall")
    async with place.gateway, web_person(place.web, "Wanda") as wanda:
        await wanda.makes("hall")
        for number in range(SAID):
            await wanda.says("hall", f"{number}")
        async with Client(prosody, "ada", names=place.names(), resource="desk") as ada:
            await ada.join(room, "ada")
            page = await ada.page(room, limit=60, before="")
            seen = page.bodies
            while not page.complete:
                page = await ada.page(room, limit=60, before=page.ids[0])
                seen = page.bodies + seen
    assert seen == [f"{number}" for number in range(SAID)]
