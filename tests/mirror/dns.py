"""A name server that knows where a few XMPP servers are (RFC 1035, RFC 2782)."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

SRV, INTERNET = 33, 1
SERVICE = "_xmpp-server._tcp."


class Names(asyncio.DatagramProtocol):
    """All are on this machine, at the ports of `ports`, by domain."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = ports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, end = _name(data)
        (kind,) = struct.unpack("!H", data[end : end + 2])
        found = self._answer(name.lower(), kind)
        flags = 0x8580 if found else 0x8583  # an answer with authority; or there is no such name
        head = data[:2] + struct.pack("!HHHHH", flags, 1, 1 if found else 0, 0, 0)
        question = data[12 : end + 4]
        record = struct.pack("!HHHIH", 0xC00C, kind, INTERNET, 60, len(found)) + found
        self._transport.sendto(head + question + (record if found else b""), addr)

    def _answer(self, name: str, kind: int) -> bytes:
        domain = name.removeprefix(SERVICE)
        if domain not in self._ports:
            return b""
        if kind == SRV and domain != name:
            return struct.pack("!HHH", 0, 0, self._ports[domain]) + b"\x09localhost\0"
        return b""


def _name(query: bytes) -> tuple[str, int]:
    parts, at = [], 12
    while query[at]:
        parts.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    return ".".join(parts), at + 1


@asynccontextmanager
async def name_server(ports: Mapping[str, int]) -> AsyncIterator[int]:
    """One that runs while the block does; its port."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: Names(ports), local_addr=("127.0.0.1", 0)
    )
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
