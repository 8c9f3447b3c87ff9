"""The stream to the server comes back by itself, whatever ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from slixmpp import ComponentXMPP

from conformance.client import PATIENCE
from demo.ports import Port
from gateway.link import backoff, stream
from gateway.link.outbox import Outbox
from gateway.link.stream import Stream
from tests.link.server import SECRET, TinyServer, listening


class Component(Stream, ComponentXMPP):
    """A component with nothing but a stream."""

    def __init__(self, port: int, secret: str = SECRET) -> None:
        self.outbox = Outbox(1 << 20, lambda: None)
        super().__init__("gw.example.org", secret, "127.0.0.1", port)
        self.register_plugin("xep_0199")
        self.ping_every = 0.0
        self.reconnect_max = 0.01
        self._init_stream()


@pytest.fixture
async def server() -> AsyncIterator[TinyServer]:
    async with listening() as server:
        yield server


@pytest.fixture
async def component(server: TinyServer) -> AsyncIterator[Component]:
    component = Component(server.port)
    yield component
    await component.hang_up(0.1)


@pytest.fixture
def closed() -> Iterator[int]:
    """A port at which nobody listens."""
    port = Port()
    yield port.number
    port.give_back()


async def test_what_waited_goes_out_when_the_server_has_let_us_in(
    server: TinyServer, component: Component
) -> None:
    component.outbox.write(b"<message id='early'/>")
    component.dial()
    connection = await server.connection()
    assert (await connection.gets()).get("id") == "early"


async def test_a_lost_connection_is_opened_again_and_nothing_is_lost(
    server: TinyServer, component: Component
) -> None:
    component.dial()
    for number in range(5):
        connection = await server.connection()
        connection.drops()
        await component.wait_until("disconnected", PATIENCE)
        component.outbox.write(f"<message id='m{number}'/>".encode())
        again = await server.connection()
        assert (await again.gets()).get("id") == f"m{number}"
        server._connections.put_nowait(again)


async def test_a_server_that_ends_the_stream_is_called_again(
    server: TinyServer, component: Component
) -> None:
    component.dial()
    connection = await server.connection()
    connection.says(
        "<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
        "</stream:error></stream:stream>"
    )
    connection.writer.close()
    await server.connection()


async def test_a_server_that_talks_nonsense_is_called_again(
    server: TinyServer, component: Component
) -> None:
    component.dial()
    connection = await server.connection()
    connection.says("<message><body></message>")
    await server.connection()


async def test_a_refused_handshake_is_tried_again_more_and_more_rarely(
    server: TinyServer, component: Component, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[int] = []

    def pause(count: int, longest: float) -> float:
        failures.append(count)
        return min(backoff.pause(count, longest), 0.01)

    monkeypatch.setattr(stream, "pause", pause)
    server.accepts = False
    component.dial()
    await server.is_tried(4)
    server.accepts = True
    connection = await server.connection()
    assert failures[:3] == [0, 1, 2]
    told = len(failures)
    connection.drops()
    await server.connection()
    assert failures[told:] == [0], "what worked is tried again at once"


async def test_a_wrong_secret_is_no_reason_to_give_up(server: TinyServer) -> None:
    component = Component(server.port, secret="wrong")
    component.dial()
    await server.is_tried(2)
    component.secret = SECRET
    await server.connection()
    await component.hang_up(0.1)


async def test_a_server_that_is_not_there_yet_is_waited_for(closed: int) -> None:
    component = Component(closed)
    component.dial()
    await component.wait_until("connection_failed", PATIENCE)
    async with listening(closed) as server:
        await server.connection()
        await component.hang_up(0.1)


@pytest.mark.requirement("SM-05")
async def test_sm_05_a_silent_server_is_given_up_after_two_pings(
    server: TinyServer, component: Component
) -> None:
    component.ping_every = 0.02
    component.dial()
    await server.connection()
    server.answers_pings = False
    server.pings = 0
    again = await server.connection()
    assert server.pings >= 2
    server.answers_pings = True
    assert not again.ended.is_set()


async def test_a_server_that_answers_pings_is_kept(
    server: TinyServer, component: Component
) -> None:
    component.ping_every = 0.01
    component.dial()
    connection = await server.connection()
    await server.is_pinged(5)
    assert server.attempts == 1
    assert not connection.ended.is_set()


async def test_a_server_that_never_answers_the_handshake_is_called_again(
    server: TinyServer, component: Component, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HANDSHAKE_SECONDS", 0.05)
    server.shakes_hands = False
    component.dial()
    await server.is_tried(2)
    server.shakes_hands = True
    await server.connection()


async def test_hanging_up_is_for_good(server: TinyServer, component: Component) -> None:
    component.dial()
    connection = await server.connection()
    component.outbox.write(b"<message id='last'/>")
    await component.hang_up(1.0)
    assert (await connection.gets()).get("id") == "last"
    await asyncio.wait_for(connection.ended.wait(), PATIENCE)
    assert component.transport is None
    assert server.attempts == 1


async def test_hanging_up_while_the_server_is_away_ends_the_attempts(closed: int) -> None:
    component = Component(closed)
    component.dial()
    await component.wait_until("connection_failed", PATIENCE)
    await component.hang_up(0.1)
    assert component._again is not None
    with pytest.raises(asyncio.CancelledError):
        await component._again


async def test_flow_control_reaches_the_outbox(server: TinyServer, component: Component) -> None:
    component.dial()
    connection = await server.connection()
    component.pause_writing()
    component.outbox.write(b"<message id='slow'/>")
    component.resume_writing()
    assert (await connection.gets()).get("id") == "slow"
