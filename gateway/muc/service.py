"""The service itself: which rooms there are (XEP-0045 §6.3, XEP-0059)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from slixmpp import JID

from gateway.errors import Refused
from gateway.muc.disco import ITEMS
from gateway.muc.errors import error_stanza, refusal
from gateway.muc.lines import Lines
from gateway.render.xml import attribute, content

if TYPE_CHECKING:
    from gateway.component import Gateway

RSM = "http://jabber.org/protocol/rsm"
MOST = 100
"""Rooms on one page, if nobody asks for fewer."""


class Service:
    """Answers, for the component's own address, what slidge would answer from its tables."""

    def __init__(self, gateway: Gateway[Any]) -> None:
        self.gateway = gateway
        self.lines = Lines()
        self._domain = str(gateway.boundjid.bare)

    def takes(self, stanza: ET.Element) -> bool:
        """Deal with a request for the list of rooms; whether it was one."""
        if stanza.get("to") != self._domain or stanza.get("type") != "get":
            return False
        query = stanza.find(f"{{{ITEMS}}}query")
        if query is None or query.get("node"):
            return False
        self.lines.spawn(lambda: self._answer(stanza, query))
        return True

    async def _answer(self, stanza: ET.Element, query: ET.Element) -> None:
        sender = stanza.get("from", "")
        try:
            payload = _page(self._rooms(sender), query.find(f"{{{RSM}}}set"))
        except Exception as error:  # noqa: BLE001  (all of it is told)
            no = refusal(error, stanza)
            text = error_stanza(stanza, no, origin=self._domain, by=self._domain)
        else:
            text = (
                f'<iq type="result" id="{attribute(stanza.get("id", ""))}" from="{self._domain}"'
                f' to="{attribute(sender)}"><query xmlns="{ITEMS}">{payload}</query></iq>'
            )
        self.gateway.outbox.write(text.encode())

    def _rooms(self, sender: str) -> list[tuple[str, str]]:
        """The rooms that somebody may know of: address and name, by address."""
        session: Any = self.gateway.get_session_from_jid(JID(sender))
        if session is None:
            return []
        own = {str(muc.jid): muc.DISCO_NAME for muc in session.bookmarks}
        for live in self.gateway.rooms:
            room = live.room
            if room.owner is None and room.config.public:
                own.setdefault(room.jid, room.config.name or room.group)
        return sorted(own.items())


def _page(rooms: list[tuple[str, str]], rsm: ET.Element | None) -> str:
    """One page of the list, and where it stands (§6.3, XEP-0059 §2)."""
    text = rsm.findtext(f"{{{RSM}}}max") if rsm is not None else None
    if text is not None and not text.strip().isdecimal():
        raise Refused("bad-request", "The size of a page is a number.")
    most = min(int(text), MOST) if text is not None else MOST
    after = rsm.findtext(f"{{{RSM}}}after") if rsm is not None else None
    before = rsm.find(f"{{{RSM}}}before") if rsm is not None else None
    left = rooms
    if after:
        left = [room for room in rooms if room[0] > after]
    if before is not None and before.text:
        left = [room for room in rooms if room[0] < (before.text or "")]
    page = left[max(0, len(left) - most) :] if before is not None else left[:most]
    items = "".join(
        f'<item jid="{attribute(jid)}" name="{attribute(name)}"/>' for jid, name in page
    )
    if rsm is None and len(page) == len(rooms):
        return items
    edges = ""
    if page:
        first, last = content(page[0][0]), content(page[-1][0])
        edges = f'<first index="{rooms.index(page[0])}">{first}</first><last>{last}</last>'
    return f'{items}<set xmlns="{RSM}">{edges}<count>{len(rooms)}</count></set>'
