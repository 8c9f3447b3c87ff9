"""What a component owes by XEP-0114, and what it has to live without."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from conformance.client import PATIENCE
from gateway.link import stream
from gateway.link.backoff import pause
from tests.link.server import SECRET, TinyServer, listening
from tests.link.test_stream import Component, component, server

__all__ = ["component", "server"]


@pytest.mark.requirement("COMP-01", "COMP-02", "SM-01", "COMP-09")
async def test_comp_01_the_stream_is_opened_for_one_domain_and_proven(
    server: TinyServer, component: Component
) -> None:
    component.dial()
    connection = await server.connection()
    (header,) = server.headers
    assert header["tag"] == "{http://etherx.jabber.org/streams}stream"
    assert header["to"] == "gw.example.org"
    assert server.handshakes == [hashlib.sha1(f"s1{SECRET}".encode()).hexdigest()]
    component.send_message(mto="ada@example.org", mbody="Hello", mfrom="cyd@gw.example.org")
    first = await connection.gets()
    assert first.tag == "{jabber:component:accept}message", "nothing is negotiated"


@pytest.mark.requirement("COMP-02", "COMP-03")
@pytest.mark.parametrize("error", ["not-authorized", "host-unknown", "conflict"])
async def test_comp_03_the_log_says_what_to_do_and_it_is_tried_again(
    server: TinyServer, component: Component, caplog: pytest.LogCaptureFixture, error: str
) -> None:
    server.accepts, server.error = False, error
    component.dial()
    await server.is_tried(3)
    assert stream.HINTS[error] % "gw.example.org" in caplog.text
    server.accepts = True
    await server.connection()


@pytest.mark.requirement("COMP-03", "TRAP-13")
async def test_comp_03_after_a_conflict_it_is_not_tried_at_once(
    server: TinyServer, component: Component, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def noted(failures: int, longest: float) -> float:
        asked.append(failures)
        return 0.0

    monkeypatch.setattr(stream, "pause", noted)
    component.dial()
    connection = await server.connection()
    connection.says(
        "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
        "</stream:stream>"
    )
    connection.writer.close()
    await server.connection()
    assert asked == [stream.FAILURES_OF_A_CONFLICT]
    assert pause(asked[0], 60) > 10


@pytest.mark.requirement("SM-06")
async def test_sm_06_what_one_sends_another_stays_in_order_over_a_gap(
    server: TinyServer, component: Component
) -> None:
    component.dial()
    connection = await server.connection()

    def says(number: int) -> None:
        component.send_message(mto="ada@example.org", mbody=str(number), mfrom="c@gw.example.org")
        component.outbox.write(f"<message id='room{number}'/>".encode())

    for number in range(5):
        says(number)
    first = [await connection.gets() for _ in range(10)]
    connection.drops()
    await component.wait_until("disconnected", PATIENCE)
    for number in range(5, 10):
        says(number)
    again = await server.connection()
    both = first + [await again.gets() for _ in range(10)]
    bodies = [s.findtext("{jabber:component:accept}body") for s in both]
    assert [body for body in bodies if body] == [str(number) for number in range(10)]
    ids = [s.get("id", "") for s in both]
    assert [i for i in ids if i.startswith("room")] == [f"room{number}" for number in range(10)]


@pytest.mark.requirement("COMP-09")
async def test_comp_09_two_domains_are_two_streams() -> None:
    async with listening() as server:
        first, second = Component(server.port), Component(server.port)
        second.set_jid("other.example.org")
        second.stream_header = first.stream_header.replace("gw.example.org", "other.example.org")
        for each in (first, second):
            each.dial()
            await server.connection()
        assert [header["to"] for header in server.headers] == [
            "gw.example.org",
            "other.example.org",
        ]
        await asyncio.gather(first.hang_up(0.1), second.hang_up(0.1))


@pytest.mark.requirement("TRAP-10")
async def test_trap_10_a_server_that_reads_slowly_slows_us(
    server: TinyServer, component: Component
) -> None:
    """50 kB a second are taken: what can wait does, and what is held stays within its limit."""
    component.outbox = type(component.outbox)(1 << 22, lambda: None)
    component.dial()
    connection = await server.connection()
    connection.slow = 0.02
    stanza = b"<message id='x'><body>" + b"x" * 20_000 + b"</body></message>"
    waited = 0
    for _ in range(300):
        if not component.outbox.free:
            waited += 1
            try:
                await asyncio.wait_for(component.outbox.room(), 0.01)
            except TimeoutError:
                continue
        component.outbox.write(stanza)
        await asyncio.sleep(0)
    assert waited > 0, "whoever can wait was made to"
    assert component.outbox.size <= 1 << 22
    transport = component.transport
    assert transport is not None
    assert transport.get_write_buffer_size() < 1 << 22
    connection.slow = 0.0
