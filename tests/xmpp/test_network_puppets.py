"""Logins of users without an account, while their component's server is away or said no."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from conformance.client import PATIENCE
from legacy_backend import LegacyError, UserId
from legacy_backend.events import Event, LoginStateChanged
from legacy_backend.values import LoginState
from legacy_backend.xmpp.backend import XmppBackend

ADA = UserId("ada@example.org")
HEADER = (
    "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' id='1'"
    " xmlns:stream='http://etherx.jabber.org/streams' from='puppets.example'>"
)
NO = (
    "<stream:error><{} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
)
YES = "<handshake/>"


class Sink:
    def __init__(self) -> None:
        self.events: asyncio.Queue[Event] = asyncio.Queue()

    async def put(self, event: Event) -> None:
        self.events.put_nowait(event)

    async def state(self) -> LoginState:
        event = await asyncio.wait_for(self.events.get(), PATIENCE)
        assert isinstance(event, LoginStateChanged)
        assert event.to == ADA
        return event.state


class Server:
    """Answers the handshake of whoever connects with `words`."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(HEADER.encode())
        await reader.read(1000)
        writer.write(self.words.encode())
        if self.words == YES:
            while await reader.read(1000):
                pass
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


@asynccontextmanager
async def beside(server: Server, sink: Sink) -> AsyncIterator[XmppBackend]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    options = {
        "puppets": "puppets.example",
        "puppets_secret": "secret",
        "puppets_port": server.port,
        "login_seconds": 5,
    }
    backend = XmppBackend(options)
    backend.own_address = "gateway.example"
    await backend.start(sink)
    try:
        yield backend
    finally:
        await backend.stop()
        listening.close()
        await listening.wait_closed()


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("not-authorized", "does not take puppets_secret for puppets.example"),
        ("host-unknown", "has no component puppets.example"),
        ("conflict", "another process is connected as puppets.example"),
        ("see-other-host", "has ended the stream (see-other-host)"),
    ],
)
async def test_a_server_that_says_no_is_quoted_to_the_user_and_in_the_log(
    condition: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with beside(Server(NO.format(condition)), Sink()) as backend:
        with pytest.raises(LegacyError) as no:
            await backend.login(ADA, {"nick": "ada"})
        assert no.value.condition == "remote-server-timeout"
        assert words in no.value.text
        assert words in caplog.text


async def test_who_waits_for_the_server_is_told_when_it_takes_us() -> None:
    server, sink = Server(NO.format("not-authorized")), Sink()
    async with beside(server, sink) as backend:
        with pytest.raises(LegacyError):
            await backend.login(ADA, {})
        server.words = YES
        assert await sink.state() is LoginState.CONNECTED
        account = await backend.login(ADA, {})
        assert account.member_id == r"ada\40example.org@puppets.example"
        assert account.name == "ada"
        assert not backend._waiting


async def test_who_unregisters_waits_no_more() -> None:
    async with beside(Server(NO.format("conflict")), Sink()) as backend:
        with pytest.raises(LegacyError):
            await backend.login(ADA, {})
        await backend.forget(ADA)
        assert not backend._waiting


@pytest.mark.parametrize("jid", [r"ada\40example.org@puppets.example", "x@gateway.example"])
async def test_no_account_is_a_puppet_or_at_the_gateway(jid: str) -> None:
    async with beside(Server(YES), Sink()) as backend:
        with pytest.raises(LegacyError, match="this very gateway"):
            await backend.login(UserId("mallory@example.org"), {"jid": jid, "password": "x"})


async def test_a_name_that_cannot_be_one_is_refused() -> None:
    async with beside(Server(YES), Sink()) as backend:
        with pytest.raises(LegacyError, match="cannot be a name"):
            await backend.login(ADA, {"nick": "a" * 2000})


async def test_the_address_of_the_gateway_is_not_for_puppets() -> None:
    backend = XmppBackend({"puppets": "gateway.example", "puppets_secret": "x"})
    backend.own_address = "gateway.example"
    with pytest.raises(LegacyError, match="the gateway's own address"):
        await backend.start(Sink())
    await backend.stop()
