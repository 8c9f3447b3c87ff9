"""One gateway user's account on the web chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import ClassVar

from legacy_backend.api import LegacyAccount
from legacy_backend.terms import Affiliation, GroupId, MemberId, MessageId, Role, UserId
from legacy_backend.values import (
    ChatState,
    Draft,
    Group,
    GroupConfig,
    Hat,
    Member,
    Message,
    Picture,
)
from legacy_backend.webchat import pictures
from legacy_backend.webchat.acts import (
    attend,
    badges,
    configure,
    create,
    destroy,
    invite,
    join,
    reading,
    request,
    standing,
    talk,
    whisper,
)
from legacy_backend.webchat.network import Network


class WebChatAccount(LegacyAccount):
    """Can do everything. The rules are those of `acts`, the same as for people on the page."""

    CONFIG_FIELDS: ClassVar[frozenset[str]] = frozenset(one.name for one in fields(GroupConfig))

    def __init__(self, user: UserId, member_id: MemberId, name: str, network: Network) -> None:
        super().__init__(user, member_id, name)
        self._network = network
        self._attended: set[GroupId] = set()

    async def groups(self) -> Sequence[Group]:
        found = await self._network.look(reading.own_groups, self.member_id)
        return [self._network.located(group) for group in found]

    async def group(self, group: GroupId) -> Group:
        found = await self._network.look(reading.group, self.member_id, group)
        return self._network.located(found)

    async def members(self, group: GroupId) -> Sequence[Member]:
        is_online = self._network.presence.is_online
        return await self._network.look(reading.members, self.member_id, group, is_online)

    async def history(
        self,
        group: GroupId,
        *,
        after: tuple[MessageId, datetime] | None = None,
        before: tuple[MessageId, datetime] | None = None,
        limit: int = 100,
    ) -> Sequence[Message]:
        said = await self._network.look(
            reading.history, self.member_id, group, after, before, limit
        )
        return [one.message for one in said]

    # Talking

    async def send(self, group: GroupId, draft: Draft) -> MessageId:
        return (await self._network.act(talk.post, self.member_id, group, draft)).id

    async def edit(self, group: GroupId, id: MessageId, draft: Draft) -> str:
        return await self._network.act(talk.edit, self.member_id, group, id, draft)

    async def retract(self, group: GroupId, id: MessageId) -> None:
        await self._network.act(talk.retract, self.member_id, group, id)

    async def react(self, group: GroupId, id: MessageId, emojis: Sequence[str]) -> None:
        await self._network.act(talk.react, self.member_id, group, id, emojis)

    async def mark_read(self, group: GroupId, id: MessageId) -> None:
        await self._network.act(attend.mark_read, self.member_id, group, id)

    async def chat_state(self, group: GroupId, state: ChatState) -> None:
        await self._network.act(attend.chat_state, self.member_id, group, state)

    async def send_private(self, group: GroupId, to: MemberId, draft: Draft) -> MessageId:
        said = await self._network.act(whisper.whisper, self.member_id, group, to, draft)
        return said.id

    async def request_voice(self, group: GroupId) -> None:
        await self._network.act(attend.request_voice, self.member_id, group)

    # Running a group

    async def set_config(self, group: GroupId, changes: GroupConfig) -> None:
        await self._network.act(configure.set_config, self.member_id, group, changes)

    async def set_subject(self, group: GroupId, text: str) -> None:
        await self._network.act(configure.set_subject, self.member_id, group, text)

    async def set_picture(self, group: GroupId, picture: Picture | None) -> None:
        drawn = None
        if picture is not None:
            most = self._network.settings.max_picture
            drawn = await self._network.aside(pictures.group_picture, picture.data, most)
        await self._network.act(configure.set_picture, self.member_id, group, drawn)

    async def kick(self, group: GroupId, member: MemberId, reason: str) -> None:
        await self._network.act(standing.kick, self.member_id, group, member, reason)

    async def set_affiliation(
        self, group: GroupId, member: MemberId, affiliation: Affiliation, reason: str
    ) -> None:
        await self._network.act(
            standing.set_affiliation, self.member_id, group, member, affiliation, reason
        )

    async def set_role(self, group: GroupId, member: MemberId, role: Role, reason: str) -> None:
        await self._network.act(standing.set_role, self.member_id, group, member, role, reason)

    async def moderate(self, group: GroupId, id: MessageId, reason: str) -> None:
        await self._network.act(talk.moderate, self.member_id, group, id, reason)

    async def invite(self, group: GroupId, invitee: MemberId, reason: str) -> None:
        await self._network.act(invite.invite, self.member_id, group, invitee, reason)

    async def decline(self, group: GroupId, inviter: MemberId | None, reason: str) -> None:
        await self._network.act(invite.decline, self.member_id, group, inviter, reason)

    async def change_nick(self, group: GroupId, nick: str) -> str:
        return await self._network.act(join.change_nick, self.member_id, group, nick)

    async def rename_member(self, group: GroupId, member: MemberId, name: str) -> str:
        return await self._network.act(join.rename, self.member_id, group, member, name)

    async def hats(self, group: GroupId) -> Sequence[Hat]:
        return await self._network.look(reading.group_hats, self.member_id, group)

    async def put_hat(self, group: GroupId, hat: Hat) -> None:
        await self._network.act(badges.put, self.member_id, group, hat)

    async def remove_hat(self, group: GroupId, uri: str) -> None:
        await self._network.act(badges.remove, self.member_id, group, uri)

    async def give_hat(self, group: GroupId, member: MemberId, uri: str) -> None:
        await self._network.act(badges.give, self.member_id, group, member, uri)

    async def take_hat(self, group: GroupId, member: MemberId, uri: str) -> None:
        await self._network.act(badges.take, self.member_id, group, member, uri)

    async def create_group(self, id_hint: str, config: GroupConfig) -> Group:
        made = await self._network.act(create.create, self.member_id, id_hint, config)
        return self._network.located(made)

    async def join_group(self, group: GroupId, password: str = "") -> Group:
        joined = await self._network.act(join.join, self.member_id, group, password)
        return self._network.located(joined)

    async def become_member(self, group: GroupId) -> None:
        await self._network.act(request.enrol, self.member_id, group)

    async def request_membership(self, group: GroupId, name: str) -> None:
        await self._network.act(request.request, self.member_id, group, name)

    async def answer_membership(self, group: GroupId, member: MemberId, accept: bool) -> None:
        await self._network.act(request.answer, self.member_id, group, member, accept)

    async def leave_group(self, group: GroupId) -> None:
        await self._network.act(join.leave, self.member_id, group)

    async def destroy_group(self, group: GroupId, reason: str) -> None:
        await self._network.act(destroy.destroy, self.member_id, group, reason)

    # People

    async def person(self, member: MemberId) -> Member:
        is_online = self._network.presence.is_online
        return await self._network.look(reading.person, member, is_online)

    async def send_direct(self, to: MemberId, draft: Draft) -> MessageId:
        return (await self._network.act(whisper.direct, self.member_id, to, draft)).id

    async def attend(self, group: GroupId, here: bool) -> None:
        """Who is in any room is there for all who know them."""
        before = bool(self._attended)
        if here:
            self._attended.add(group)
        else:
            self._attended.discard(group)
        if bool(self._attended) != before:
            presence = self._network.presence
            (presence.connected if here else presence.disconnected)(self.member_id)

    async def close(self) -> None:
        for group in tuple(self._attended):
            await self.attend(group, False)
