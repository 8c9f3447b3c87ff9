"""The service itself: which rooms there are (XEP-0045 §6.3), and those one may look for."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from slixmpp import JID

from gateway.muc.disco import ITEMS
from gateway.muc.errors import error_stanza, refusal
from gateway.muc.lines import Lines
from gateway.muc.paging import RSM, page
from gateway.muc.search import SEARCH, Search
from gateway.muc.spaces import FILTER
from gateway.render.xml import attribute, bearable

if TYPE_CHECKING:
    from gateway.component import Gateway

MOST = 100
"""Rooms on one page, if nobody asks for fewer."""

LISTED_SECONDS = 60.0
"""For how long somebody pages on through the rooms as they were on the first page."""

NAME_CHARS = 500
"""Of a room's name in the list; the rest is cut off."""


class Service:
    """Answers, for the component's own address, what slidge does not, or from its own tables."""

    def __init__(self, gateway: Gateway[Any]) -> None:
        self.gateway = gateway
        self.lines = Lines()
        self.search = Search(gateway)
        self._listed: dict[str, tuple[float, list[tuple[str, str]]]] = {}
        self._domain = str(gateway.boundjid.bare)

    def takes(self, stanza: ET.Element) -> bool:
        """Deal with a request for rooms; whether it was one."""
        if stanza.get("to") != self._domain or stanza.get("type") != "get":
            return False
        items = stanza.find(f"{{{ITEMS}}}query")
        if items is not None and not items.get("node") and items.find(FILTER) is None:
            self.lines.spawn(lambda: self._answer(stanza, items, self._list))
            return True
        search = stanza.find(f"{{{SEARCH}}}search")
        if search is not None:
            self.lines.spawn(lambda: self._answer(stanza, search, self.search.answer))
            return True
        return False

    async def _answer(
        self,
        stanza: ET.Element,
        query: ET.Element,
        handler: Callable[[str, ET.Element], Awaitable[str]],
    ) -> None:
        sender = stanza.get("from", "")
        try:
            payload = await handler(sender, query)
        except Exception as error:  # noqa: BLE001  (all of it is told)
            no = refusal(error, stanza)
            text = error_stanza(stanza, no, origin=self._domain, by=self._domain)
        else:
            text = (
                f'<iq type="result" id="{attribute(stanza.get("id", ""))}" from="{self._domain}"'
                f' to="{attribute(sender)}">{payload}</iq>'
            )
        self.gateway.outbox.write(text.encode())

    async def _list(self, sender: str, query: ET.Element) -> str:
        rsm = query.find(f"{{{RSM}}}set")
        rooms = self._listing(sender, goes_on=_goes_on(rsm))
        part, stands = page([jid for jid, _ in rooms], rsm, MOST)
        items = "".join(
            f'<item jid="{attribute(jid)}" name="{attribute(bearable(name, NAME_CHARS))}"/>'
            for jid, name in rooms[part]
        )
        if rsm is None and len(rooms[part]) == len(rooms):
            stands = ""
        return f'<query xmlns="{ITEMS}">{items}{stands}</query>'

    def _listing(self, sender: str, *, goes_on: bool) -> list[tuple[str, str]]:
        """The rooms, as they are or, for somebody who `goes_on` paging, as they just were: to look
        through tens of thousands for each page would hold everybody up."""
        user, now = sender.partition("/")[0], time.monotonic()
        self._listed = {who: old for who, old in self._listed.items() if now < old[0]}
        if goes_on and user in self._listed and self.gateway.is_user(user):
            return self._listed[user][1]
        rooms = self._rooms(sender)
        if len(rooms) > MOST:
            self._listed[user] = now + LISTED_SECONDS, rooms
        return rooms

    def _rooms(self, sender: str) -> list[tuple[str, str]]:
        """The rooms that somebody may know of: address and name, by address."""
        session: Any = self.gateway.get_session_from_jid(JID(sender))
        if session is None:
            return []
        own = {str(muc.jid): muc.DISCO_NAME for muc in session.bookmarks if muc.is_mine}
        for found in self.gateway.public_rooms():
            own.setdefault(found.address, found.name)
        return sorted(own.items())


def _goes_on(rsm: ET.Element | None) -> bool:
    """Whether a page is asked that follows or precedes another."""
    return rsm is not None and any(rsm.findtext(f"{{{RSM}}}{id}") for id in ("after", "before"))
