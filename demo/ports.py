"""Ports of 127.0.0.1 that stay ours from the moment they are picked."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import weakref

LOOPBACK = "127.0.0.1"


class Port:
    """A port that nobody else is given while this object lives.

    Looking for a free port and using it later is a race. A socket that is bound but does not
    listen closes it: the kernel hands the port to nobody else, yet whoever binds it by number
    with SO_REUSEADDR (Prosody, ejabberd and asyncio all do) may listen on it, and listen again
    after a restart. Another of our processes that wants the same number is such a one, too:
    among ourselves, a name in Linux's abstract namespace says whose the port is.
    """

    def __init__(self, number: int = 0) -> None:
        """Take this port, or any free one for 0. Raises OSError if somebody has it."""
        self._socket = socket.socket()
        self._name = socket.socket(socket.AF_UNIX)
        self._end = weakref.finalize(self, _close_both, self._socket, self._name)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((LOOPBACK, number))
            self.number: int = self._socket.getsockname()[1]
            self._name.bind(f"\0sluice-port-{self.number}")
        except OSError:
            self.give_back()
            raise

    def give_back(self) -> None:
        self._end()


def _close_both(*sockets: socket.socket) -> None:
    for one in sockets:
        one.close()


def port_or_another(wanted: int) -> Port:
    """The wanted port of 127.0.0.1, or any other one if that is taken."""
    try:
        return Port(wanted)
    except OSError:
        return Port()


async def accepts(port: int) -> bool:
    """Whether something on this machine takes connections at this port."""
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    await _close(writer)
    return True


async def speaks_xmpp(port: int, domain: str, namespace: str = "jabber:client") -> bool:
    """Whether an XMPP server answers at this port, for as long as a second.

    A port takes connections well before the server behind it has read its configuration.
    """
    opening = (
        f"<stream:stream xmlns='{namespace}' xmlns:stream='http://etherx.jabber.org/streams'"
        f" to='{domain}' version='1.0'>"
    )
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    try:
        writer.write(opening.encode())
        async with asyncio.timeout(1):
            answer = await reader.read(4096)
    except (OSError, TimeoutError):
        return False
    else:
        return b"<stream:stream" in answer and b"host-unknown" not in answer
    finally:
        await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):  # the other end was quicker
        await writer.wait_closed()
