"""A stream of slixmpp's without a server: tests are the server, and write what it sends."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any
from unittest import mock
from xml.etree import ElementTree as ET

from slixmpp import JID, ClientXMPP, ComponentXMPP
from slixmpp.basexmpp import BaseXMPP
from slixmpp.xmlstream.stanzabase import StanzaBase

from conformance.client import PATIENCE
from conformance.xml import matches, parse, show
from legacy_backend.xmpp.muc import History, MUCClient, Room, Signal

ROOM = JID("hall@rooms.example")
STREAMS = ("{jabber:client}", "{jabber:component:accept}")


class Line:
    """`own` names a component's address; without, this is the account of ada. `xmpp` is the
    component, if it is made already."""

    def __init__(self, own: JID | None = None, xmpp: BaseXMPP | None = None) -> None:
        with mock.patch.object(ssl.SSLContext, "load_default_certs"):
            self.xmpp: BaseXMPP = xmpp or (
                ClientXMPP("ada@example.org/desk", "secret")
                if own is None
                else ComponentXMPP(own.domain, "secret", "127.0.0.1", 1)
            )
        self.own = JID("ada@example.org/desk") if own is None else own
        self.names: dict[str, object] = {"room": ROOM, "me": self.own}
        self._sent: list[ET.Element] = []
        self._news = asyncio.Event()
        self.xmpp.send = self._take  # type: ignore[method-assign]
        self.client = MUCClient.summon(self.xmpp, own)

    def up(self) -> None:
        """A stream begins."""
        self.xmpp.event("session_start")

    def down(self) -> None:
        """The stream ends for good."""
        self.xmpp.event("session_end")
        self.xmpp.event("disconnected", "")

    def _take(self, data: StanzaBase | str, use_filters: bool = True) -> None:
        assert not isinstance(data, str)
        self._sent.append(_plain(ET.fromstring(str(data))))
        self._news.set()

    def brings(self, *stanzas: str, **names: object) -> None:
        """These arrive, in this order."""
        for text in stanzas:
            stanza = parse(text, {**self.names, **names})
            stanza.attrib.setdefault("to", str(self.own))
            self.xmpp._spawn_event(stanza)

    async def sends(self, wanted: str, **names: object) -> ET.Element:
        """Take the next stanza that the client sent, which has to be this one."""
        async with asyncio.timeout(PATIENCE):
            while not self._sent:
                self._news.clear()
                await self._news.wait()
        found = self._sent.pop(0)
        pattern = parse(wanted, {**self.names, **names})
        assert matches(pattern, found), f"not {wanted}, but\n{show(found)}"
        return found

    async def sends_nothing(self) -> None:
        await asyncio.sleep(0)
        assert not self._sent, "\n".join(map(show, self._sent))

    async def is_asked(self, wanted: str, answer: str, **names: object) -> ET.Element:
        """Take the next stanza, an IQ, and answer it; `{id}` in the answer is its id."""
        asked = await self.sends(wanted, **names)
        self.brings(answer, id=asked.get("id"), to=asked.get("to"), **names)
        return asked

    async def join(
        self,
        *,
        others: str = "",
        codes: str = "",
        subject: str = "",
        history: History | None = None,
        autorejoin: bool = True,
    ) -> tuple[Room, Heard]:
        """Ada is in the room, and everything from before is through."""
        room, joined = self.client.join(ROOM, "ada", history=history, autorejoin=autorejoin)
        heard = Heard(room)
        await self.sends("<presence to='{room}/ada'/>")
        self.enters(others=others, codes=codes, subject=subject)
        await joined
        return room, heard

    def enters(self, *, others: str = "", codes: str = "", subject: str = "") -> None:
        """The room lets ada in."""
        for stanza in ET.fromstring(f"<all>{others}</all>"):
            self.brings(ET.tostring(stanza, encoding="unicode"))
        self.brings(
            present("ada", codes=f"110 {codes}"),
            f"<message type='groupchat' from='{{room}}'><subject>{subject}</subject></message>",
        )


class Heard:
    """Everything that a room has signalled, in its order."""

    def __init__(self, room: Room) -> None:
        self.all: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        for name, signal in vars(room).items():
            if isinstance(signal, Signal):
                signal.connect(self._note(name))

    def _note(self, name: str) -> Any:
        def note(*args: Any, **kwargs: Any) -> None:
            self.all.append((name, args, kwargs))

        return note

    def names(self) -> list[str]:
        """What was signalled since it was last asked, by name."""
        found = [name for name, _, _ in self.all]
        self.all.clear()
        return found

    def one(self, name: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What was told by the only signal of this name since it was last asked; takes it out."""
        found = [entry for entry in self.all if entry[0] == name]
        assert len(found) == 1, (name, self.all)
        self.all.remove(found[0])
        return found[0][1:]


def present(
    nick: str,
    *,
    affiliation: str = "member",
    role: str = "participant",
    codes: str = "",
    jid: str = "",
    more: str = "",
    inside: str = "",
    item: str = "",
    type: str = "",
) -> str:
    """Presence of an occupant, as the room sends it."""
    real = f" jid='{jid}'" if jid else ""
    kind = f" type='{type}'" if type else ""
    statuses = "".join(f"<status code='{code}'/>" for code in codes.split())
    return f"""
        <presence from='{ROOM}/{nick}'{kind}>{more}
          <x xmlns='http://jabber.org/protocol/muc#user'>
            <item affiliation='{affiliation}' role='{role}'{real}{item}>{inside}</item>{statuses}
          </x>
        </presence>"""


def absent(nick: str, **more: str) -> str:
    return present(nick, **{"role": "none", **more}, type="unavailable")


def says(nick: str, body: str, *, id: str = "m1", more: str = "") -> str:
    return f"""
        <message type='groupchat' from='{ROOM}/{nick}' id='{id}'>
          <body>{body}</body>{more}
        </message>"""


DELAYED = f"<delay xmlns='urn:xmpp:delay' from='{ROOM}' stamp='2026-01-01T00:00:00Z'/>"


def _plain(stanza: ET.Element) -> ET.Element:
    """As it is on the stream, where stanzas have the stream's namespace: no other is written."""
    for element in (stanza, *stanza):
        assert not element.tag.startswith(STREAMS), ET.tostring(stanza)
        if not element.tag.startswith("{"):
            element.tag = "{jabber:client}" + element.tag
    return stanza
