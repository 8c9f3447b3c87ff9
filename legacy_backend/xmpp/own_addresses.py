"""Puppets that need no account: each user has one address of a component's, and nobody else has."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Final

from slixmpp import JID, InvalidJID, Message

from legacy_backend.terms import LegacyError, UserId
from legacy_backend.values import LoginState
from legacy_backend.xmpp.archive import Reader
from legacy_backend.xmpp.component import Component
from legacy_backend.xmpp.flow import Flow
from legacy_backend.xmpp.link import Tell
from legacy_backend.xmpp.muc import MUCClient
from legacy_backend.xmpp.muc.wire import Switchboard
from legacy_backend.xmpp.noted_bookmarks import NotedBookmarks

LAST_WORDS_SECONDS = 3.0
"""How long rooms may take to say goodbye; they are told at once."""

_ESCAPES: Final = {char: f"\\{ord(char):02x}" for char in " \"&'/:<>@"}
_TO_ESCAPE = re.compile(r"""[ "&'/:<>@]|\\(?=20|22|26|27|2f|3a|3c|3e|40|5c)""")


def puppet_address(user: UserId, domain: str) -> JID:
    """The bare address of a user's puppet (XEP-0106). No two users have the same.

    Raises LegacyError "not-acceptable" for a user whose own address leaves no room for that.
    """
    local = _TO_ESCAPE.sub(lambda found: _ESCAPES.get(found[0], "\\5c"), user)
    try:
        return JID(f"{local}@{domain}")
    except InvalidJID:
        raise LegacyError(
            "not-acceptable", "Your address is too long to have another made of it."
        ) from None


class OwnAddress:
    """The link of one login. `full` is what it is in rooms as."""

    def __init__(self, full: JID, house: OwnAddresses, bookmarks: NotedBookmarks) -> None:
        self.full = full
        self.jid = JID(full.bare)
        self.client = MUCClient.summon(house.component.xmpp, full)
        self.reader = house.reader.of(full)
        self.flow = house.flow
        self.bookmarks = bookmarks
        self.tell: Tell = lambda _, __: None
        self.take: Callable[[Message], None] = lambda _: None
        self._house = house

    def hear(self, take: Callable[[Message], None]) -> None:
        self.take = take

    async def close(self) -> None:
        if not self._house.has(self):
            return
        try:
            await self.client.close(patience=LAST_WORDS_SECONDS)
        finally:
            self._house.release(self)


class OwnAddresses:
    """All of a component. A user who logs in again before having logged out has a second resource
    meanwhile; the first is always the same, so that a room knows who comes back after a crash."""

    RESOURCE: Final = "sluice"

    def __init__(self, component: Component, tell: Tell = lambda _, __: None) -> None:
        """`tell` hears where the component stands, after those who have links."""
        self.component = component
        self._told = tell
        self.domain = component.xmpp.boundjid.bare
        self.flow = Flow(component.xmpp)
        self.reader = Reader(component.xmpp)
        self._links: dict[str, dict[str, OwnAddress]] = {}
        Switchboard.of(component.xmpp)  # hears from the start whether the stream is up
        component.tell = self._tell

    def take(self, jid: JID, bookmarks: NotedBookmarks) -> OwnAddress:
        """A link for a puppet's bare address, until it is closed."""
        taken = self._links.setdefault(jid.bare, {})
        names = (f"{self.RESOURCE}{number or ''}" for number in itertools.count())
        resource = next(name for name in names if name not in taken)
        link = OwnAddress(JID(f"{jid.bare}/{resource}"), self, bookmarks)
        taken[resource] = link
        return link

    def at(self, jid: JID) -> Iterator[OwnAddress]:
        """Whoever hears what is sent to an address, bare or full."""
        links = self._links.get(jid.bare, {})
        for resource, link in tuple(links.items()):
            if jid.resource in ("", resource):
                yield link

    def has(self, link: OwnAddress) -> bool:
        return self._links.get(link.jid.bare, {}).get(link.full.resource) is link

    def release(self, link: OwnAddress) -> None:
        links = self._links.get(link.jid.bare, {})
        links.pop(link.full.resource, None)
        if not links:
            self._links.pop(link.jid.bare, None)

    def _tell(self, state: LoginState, why: str) -> None:
        for links in tuple(self._links.values()):
            for link in tuple(links.values()):
                link.tell(state, why)
        self._told(state, why)
