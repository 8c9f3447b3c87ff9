"""Other slidge plugins, unmodified: they start, say what they are, and ask for what they need.

Nobody logs in, since their networks are not to be reached from a test.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.client import Client
from tests.gateway_process import GatewayProcess
from tests.servers.prosody import Prosody

pytestmark = pytest.mark.e2e

ASKED = {
    "matridge": {"homeserver", "username", "password", "device"},
    "matteridge": {"url", "token", "basepath", "basepath_ws", "strict_ssl"},
    "slidcord": {"token"},
    "slidgram": set[str](),  # it asks one thing after the other, in a command
}
"""What each plugin wants to know of a new user."""


@pytest.mark.parametrize("plugin", ASKED)
async def test_a_plugin_starts_and_offers_registration(
    prosody: Prosody, plugins: Path, tmp_path: Path, plugin: str
) -> None:
    gw = prosody.spare_component()
    network = f'plugin = "{plugin}"\npicture = "none"'
    async with (
        GatewayProcess(
            prosody, gw, tmp_path, network=network, python=plugins, auto_register=False
        ) as gateway,
        Client(prosody, "ada", names={"gw": gw}) as ada,
    ):
        info = await ada.iq(
            "<iq type='get' to='{gw}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        )
        identities = {(i.get("category"), i.get("type")) for i in info[0]}
        assert ("conference", "text") in identities
        assert "gateway" in {category for category, _ in identities}

        form = await ada.iq("<iq type='get' to='{gw}'><query xmlns='jabber:iq:register'/></iq>")
        fields = {f.get("var") for f in form.iter("{jabber:x:data}field")} - {"FORM_TYPE"}
        assert fields >= ASKED[plugin]

        commands = await ada.iq(
            "<iq type='get' to='{gw}'><query xmlns='http://jabber.org/protocol/disco#items'"
            " node='http://jabber.org/protocol/commands'/></iq>"
        )
        assert any("regist" in i.get("name", "").lower() for i in commands[0])
        assert await gateway.terminate() == 0
        assert "Traceback" not in gateway.log.read_text()
