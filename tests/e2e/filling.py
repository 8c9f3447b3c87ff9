"""A room of a server filled with words, faster than a client says them: by a component that writes
bytes, and reads what comes back only to see the end."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from tests.servers.server import SECRET, Server

AT_ONCE = 200
"""Messages in one write; then it waits for the server to read."""


@asynccontextmanager
async def filled(server: Server, domain: str, room: str, count: int) -> AsyncIterator[None]:
    """Somebody has said "0", "1", … in a room of the server's, which is made by that, and is there
    still: an empty room would be gone."""
    reader, writer = await asyncio.open_connection(server.host, server.component_port)
    me = f"filler@{domain}/x"
    writer.write(
        "<stream:stream xmlns='jabber:component:accept' "
        f"xmlns:stream='http://etherx.jabber.org/streams' to='{domain}'>".encode()
    )
    opened = await _until(reader, b"<stream:stream[^>]*>")
    id = re.search(rb"\bid=['\"]([^'\"]+)", opened)
    assert id is not None, opened
    proof = hashlib.sha1(id[1] + SECRET.encode()).hexdigest()
    writer.write(f"<handshake>{proof}</handshake>".encode())
    await _until(reader, b"<handshake")
    writer.write(
        f"<presence from='{me}' to='{room}/filler'>"
        "<x xmlns='http://jabber.org/protocol/muc'/></presence>".encode()
    )
    await _until(reader, b"<subject")
    end = asyncio.create_task(_until(reader, f"<body>{count - 1}</body>".encode()))
    for some in _messages(me, room, count):
        writer.write(some.encode())
        await writer.drain()
    await end
    listening = asyncio.create_task(_listen(reader))
    try:
        yield
    finally:
        listening.cancel()
        writer.close()


async def _listen(reader: asyncio.StreamReader) -> None:
    while await reader.read(1 << 16):
        pass


def _messages(me: str, room: str, count: int) -> Iterator[str]:
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count))
        yield "".join(
            f"<message from='{me}' to='{room}' type='groupchat' id='f{number}'>"
            f"<body>{number}</body></message>"
            for number in numbers
        )


async def _until(reader: asyncio.StreamReader, pattern: bytes) -> bytes:
    """What comes until something in it fits."""
    end, wanted = b"", re.compile(pattern)
    while wanted.search(end) is None:
        piece = await reader.read(1 << 16)
        assert piece, f"the server closed the stream: {end!r}"
        end = end[-200:] + piece
    return end
