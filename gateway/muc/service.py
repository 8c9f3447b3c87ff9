"""The service itself: which rooms there are (XEP-0045 §6.3), and those one may look for."""

from __future__ import annotations

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
    from gateway.group import LegacyMUC

MOST = 100
"""Rooms on one page, if nobody asks for fewer."""

NAME_CHARS = 500
"""Of a room's name in the list; the rest is cut off."""


class Service:
    """Answers, for the component's own address, what slidge does not, or from its own tables."""

    def __init__(self, gateway: Gateway[Any]) -> None:
        self.gateway = gateway
        self.lines = Lines()
        self.search = Search(gateway)
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
        rooms = self._rooms(sender)
        rsm = query.find(f"{{{RSM}}}set")
        part, stands = page([jid for jid, _ in rooms], rsm, MOST)
        items = "".join(
            f'<item jid="{attribute(jid)}" name="{attribute(bearable(name, NAME_CHARS))}"/>'
            for jid, name in rooms[part]
        )
        if rsm is None and len(rooms[part]) == len(rooms):
            stands = ""
        return f'<query xmlns="{ITEMS}">{items}{stands}</query>'

    def _rooms(self, sender: str) -> list[tuple[str, str]]:
        """The rooms that somebody may know of: address and name, by address."""
        session: Any = self.gateway.get_session_from_jid(JID(sender))
        if session is None:
            return []
        own = {str(muc.jid): muc.DISCO_NAME for muc in session.bookmarks if _is_in(muc)}
        for found in self.gateway.public_rooms():
            own.setdefault(found.address, found.name)
        return sorted(own.items())


def _is_in(muc: LegacyMUC[Any]) -> bool:
    """Whether the user is in the group, as far as is known: one can look at others, too."""
    return muc.me() is not None or not muc.live.people_known
