"""The example of docs/muc-client.md, word for word, in a real room."""

from __future__ import annotations

import asyncio

import pytest

from conformance.client import PATIENCE, Client
from tests.document import code_of
from tests.servers.server import Server


@pytest.mark.e2e
@pytest.mark.requirement("A-001", "A-002")
async def test_the_example_runs(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {"__name__": "example"}
    exec(compile(code_of("muc-client.md"), "muc-client.md", "exec"), names)
    visit = names["visit"]
    address = f"example@{server.rooms}"
    async with Client(server, "ada", names={"room": address}) as ada, Client(server, "bao") as bao:
        await ada.send(
            "<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
        )
        await ada.expect("<presence from='{room}/ada'><x><status code='110'/></x></presence>")
        await ada.iq("""
            <iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'>
              <x xmlns='jabber:x:data' type='submit'/></query></iq>""")
        await ada.say(address, "Welcome")
        await ada.expect("<message from='{room}/ada'><body>Welcome</body></message>")
        async with asyncio.timeout(PATIENCE):
            heard = await visit(bao.xmpp, address, "guest", "Hello")  # type: ignore[operator]
        assert heard[-1] == "Hello"
        await ada.expect("<message from='{room}/guest'><body>Hello</body></message>")
        await ada.expect("<presence type='unavailable' from='{room}/guest'/>")
    assert "guest said now: Hello" in capsys.readouterr().out
