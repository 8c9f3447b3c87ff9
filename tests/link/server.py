"""As much of an XMPP server as a component needs (XEP-0114), with all the ways of failing it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from xml.etree import ElementTree as ET

from conformance.client import PATIENCE

SECRET = "secret"
HEADER = (
    "<stream:stream xmlns='jabber:component:accept'"
    " xmlns:stream='http://etherx.jabber.org/streams' from='gw.example.org' id='s1'>"
)
REFUSAL = (
    "<stream:error><{} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
)
PING = "{urn:xmpp:ping}ping"


class Connection:
    """One stream of a component's."""

    def __init__(self, server: TinyServer, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.writer = writer
        self.stanzas: asyncio.Queue[ET.Element] = asyncio.Queue()
        self.ended = asyncio.Event()
        self.slow = 0.0
        """Seconds that pass after each kilobyte."""

    def says(self, xml: str) -> None:
        with contextlib.suppress(ConnectionError):
            self.writer.write(xml.encode())

    def drops(self) -> None:
        """Cut the line."""
        self.writer.transport.abort()

    async def gets(self) -> ET.Element:
        """The next stanza that is not a ping."""
        return await asyncio.wait_for(self.stanzas.get(), PATIENCE)


class TinyServer:
    """Listens on a port of its own. What it does wrong is up to the test."""

    def __init__(self) -> None:
        self.port = 0
        self.accepts = True
        """Whether the handshake is; otherwise the stream is ended with an error."""
        self.shakes_hands = True
        """Whether it is answered at all."""
        self.answers_pings = True
        self.pings = 0
        self.attempts = 0
        self.error = "not-authorized"
        """What is wrong with a handshake that is not accepted."""
        self.headers: list[dict[str, str]] = []
        """The attributes of each stream that was opened, with its namespace as `xmlns`."""
        self.handshakes: list[str] = []
        self._connections: asyncio.Queue[Connection] = asyncio.Queue()
        self._news = asyncio.Event()
        self._open: set[Connection] = set()

    async def connection(self) -> Connection:
        """The next component that was let in."""
        return await asyncio.wait_for(self._connections.get(), PATIENCE)

    async def is_tried(self, times: int) -> None:
        """Wait until so many connections were opened."""
        await self._wait_for(lambda: self.attempts >= times)

    async def is_pinged(self, times: int) -> None:
        """Wait until so many pings came."""
        await self._wait_for(lambda: self.pings >= times)

    async def _wait_for(self, happened: Callable[[], bool]) -> None:
        async def look() -> None:
            while not happened():
                self._news.clear()
                await self._news.wait()

        await asyncio.wait_for(look(), PATIENCE)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self, writer)
        self._open.add(connection)
        self.attempts += 1
        self._news.set()
        parser = ET.XMLPullParser(("start", "end"))
        depth = 0
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1024 if connection.slow else 65536):
                if connection.slow:
                    await asyncio.sleep(connection.slow)
                parser.feed(data)
                for event, element in parser.read_events():
                    depth += 1 if event == "start" else -1
                    if event == "start" and depth == 1:
                        self.headers.append({"tag": element.tag, **element.attrib})
                        connection.says(HEADER)
                    elif event == "end" and depth == 1:
                        self._take(connection, element)
                    elif event == "end" and depth == 0:
                        connection.says("</stream:stream>")
                        writer.close()
        connection.ended.set()
        self._open.discard(connection)
        writer.close()

    def _take(self, connection: Connection, stanza: ET.Element) -> None:
        if stanza.tag.endswith("}handshake"):
            self.handshakes.append(stanza.text or "")
            right = hashlib.sha1(f"s1{SECRET}".encode()).hexdigest()
            if not self.shakes_hands:
                return
            if not self.accepts or stanza.text != right:
                connection.says(REFUSAL.format(self.error))
                connection.writer.close()
                return
            connection.says("<handshake/>")
            self._connections.put_nowait(connection)
        elif stanza.find(PING) is not None:
            self.pings += 1
            self._news.set()
            if self.answers_pings:
                connection.says(
                    f"<iq type='result' id='{stanza.get('id')}' from='{stanza.get('to')}'"
                    f" to='{stanza.get('from')}'/>"
                )
        else:
            connection.stanzas.put_nowait(stanza)

    def drop_all(self) -> None:
        for connection in tuple(self._open):
            connection.drops()


@asynccontextmanager
async def listening(port: int = 0) -> AsyncIterator[TinyServer]:
    """A server on a free port, or on the one named."""
    server = TinyServer()
    async with await asyncio.start_server(server.serve, "127.0.0.1", port) as listener:
        server.port = listener.sockets[0].getsockname()[1]
        try:
            yield server
        finally:
            listener.close()
            server.drop_all()
