"""The space that a group is in (XEP-0503): a team, a guild, a server of the network's."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from slixmpp import JID

from gateway.group.live import LiveRoom


@dataclass(frozen=True, slots=True)
class SpaceRoom:
    """A room as slidge's answers about spaces want it."""

    jid: JID
    name: str | None


@dataclass(frozen=True, slots=True)
class SpaceRooms:
    """A space and those of its rooms that its user is in."""

    legacy_id: str
    rooms: list[SpaceRoom]


def rooms_of(session: Any, space: str) -> list[SpaceRoom]:
    """The rooms of a user that are in a space."""
    found = (muc for muc in session.bookmarks if muc.space_legacy_id == space)
    return [SpaceRoom(muc.jid, muc.name) for muc in found]


class InSpace:
    """The part of a room handle that deals in it. What a space is called and who runs it is asked
    of `LegacyBookmarks.fetch_space_metadata`, and is in slidge's tables."""

    live: LiveRoom
    session: Any
    xmpp: Any
    _space_is_stored: bool = False

    @property
    def space_legacy_id(self) -> str | None:
        """The network's id of the space; None if the group is in none, or that was not said."""
        space: str | None = self.live.keeping.extra.get("space")
        return space

    @space_legacy_id.setter
    def space_legacy_id(self, legacy_id: object) -> None:
        space = str(legacy_id)
        is_news = space != self.space_legacy_id
        if self._space_is_stored and not is_news:
            return
        self._space_is_stored = True
        self.live.keeping.extra["space"] = space
        self.live.keeping.changed()
        self.session.create_task(self._enter(space, is_news=is_news))

    async def _enter(self, space: str, *, is_news: bool) -> None:
        await asyncio.to_thread(self._store_space, space)
        if is_news and self.session.bookmarks.ready.done():
            told: Any = SpaceRooms(space, rooms_of(self.session, space))
            self.xmpp.pubsub.broadcast_space(self.session, told)

    def _store_space(self, space: str) -> None:
        """Blocks."""
        with self.xmpp.store.session() as orm:
            self.xmpp.store.spaces.add_or_get(orm, self.session.user_pk, space)

    async def space_address(self) -> str:
        """Where the space is found (XEP-0503), "" if the group is in none."""
        if self.space_legacy_id is None:
            return ""
        node = await self.session.bookmarks.space_legacy_id_to_node(self.space_legacy_id)
        return f"xmpp:{self.live.host.domain}?node={node}"
