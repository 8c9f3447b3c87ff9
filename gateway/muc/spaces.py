"""Spaces (XEP-0503): slidge answers about them, and asks for their rooms here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gateway.group.space import SpaceRoom, rooms_of
from gateway.muc.call import Call
from gateway.render.xml import content

if TYPE_CHECKING:
    from gateway.component import Gateway

SPACES = "urn:xmpp:spaces:0"
FILTER = "{urn:xmpp:pubsub-filter:0}filter"


class Spaces:
    """Stands where slidge would look into its table of rooms, which is empty."""

    def __init__(self, gateway: Gateway[Any]) -> None:
        self._gateway = gateway
        store: Any = gateway.store.spaces
        store.get_rooms = self._rooms

    def _rooms(
        self, _: Any, user_pk: int, legacy_id: str, room_legacy_ids: Iterable[str] = ()
    ) -> list[SpaceRoom]:
        """A user's rooms in a space; of those that are named, if any are."""
        session = next((s for s in self._gateway.sessions() if s.user_pk == user_pk), None)
        found = [] if session is None else rooms_of(session, legacy_id)
        wanted = set(room_legacy_ids)
        named = {str(m.jid) for m in session.bookmarks if m.legacy_id in wanted} if session else ()
        return [room for room in found if not wanted or str(room.jid) in named]


async def space_form(call: Call) -> str:
    """What a room says of the space that it is in, "" if it is in none."""
    address = await call.muc.space_address()
    if not address:
        return ""
    return (
        '<x xmlns="jabber:x:data" type="result">'
        f'<field var="FORM_TYPE" type="hidden"><value>{SPACES}</value></field>'
        f'<field var="parent" label="Space parent"><value>{content(address)}</value></field></x>'
    )
