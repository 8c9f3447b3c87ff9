"""Presence of contacts and of the gateway, with a real server between, and two of us at once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from slixmpp import ComponentXMPP

from conformance.client import PATIENCE, Client
from gateway.link import stream
from gateway.link.outbox import Outbox
from gateway.link.stream import Stream
from tests.e2e.conftest import webchat
from tests.servers.server import SECRET, Server
from tests.web_client import web_person

pytestmark = pytest.mark.e2e

MUTUAL = '[presence]\ncontacts = "mutual"'


async def roster(client: Client) -> dict[str, str]:
    """Each address in a roster, and its subscription."""
    answer = await client.iq("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>")
    items = answer.iter("{jabber:iq:roster}item")
    return {item.get("jid", ""): item.get("subscription", "") for item in items}


@pytest.mark.requirement("S-025", "S-052", "S-053", "S-014", "SUB-02", "SUB-07", "GW-02")
async def test_a_contact_in_the_roster_is_there_at_each_login(
    server: Server, component: str, tmp_path: Path
) -> None:
    place = webchat(server, component, tmp_path, more=MUTUAL)
    async with place.gateway, web_person(place.web, "Wanda") as wanda:
        await wanda.makes("hall")
        contact = f"{wanda.id}@{place.domain}"
        names = {**place.names(), "contact": contact}
        async with Client(server, "bao", names=names) as bao:
            await bao.join(place.room("hall"), "bao")
            await bao.expect("<presence type='subscribe' from='{gw}'/>")
            await bao.send("<presence type='subscribed' to='{gw}'/>")
            await bao.send("<presence type='subscribe' to='{gw}'/>")
            await bao.send("<presence type='subscribe' to='{contact}'/>")
            await bao.expect("<presence type='subscribe' from='{contact}'/>")
            await bao.send("<presence type='subscribed' to='{contact}'/>")
            both = {contact: "both", place.domain: "both"}
            async with asyncio.timeout(PATIENCE):
                while not both.items() <= (await roster(bao)).items():  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        async with Client(server, "bao", names=names) as bao:
            there = await bao.expect(
                lambda s: s.get("from", "").startswith(f"{contact}/") and s.get("type") is None
            )
            assert there.tag.endswith("presence"), ET.tostring(there)
            await bao.expect("<presence from='{gw}'><show>chat</show></presence>")


class Worker(Stream, ComponentXMPP):
    """A process that wants to be a component."""

    def __init__(self, server: Server, domain: str) -> None:
        self.outbox = Outbox(1 << 20, lambda: None)
        super().__init__(domain, SECRET, server.host, server.component_port)
        self.register_plugin("xep_0199")
        self.ping_every = 0.0
        self.reconnect_max = 0.2
        self._init_stream()


@pytest.mark.requirement("TRAP-13", "COMP-03")
async def test_trap_13_a_second_process_waits_where_the_server_lets_one_in_only(
    server: Server, component: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Prosody turns the second away, and takes it once the first is gone. ejabberd lets both in,
    and gives each stanza to one of them: there it is up to the operator."""
    first, second = Worker(server, component), Worker(server, component)
    first.dial()
    await first.wait_until("session_start", PATIENCE)
    second.dial()
    if type(server).__name__ == "Prosody":
        await second.wait_until("stream_error", PATIENCE)
        assert stream.HINTS["conflict"] % component in caplog.text
        assert second._failures >= stream.FAILURES_OF_A_CONFLICT
        assert not first._failures
        await first.hang_up()
        await second.wait_until("session_start", PATIENCE)
    else:
        await second.wait_until("session_start", PATIENCE)
        assert first.transport is not None
        await first.hang_up()
    await second.hang_up()
