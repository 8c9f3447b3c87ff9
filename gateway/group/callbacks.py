"""What a user may ask of a group: the methods that authors of plugins override."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from slidge.util.types import MucAffiliation, MucRole

from gateway.group.config import Configuration
from gateway.group.user import RoomUser
from gateway.room.state import Hat as RoomHat
from legacy_backend.terms import MemberId


class Callbacks(RoomUser, Configuration):
    """The part of a room handle that the network's side fills in. Each callback raises XMPPError
    with the network's no; what is left alone is not offered (`LegacyMUC.can`).

    Slidge's own callbacks are of the same kind: `on_set_subject`, `on_avatar`, and so on.
    """

    HAS_DESCRIPTION: bool
    on_set_config: Callable[[str | None, str | None], Awaitable[None]]
    can: Callable[[str], bool]

    async def on_set_affiliation(
        self,
        contact: Any,
        affiliation: MucAffiliation,
        reason: str | None,
        nickname: str | None,
    ) -> None:
        """The user wants somebody's affiliation changed; `contact` None where they are none."""
        raise NotImplementedError

    async def on_kick(self, contact: Any, reason: str | None) -> None:
        """The user wants somebody put out for now."""
        raise NotImplementedError

    async def on_set_role(self, participant: Any, role: MucRole, reason: str | None) -> None:
        """The user gives or takes a voice, or makes a moderator."""
        raise NotImplementedError

    async def on_set_room_config(self, changes: dict[str, Any]) -> None:
        """The user changes settings: names of RoomConfig's fields and their new values.

        By default asks `on_set_config`, which knows name and description; what is not changed is
        handed to it as it is.
        """
        await self.on_set_config(
            changes.get("name", self.name),
            changes.get("description", self.description) if self.HAS_DESCRIPTION else None,
        )

    async def on_join(self, nick: str, password: str) -> None:
        """A client of the user's is about to enter, the first one: become a member if need be.

        Not to be confused with `join`, which is slidge's. By default everybody whose group it is
        may enter.
        """

    async def on_attend(self, here: bool) -> None:
        """The user's first client has come into the room, or the last one has left it."""

    async def on_register(self, nick: str) -> str:
        """The user registers with a room that is open: becomes a member, who is to be called
        `nick`. Answers with the name they got; by default as on joining, and on `on_nick_change`.
        """
        await self.on_join(nick, "")
        return await self.on_nick_change(nick) if self.can("on_nick_change") else self.user_nick

    async def on_register_request(self, nick: str) -> None:
        """The user asks to be let into a room for members, and to be called `nick` there."""
        raise NotImplementedError

    async def on_register_answer(self, member: MemberId, accept: bool) -> None:
        """The user, an admin, answers somebody whom `applicants.applies` has told of."""
        raise NotImplementedError

    async def on_nick_change(self, nick: str) -> str:
        """The user wants another name in this group; answers with the one they got."""
        raise NotImplementedError

    async def on_private_message(self, participant: Any, text: str) -> None:
        """The user writes to one participant alone."""
        raise NotImplementedError

    async def on_voice_request(self) -> None:
        """The user, who has no voice, asks for one."""
        raise NotImplementedError

    async def on_invite(self, contact: Any, reason: str | None) -> None:
        """The user invites somebody of the network; by default makes them a member."""
        await self.on_set_affiliation(contact, "member", reason, None)

    async def on_decline(self, inviter: str, reason: str | None) -> None:
        """The user declines an invitation."""
        raise NotImplementedError

    async def on_hats(self) -> Sequence[RoomHat]:
        """The hats that there are in this group, worn by anybody or not."""
        raise NotImplementedError

    async def on_put_hat(self, hat: RoomHat) -> None:
        """The user makes a hat, or changes the one with its URI."""
        raise NotImplementedError

    async def on_remove_hat(self, uri: str) -> None:
        """The user does away with a hat."""
        raise NotImplementedError

    async def on_give_hat(self, participant: Any, uri: str) -> None:
        """The user gives somebody a hat."""
        raise NotImplementedError

    async def on_take_hat(self, participant: Any, uri: str) -> None:
        """The user takes a hat away from somebody."""
        raise NotImplementedError
