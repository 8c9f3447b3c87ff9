"""Telling clients that something was said in rooms that they are not in (XEP-0437)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from slixmpp import JID

from gateway.archive import Entry, Kind
from gateway.errors import Refused
from gateway.group.live import LiveRoom
from gateway.muc.lines import Lines
from gateway.render.xml import attribute, content
from gateway.room.visible import visible
from legacy_backend.terms import Affiliation, UserId

if TYPE_CHECKING:
    from gateway.component import Gateway

RAI = "urn:xmpp:rai:0"

MOST = 20
"""Clients of one user that are told; the first of more is forgotten."""


class Activity:
    """Who wants to know, by full JID, and of which rooms they know already.

    A client is told once of each room, as long as it is there.
    """

    def __init__(self, gateway: Gateway[Any]) -> None:
        self.gateway = gateway
        self.lines = Lines()
        self._domain = str(gateway.boundjid.bare)
        self._told: dict[UserId, dict[str, set[int]]] = {}
        type(gateway).rooms.host.listeners.append(self._said)

    def notes(self, stanza: ET.Element) -> None:
        """Take from a stanza to the gateway itself who wants to know; others read it too."""
        if stanza.get("to") != self._domain:
            return
        jid, kind = stanza.get("from", ""), stanza.get("type", "")
        if stanza.tag.endswith("}presence"):
            if kind in ("unavailable", "error"):
                self._forget(jid)
            elif not kind and "/" in jid and stanza.find(f"{{{RAI}}}rai") is not None:
                self.lines.run(jid, lambda: self._subscribe(jid))
        elif kind == "error" and stanza.tag.endswith("}message"):
            self._forget(jid)

    def _forget(self, jid: str) -> None:
        user = UserId(jid.partition("/")[0])
        clients = self._told.get(user, {})
        clients.pop(jid, None)
        if not clients:
            self._told.pop(user, None)

    async def _subscribe(self, jid: str) -> None:
        try:
            session = await self.gateway.session_for(JID(jid))
        except Refused:
            return  # what a presence asks for is not answered with an error
        user = UserId(jid.partition("/")[0])
        clients = self._told.setdefault(user, {})
        clients.pop(jid, None)
        while len(clients) >= MOST:
            del clients[next(iter(clients))]
        told = clients[jid] = set()
        rooms = [muc.live for muc in session.bookmarks if jid not in muc.room.seats]
        active = [live for live in rooms if await _news(live, user)]
        told.update(live.id for live in active)
        self._tell(jid, [live.room.jid for live in active])

    def _said(self, live: LiveRoom, entry: Entry) -> None:
        if entry.kind is not Kind.MESSAGE:
            return
        owner = live.room.owner
        users = self._told if owner is None else [owner] if owner in self._told else []
        for user in list(users):
            for jid, told in self._told[user].items():
                if live.id in told or jid in live.room.seats or not self._may_know(user, live):
                    continue
                told.add(live.id)
                self._tell(jid, [live.room.jid])

    def _may_know(self, user: UserId, live: LiveRoom) -> bool:
        session: Any = self.gateway.get_session_from_jid(JID(user))
        if session is None or session.bookmarks.known(live.room.group) is None:
            return False
        person = live.room.person_of(user)
        if person is None or person.affiliation is Affiliation.NONE:
            return not live.room.config.members_only
        return person.affiliation is not Affiliation.OUTCAST

    def _tell(self, jid: str, rooms: list[str]) -> None:
        if rooms:
            inner = "".join(f"<activity>{content(room)}</activity>" for room in rooms)
            self.gateway.outbox.write(
                (
                    f'<message from="{attribute(self._domain)}" to="{attribute(jid)}">'
                    f'<rai xmlns="{RAI}">{inner}</rai></message>'
                ).encode()
            )


async def _news(live: LiveRoom, user: UserId) -> bool:
    """Whether anything was said since a user was in a room last."""
    since = live.keeping.left.get(user)
    start = None if since is None else datetime.fromisoformat(since) + timedelta(microseconds=1)
    within = visible(live.room, live.room.person_of(user))
    entries = await live.host.archive.history(live.id, limit=1, since=start, within=within)
    here = any(seat.user == user for seat in live.room.seats.values())
    return bool(entries) and not here
