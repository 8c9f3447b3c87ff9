"""The stream of an account, with a server that means no good."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from slixmpp import JID

from legacy_backend import LegacyError
from legacy_backend.xmpp.login import Login
from legacy_backend.xmpp.settings import Settings

HEADER = (
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' id='1'"
    " xmlns:stream='http://etherx.jabber.org/streams' from='example.org'>"
)
ELSEWHERE = (
    "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>evil.example"
    "</see-other-host></stream:error></stream:stream>"
)
NO_TLS = (
    "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
    "<mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>"
)


@asynccontextmanager
async def served(words: str, *, unencrypted: str = "") -> AsyncIterator[tuple[Login, list[bytes]]]:
    """A login at a server that says these words to whoever connects; and what it was sent."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(1)
        if first == b"<":  # else TLS, which it does not speak
            writer.write((HEADER + words).encode())
            while data := await reader.read(1000):
                heard.append(data)
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = Settings.of({"connect": f"example.org=127.0.0.1:{port}", "unencrypted": unencrypted})
    login = Login(
        JID("ada@example.org"), "secret", settings, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    )
    login.start()
    try:
        yield login, heard
    finally:
        await login.close()
        server.close()
        await server.wait_closed()


async def test_nobody_is_followed_elsewhere() -> None:
    async with served(ELSEWHERE, unencrypted="example.org") as (login, _):
        with pytest.raises(LegacyError) as no:
            await login.connected(3)
        assert no.value.condition == "remote-server-timeout"
        assert "see-other-host" in no.value.text
        assert login.xmpp.default_domain == "example.org"


async def test_no_password_goes_out_without_tls() -> None:
    async with served(NO_TLS) as (login, heard):
        with pytest.raises(LegacyError) as no:
            await login.connected(5)
        assert no.value.condition == "not-authorized"
        assert "no way to log in with a password that is safe" in no.value.text
        assert b"<auth" not in b"".join(heard)
