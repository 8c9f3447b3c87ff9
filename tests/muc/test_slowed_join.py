"""A server that takes no more for now slows those who join, instead of having them pile up."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from conformance.client import PATIENCE
from gateway.link.outbox import Outbox
from gateway.muc.join import AT_ONCE, _tell_who_is_here
from gateway.render.xml import Splice


class Wire:
    """A transport that counts."""

    def __init__(self) -> None:
        self.sent = b""

    def write(self, data: bytes) -> None:
        self.sent += data

    def get_write_buffer_size(self) -> int:
        return 0


async def test_a_roster_is_sent_as_the_server_takes_it() -> None:
    wire, outbox = Wire(), Outbox(1 << 30, lambda: None)
    outbox.connected(wire)
    outbox.pause()
    splice = Splice.of("<presence from='room@gw.example.org/bao'/>")
    roster = [splice] * (2 * AT_ONCE + 1)
    views = SimpleNamespace(roster=lambda viewer: iter(roster))
    live = SimpleNamespace(views=views, host=SimpleNamespace(outbox=outbox))
    seat = SimpleNamespace(jid="ada@example.org/tab", occupant=None)
    telling = asyncio.create_task(_tell_who_is_here(cast(Any, live), cast(Any, seat)))
    for _ in range(10):
        await asyncio.sleep(0)
    assert outbox.size == AT_ONCE * len(splice.to(seat.jid))
    outbox.resume()
    await asyncio.wait_for(telling, PATIENCE)
    await asyncio.sleep(0)
    assert wire.sent.count(b"<presence") == len(roster)
