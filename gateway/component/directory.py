"""The rooms that anybody may find (XEP-0045 §6.3, XEP-0433)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from gateway.group.found import Found

if TYPE_CHECKING:
    from gateway.group.rooms import Rooms


class Directory:
    """The part of the gateway that deals in them."""

    rooms: ClassVar[Rooms]

    def public_rooms(self) -> list[Found]:
        """The rooms known here that are listed for everyone."""
        return [
            Found(
                address=live.room.jid,
                name=live.room.config.name or live.room.group,
                description=live.room.config.description,
                language=live.room.config.language,
                users=live.room.member_count,
                is_open=not (live.room.config.members_only or live.room.config.password),
                anonymous=live.room.config.anonymous,
            )
            for live in self.rooms
            if live.room.owner is None and live.room.config.public
        ]

    async def search_groups(self, session: Any, words: str) -> Sequence[Found]:
        """The groups that a user may find, those matching `words` ("" for all). By default
        the rooms known here that are listed for everyone.

        Raises LegacyError, or XMPPError, with the network's no.
        """
        wanted = words.casefold().split()
        places = {"in_name": True, "in_description": True, "in_address": True}
        return [found for found in self.public_rooms() if found.has(wanted, **places)]
