"""A short visit of the demo's account to its server, by a few lines of plain XMPP."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from xml.sax.saxutils import quoteattr

from demo.client import Account
from demo.ports import LOOPBACK

OPENING = (
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
    " to={domain} version='1.0'>"
)
LOG_IN = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>"
BIND = "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
ASK = "<iq type='get' id='up' to={gateway}><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
JOIN = (
    "<presence to={seat}><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>"
    "</presence>"
)
LEAVE = "<presence to={seat} type='unavailable'/>"
CLOSING = "</stream:stream>"

REFUSAL = re.compile(r"<failure|<stream:error|type=.error.")
NOT_YET = re.compile(r"type=.wait.")
"""The server has no connection to the component."""


class VisitFailed(RuntimeError):
    """The server or the room would not have the account."""


class Visit:
    """An open stream."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, account: Account
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._account = account

    async def log_in(self) -> None:
        name, _, domain = self._account.jid.partition("@")
        opening = OPENING.format(domain=quoteattr(domain))
        secret = base64.b64encode(f"\0{name}\0{self._account.password}".encode()).decode()
        await self._ask(opening, "</stream:features>")
        await self._ask(LOG_IN.format(secret=secret), "<success")
        await self._ask(opening, "</stream:features>")
        await self._ask(BIND, "</iq>")

    async def find_gateway(self) -> None:
        """Return once the server has a connection to the gateway."""
        _, _, gateway = self._account.room.partition("@")
        question = ASK.format(gateway=quoteattr(gateway))
        while NOT_YET.search(await self._hear(question, re.compile("</iq>"))):  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    async def see_room(self) -> None:
        """Join the room, and leave it again.

        From then on the gateway knows the account: the web chat has somebody to make an owner,
        and Converse.js may ask what the room is called before it joins.
        """
        seat = quoteattr(f"{self._account.room}/{self._account.nick}")
        await self._ask(JOIN.format(seat=seat), "<subject")
        await self._ask(LEAVE.format(seat=seat), "type=.unavailable.")

    async def leave(self) -> None:
        await self._ask(CLOSING, CLOSING)

    async def _ask(self, words: str, wanted: str) -> None:
        """Say something, and wait for what is wanted."""
        heard = await self._hear(words, re.compile(f"{wanted}|{REFUSAL.pattern}"))
        if REFUSAL.search(heard):
            raise VisitFailed(f"the XMPP server answered {heard}")

    async def _hear(self, words: str, wanted: re.Pattern[str]) -> str:
        self._writer.write(words.encode())
        heard = b""
        while not wanted.search(heard.decode(errors="replace")):
            more = await self._reader.read(4096)
            if not more:
                raise VisitFailed(f"the XMPP server hung up after {heard!r}")
            heard += more
        return heard.decode(errors="replace")


@asynccontextmanager
async def visit(account: Account, seconds: float = 60) -> AsyncIterator[Visit]:
    """A visit, logged in. Raises VisitFailed, after `seconds` at the latest."""
    reader, writer = await asyncio.open_connection(LOOPBACK, account.c2s_port)
    try:
        async with asyncio.timeout(seconds):
            here = Visit(reader, writer, account)
            await here.log_in()
            yield here
            await here.leave()
    except TimeoutError:
        raise VisitFailed(f"no answer from {account.room} in {seconds:g} seconds") from None
    finally:
        writer.close()
