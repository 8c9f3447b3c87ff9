"""The backend of `docs/backend-guide.md`, word for word, run for real."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.client import Client
from tests.document import code_of
from tests.gateway_process import GatewayProcess
from tests.servers.server import Server

pytestmark = pytest.mark.e2e

NETWORK = """
backend = "noticeboard:Noticeboard"
[network.options]
boards = "hall,kitchen"
"""
REGISTER = """
    <iq type='set' to='{gw}'>
      <query xmlns='jabber:iq:register'>
        <x xmlns='jabber:x:data' type='submit'>
          <field var='FORM_TYPE'><value>jabber:iq:register</value></field>
          <field var='name'><value>Ada L.</value></field>
        </x>
      </query>
    </iq>"""


async def test_the_backend_of_the_guide_runs(
    server: Server, component: str, tmp_path: Path
) -> None:
    (tmp_path / "noticeboard.py").write_text(code_of("backend-guide.md"))
    room = f"hall@{component}"
    names = {"room": room, "gw": component}
    async with (
        GatewayProcess(
            server, component, tmp_path, network=NETWORK, path=tmp_path, auto_register=False
        ),
        Client(server, "ada", names=names) as ada,
        Client(server, "bao", names=names) as bao,
    ):
        refused = await ada.iq("<iq type='get' to='{room}'><ping xmlns='urn:xmpp:ping'/></iq>")
        assert "registration-required" in _tags(refused)

        assert (await ada.iq(REGISTER)).get("type") == "result"
        await ada.expect("<presence from='{gw}'><show>chat</show></presence>")
        joined = await ada.join(room, "ada")
        assert joined.nicks == {"The janitor", "Ada L."}
        assert "210" in joined.codes
        assert len(joined.history) == 1

        assert (await bao.iq(REGISTER)).get("type") == "result"
        await bao.expect("<presence from='{gw}'><show>chat</show></presence>")
        second = await bao.join(room, "bao")
        assert {"The janitor", "Ada L."} < second.nicks

        await bao.say(room, "For sale: one boat")
        for person in (ada, bao):
            await person.expect(
                "<message type='groupchat'><body>For sale: one boat</body></message>"
            )
        await bao.say(room, "Buy my spam")
        error = await bao.expect("<message type='error' from='{room}'/>")
        assert "The janitor does not allow that." in "".join(error.itertext())

        await ada.send("<message type='groupchat' to='{room}'><subject>Boats</subject></message>")
        await bao.expect("<message type='groupchat'><subject>Boats</subject></message>")

        form = await ada.iq("<iq type='get' to='{room}'><vCard xmlns='vcard-temp'/></iq>")
        assert form.get("type") == "result"
        kick = await ada.iq("""
            <iq type='set' to='{room}'>
              <query xmlns='http://jabber.org/protocol/muc#admin'>
                <item nick='The janitor' role='none'/>
              </query>
            </iq>""")
        assert "forbidden" in _tags(kick)


def _tags(element: object) -> str:
    return " ".join(child.tag for child in element.iter())  # type: ignore[attr-defined]
