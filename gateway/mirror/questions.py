"""What our users ask of rooms that are mirrored: answered here, or passed on."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.mirror.addresses import split
from gateway.mirror.copy import Copy, Phase
from gateway.mirror.past import Reader
from gateway.mirror.rewriting import readdress
from gateway.muc import mam
from gateway.muc.call import Call
from gateway.render.xml import attribute, serialised
from gateway.room.state import Seat

if TYPE_CHECKING:
    from gateway.mirror.mirror import Mirror

IQ_SECONDS = 60.0
"""How long an answer of a master's is waited for."""
MOST_OPEN = 50
"""Questions of one user to one room that wait for an answer."""

ARCHIVE = {
    ("set", f"{{{mam.MAM}}}query"): mam.query,
    ("get", f"{{{mam.MAM}}}query"): mam.form,
    ("get", f"{{{mam.MAM}}}metadata"): mam.metadata,
}
"""What can be asked of a room's archive, by type and payload."""

Asked = tuple[str, str, str]
"""Who, which room, and the id."""


class Questions:
    """Those that wait for an answer of a master's, and the way to it."""

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self._open: dict[Asked, tuple[ET.Element, asyncio.TimerHandle]] = {}

    async def ask(
        self, stanza: ET.Element, master: str, copy: Copy | None, seat: Seat | None
    ) -> None:
        """Answer an IQ of type `get` or `set`, or see to it that the master does."""
        nick = stanza.get("to", "").partition("/")[2]
        if stanza.find("{urn:xmpp:ping}ping") is not None and stanza.get("type") == "get":
            self._pinged(stanza, nick, copy, seat)
            return
        if copy is not None and copy.phase in (Phase.SPLIT, Phase.RETURNING):
            if seat is not None and await self._reads(stanza, copy, seat):
                return
            raise Refused("remote-server-timeout", "The room cannot be reached now.", "wait")
        await self.mirror.needs(master, copy)
        key = (stanza.get("from", ""), master, stanza.get("id", ""))
        mine = sum(1 for jid, room, _ in self._open if (jid, room) == key[:2])
        if key in self._open or mine >= MOST_OPEN:
            raise Refused("resource-constraint", "You have asked too much at once.", "wait")
        later = asyncio.get_running_loop().call_later
        self._open[key] = (stanza, later(IQ_SECONDS, self._late, key))
        passed = deepcopy(stanza)
        readdress(passed, self.mirror.local(master), master)
        passed.set("from", self.mirror.address(key[0]))
        self.mirror.write(serialised(passed).encode())

    async def _reads(self, stanza: ET.Element, copy: Copy, seat: Seat) -> bool:
        """Answer from the archive here while the link is down (XEP-0313); whether that is asked."""
        handler = ARCHIVE.get((stanza.get("type", ""), stanza[0].tag if len(stanza) else ""))
        if handler is None:
            return False
        reader: Any = Reader(copy.live, seat.occupant)
        answer = await handler(Call(stanza, reader, seat.jid, ""))
        to, ident = attribute(stanza.get("to", "")), attribute(stanza.get("id", ""))
        self.mirror.write(
            f'<iq type="result" id="{ident}" from="{to}" to="{attribute(seat.jid)}">'
            f"{answer.payload}</iq>".encode()
        )
        return True

    def _pinged(self, stanza: ET.Element, nick: str, copy: Copy | None, seat: Seat | None) -> None:
        """Answer whether somebody is still here (XEP-0410)."""
        if nick and (copy is None or seat is None):
            raise Refused("not-acceptable", "You are not in this room.")
        if nick and copy is not None and copy.room.occupant(nick) is None:
            raise Refused("item-not-found", f"Nobody here is called {nick}.")
        to, sender = attribute(stanza.get("to", "")), attribute(stanza.get("from", ""))
        ident = attribute(stanza.get("id", ""))
        self.mirror.write(f'<iq type="result" id="{ident}" from="{to}" to="{sender}"/>'.encode())

    def asked(self, user: str, master: str, answer: ET.Element) -> bool:
        """Whether an answer is one that a user waits for; they do no more then."""
        found = self._open.pop((user, master, answer.get("id", "")), None)
        if found is not None:
            found[1].cancel()
        return found is not None

    def asks(self, user: str, master: str) -> bool:
        """Whether a user waits for an answer of a room's: pages of an archive come before it."""
        return any((jid, room) == (user, master) for jid, room, _ in self._open)

    def give_up(self, domain: str) -> None:
        """The link is down: no answer will come."""
        for key in [key for key in self._open if split(key[1])[1] == domain]:
            self._late(key)

    def _late(self, key: Asked) -> None:
        found = self._open.pop(key, None)
        if found is not None:
            found[1].cancel()
            no = Refused("remote-server-timeout", "The room does not answer.", "wait")
            self.mirror.refuse(found[0], no)
