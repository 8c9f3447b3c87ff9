"""The demo as a whole, without a browser: it starts, keeps its data, and leaves nothing behind."""

from __future__ import annotations

import os
from pathlib import Path

import aiohttp
import pytest

from conformance.client import Address
from demo.group import WELCOME
from demo.run import Demo, demo
from tests.servers import Client

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def quiet(_: str) -> None:
    """Where the demo's words go."""


def robin(running: Demo) -> Client:
    prosody = running.prosody
    address = Address(prosody.host, prosody.c2s_port, prosody.domain, running.account.password)
    return Client(address, "robin", names={"room": running.account.room})


async def test_a_second_start_finds_what_was_said(tmp_path: Path) -> None:
    async with demo(tmp_path, say=quiet, page_port=0) as first:
        async with aiohttp.ClientSession() as session, session.get(first.address) as answer:
            assert answer.status == 200
            assert "Sluice" in await answer.text()
        async with robin(first) as client:
            joined = await client.join(first.account.room, "Robin")
            assert "Host" in joined.nicks
            assert WELCOME in [m.findtext("{jabber:client}body") for m in joined.history]
            await client.say(first.account.room, "Still here tomorrow?")
            await client.expect("<message><body>Still here tomorrow?</body></message>")
        pids = (first.prosody.pid, first.gateway.pid)

    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    async with demo(tmp_path, say=quiet) as second:
        assert second.address == first.address
        assert second.account == first.account
        async with robin(second) as client:
            page = await client.page(second.account.room, before="", limit=10)
            assert "Still here tomorrow?" in page.bodies
