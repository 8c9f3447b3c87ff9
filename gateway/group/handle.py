"""What every part of a room handle stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from slixmpp import JID

if TYPE_CHECKING:
    from gateway.group.live import LiveRoom
    from gateway.room.state import Room
    from legacy_backend.terms import GroupId


class Handle:
    """Whose handle it is, and on which room."""

    session: Any
    live: LiveRoom

    @property
    def room(self) -> Room:
        """The state that this is a handle on."""
        return self.live.room

    @property
    def jid(self) -> JID:
        return JID(self.room.jid)

    @jid.setter
    def jid(self, _: JID) -> None:
        raise AttributeError("The address of a room never changes.")

    @property
    def legacy_id(self) -> GroupId:
        return self.room.group

    @property
    def user_jid(self) -> JID:
        return cast(JID, self.session.user_jid)

    def stanza_id(self, legacy_id: str | None) -> str:
        """The archive's id of a message of the network's; a fresh one for None."""
        return self.live.host.ids.stanza_id(self.live.key, legacy_id)
