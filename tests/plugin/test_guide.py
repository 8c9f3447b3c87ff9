"""The plugin of `docs/plugin-guide.md`, word for word, run for real."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.client import Client
from tests.document import code_of
from tests.gateway_process import GatewayProcess
from tests.servers.server import Server

pytestmark = pytest.mark.e2e


async def test_the_plugin_of_the_guide_runs(server: Server, component: str, tmp_path: Path) -> None:
    (tmp_path / "aviary.py").write_text(code_of("plugin-guide.md"))
    room = f"oak@{component}"
    async with (
        GatewayProcess(server, component, tmp_path, network='plugin = "aviary"', path=tmp_path),
        Client(server, "ada", names={"room": room, "gw": component}) as ada,
    ):
        joined = await ada.join(room, "ada")
        assert joined.nicks == {"Polly", "Coco", "ada"}
        assert [m.findtext("{jabber:client}body") for m in joined.history] == [
            "Squawk 0",
            "Squawk 1",
            "Squawk 2",
        ]

        await ada.say(room, "Who is a pretty bird?")
        await ada.expect("<message from='{room}/ada'><body>Who is a pretty bird?</body></message>")
        await ada.expect(
            "<message from='{room}/Polly'><body>Who is a pretty bird?</body></message>"
        )
        page = await ada.page(room, limit=10)
        assert page.bodies[-2:] == ["Who is a pretty bird?"] * 2

        await ada.iq("""
            <iq type='set' to='{room}'>
              <query xmlns='http://jabber.org/protocol/muc#admin'>
                <item nick='Polly' role='none'><reason>Too loud</reason></item>
              </query>
            </iq>""")
        await ada.expect(
            "<presence type='unavailable' from='{room}/Polly'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'><item><reason>Too loud</reason></item>"
            "<status code='307'/></x></presence>"
        )
        refused = await ada.iq("""
            <iq type='set' to='{room}'>
              <query xmlns='http://jabber.org/protocol/muc#admin'>
                <item nick='Coco' role='none'/>
              </query>
            </iq>""")
        assert "Coco holds on to the perch." in "".join(refused.itertext())
