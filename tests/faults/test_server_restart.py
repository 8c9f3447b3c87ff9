"""The XMPP server restarts under the gateway: it comes back, and the archive has no hole."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.client import Client
from tests.e2e.conftest import webchat
from tests.faults.talking import archive
from tests.servers.prosody import Prosody
from tests.servers.server import SECRET
from tests.web_client import web_person

pytestmark = pytest.mark.e2e


async def test_what_is_said_while_the_server_is_away_is_in_the_archive(tmp_path: Path) -> None:
    folder = tmp_path / "gateway"
    folder.mkdir()
    async with Prosody(components={"gw.localhost": SECRET}, users={"ada": "pw"}) as server:
        place = webchat(server, "gw.localhost", folder)
        room = place.room("hall")
        async with place.gateway, web_person(place.web, "Wanda") as wanda:
            await wanda.makes("hall")
            async with Client(server, "ada", names=place.names()) as ada:
                await ada.join(room, "ada")
                await wanda.says("hall", "before")
                await ada.expect("<message><body>before</body></message>")

                seen = place.gateway.log.stat().st_size
                await server.stop()
                await place.gateway.logged("the connection to the server is gone", seen)
                for number in range(50):
                    await wanda.says("hall", f"meanwhile {number}")
                await server.start()
                await place.gateway.logged("connected to", seen)

            async with Client(server, "ada", names=place.names()) as ada:
                await ada.join(room, "ada", history=0)
                assert await archive(ada, room) == [
                    "before",
                    *(f"meanwhile {number}" for number in range(50)),
                ]
                await wanda.says("hall", "after")
                await ada.expect("<message><body>after</body></message>")
                await ada.say(room, "I am back")
                await ada.expect("<message from='{room}/ada'><body>I am back</body></message>")
