"""A group of a backend as a room: every callback is a call of its account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from slidge.util.types import Avatar, Mention, XMPPMessage
from slixmpp import JID

from gateway.archive import Gap
from gateway.bridge.backfill import fill_gap
from gateway.bridge.drafts import draft_of
from gateway.bridge.people import changes_of, config_of, person_of, shown_settings
from gateway.bridge.refusals import refusals
from gateway.group import LegacyMUC
from gateway.room.people import all_seen
from gateway.room.state import Hat as RoomHat
from gateway.room.state import Occupant, OccupantId
from legacy_backend import (
    Affiliation,
    Draft,
    Group,
    LegacyAccount,
    LegacyBackend,
    LegacyError,
    Member,
    MemberId,
    MessageId,
    Picture,
    Subject,
    abilities,
)
from legacy_backend.values import Hat

if TYPE_CHECKING:
    from gateway.bridge.session import BridgeSession

CALLBACKS = {
    "on_message": "send",
    "on_chat_state": "chat_state",
    "on_displayed": "mark_read",
    "on_attend": "attend",
    "on_react": "react",
    "on_retract": "retract",
    "on_moderate": "moderate",
    "on_set_subject": "set_subject",
    "on_set_config": "set_config",
    "on_set_room_config": "set_config",
    "on_avatar": "set_picture",
    "on_kick": "kick",
    "on_set_affiliation": "set_affiliation",
    "on_set_role": "set_role",
    "on_nick_change": "change_nick",
    "on_rename": "rename_member",
    "on_private_message": "send_private",
    "on_voice_request": "request_voice",
    "on_invite": "invite",
    "on_decline": "decline",
    "on_hats": "hats",
    "on_put_hat": "put_hat",
    "on_remove_hat": "remove_hat",
    "on_give_hat": "give_hat",
    "on_take_hat": "take_hat",
    "on_register": "join_group",
    "on_register_request": "request_membership",
    "on_register_answer": "answer_membership",
    "on_destroy_request": "destroy_group",
    "on_leave": "leave_group",
}
"""Each callback, and the method of an account that it needs."""


class BridgeMUC(LegacyMUC[Any]):
    """A user's handle on a group of the network."""

    session: BridgeSession
    abilities: ClassVar[frozenset[str]] = frozenset()
    listed = False
    """Whether the network has told of the group as one of the user's."""

    @classmethod
    def describe(cls, backend: LegacyBackend) -> None:
        """Be rooms of this network: shared or not, and able to do what it can."""
        account = backend.account_class
        cls.SHARED = backend.SHARED
        cls.abilities = abilities(account)
        cls.ABILITIES = frozenset(c for c, needs in CALLBACKS.items() if needs in cls.abilities)
        cls.HAS_SUBJECT = "set_subject" in cls.abilities
        cls.CONFIG_FIELDS = account.CONFIG_FIELDS
        cls.SHOWN_FIELDS = account.CONFIG_FIELDS
        cls.CORRECTION = "edit" in cls.abilities
        cls.RETRACTION = "retract" in cls.abilities

    @property
    def account(self) -> LegacyAccount:
        return self.session.account

    @property
    def is_mine(self) -> bool:
        """As above; a group that was merely looked at is not, whoever is in it."""
        return self.me() is not None or (self.listed and not self.live.people_known)

    # What the network says of it

    async def update_info(self) -> None:
        bookmarks: Any = self.session.bookmarks
        told = bookmarks.told.pop(self.legacy_id, None)
        with refusals():
            self.take(told or await self.account.group(self.legacy_id))

    def take(self, group: Group) -> None:
        """Take over how the network describes the group."""
        self.set_kind(group.kind)
        self.SHOWN_FIELDS = shown_settings(group.config)  # type: ignore[misc]
        self.set_config(config_of(group, self.room.config))
        self.n_participants = group.member_count
        if group.subject is not None:
            self.take_subject(group.subject)
        picture = group.picture
        if picture is None:
            if self.avatar is not None:
                self.avatar = None
        else:
            self.show_picture(picture)

    def show_picture(self, picture: Picture) -> None:
        self.avatar = Avatar(data=picture.data, unique_id=picture.id)

    def take_subject(self, subject: Subject) -> None:
        """Take over what the network says the group is about."""
        by = subject.by_name
        if subject.by is not None and (person := self.room.people.get(subject.by)):
            by = person.nick
        self.set_subject(subject.text, by=by, at=subject.at)

    async def _fetch_people(self) -> None:
        with refusals():
            members = await self.account.members(self.legacy_id)
        self._pictures = {m.id: m.picture for m in members if m.picture is not None}
        self.live.show(all_seen(self.room, [self.person(member) for member in members]))

    def person(self, member: Member) -> Any:
        """A member as the room's rules take them.

        In a personal room nobody but its owner ever sits: other users of the gateway are in it
        while the network says so, as everybody else.
        """
        ident = self.occupant_id_of(member.id)
        if self.room.owner not in (None, member.user):
            member = replace(member, user=None)
        return person_of(member, ident, self.jid_of(member.id))

    def occupant_id_of(self, member: MemberId) -> OccupantId:
        return self.live.host.ids.occupant_id(self.live.key, member)

    def jid_of(self, member: MemberId) -> str:
        """The bare JID of somebody's contact."""
        host = self.live.host
        return f"{host.addresses.localpart(member)}@{host.domain}"

    async def picture_of(self, occupant: Occupant) -> bytes | None:
        """The picture of an occupant, if the network has one."""
        if occupant.photo is None or "person" not in self.abilities:
            return None
        with refusals():
            person = await self.account.person(occupant.member)
        return None if person.picture is None else person.picture.data

    async def person_for(self, jid: JID) -> Occupant | None:
        """Somebody whom the room does not know yet, by the JID of their contact or as a user."""
        if jid.domain == self.live.host.domain:
            member = MemberId(await self.session.contacts.jid_username_to_legacy_id(jid.node))
        elif (user := self.xmpp.get_session_from_jid(jid)) is not None and self.SHARED:
            member = user.account_member
        else:
            return None
        try:
            person = await self.account.person(member)
        except LegacyError:
            return None
        known = self.room.people.get(person.id)
        if known is not None:
            return known
        return self.stranger(self.person(person))

    @property
    def reads_history(self) -> bool:
        return "history" in self.abilities

    async def fill_gap(self, gap: Gap) -> Gap | None:
        return await fill_gap(self, gap) if self.reads_history else None

    def mention(self, occupant: Occupant, start: int, end: int) -> Mention:
        """A member need not be a contact to be named."""
        return Mention(contact=self.handle_of(occupant), start=start, end=end)

    # What the user asks of it

    async def on_join(self, nick: str, password: str) -> None:
        me = self.me()
        stands = Affiliation.NONE if me is None else me.affiliation
        if "join_group" not in self.abilities:
            return
        if stands is Affiliation.OUTCAST and self.live.people_known:
            return  # the room's own rules refuse the banned; else the network knows who is
        if me is not None and me.present and stands is not Affiliation.NONE:
            return  # they are in the group, and not merely on its list
        # A group that is full now may have room later (XEP-0045 §7.2.9).
        with (
            refusals(service_unavailable="wait"),
            self.live.expected.change(("join", self.session.user_id)),
        ):
            group = await self.account.join_group(self.legacy_id, password)
        self.take(group)
        self.live.people_known = False

    async def on_message(self, message: XMPPMessage) -> str | None:
        draft = draft_of(message, "")
        with refusals():
            if message.replace is not None:
                return await self.account.edit(self.legacy_id, MessageId(message.replace), draft)
            return await self.account.send(self.legacy_id, draft)

    async def on_chat_state(self, chat_state: Any, thread: str | None) -> None:
        with refusals():
            await self.account.chat_state(self.legacy_id, chat_state)

    async def on_attend(self, here: bool) -> None:
        with refusals():
            await self.account.attend(self.legacy_id, here)

    async def on_displayed(self, legacy_msg_id: str, thread: str | None) -> None:
        with refusals():
            await self.account.mark_read(self.legacy_id, MessageId(legacy_msg_id))

    async def on_react(self, legacy_msg_id: str, emojis: list[str], thread: str | None) -> None:
        with refusals():
            await self.account.react(self.legacy_id, MessageId(legacy_msg_id), emojis)

    async def on_retract(self, legacy_msg_id: str, thread: str | None) -> None:
        with refusals():
            await self.account.retract(self.legacy_id, MessageId(legacy_msg_id))

    async def on_moderate(self, legacy_msg_id: str, reason: str | None) -> None:
        with self.live.expected.change(("retract", legacy_msg_id)), refusals():
            await self.account.moderate(self.legacy_id, MessageId(legacy_msg_id), reason or "")
        me = self.me()
        by = self.handle_of(me) if me is not None else self.get_system_participant()
        by.show_moderated(legacy_msg_id, reason)

    async def on_set_subject(self, subject: str) -> None:
        with refusals():
            await self.account.set_subject(self.legacy_id, subject)

    async def on_set_room_config(self, changes: dict[str, Any]) -> None:
        with refusals():
            await self.account.set_config(self.legacy_id, changes_of(changes))

    async def on_avatar(self, data: bytes | None, mime: str | None) -> str | None:
        picture = None if data is None else Picture("", data, mime or "image/png")
        with refusals():
            await self.account.set_picture(self.legacy_id, picture)
            group = await self.account.group(self.legacy_id)
        if group.picture is not None:
            self.show_picture(group.picture)
        return None

    async def on_nick_change(self, nick: str) -> str:
        with refusals():
            got = await self.account.change_nick(self.legacy_id, nick)
        me = self.me()
        if me is None or me.nick != got:  # what the network still tells may be from before
            self.live.expected.expect(("nick", self.my_member_id), got)
        return got

    async def on_private_message(self, participant: Any, text: str) -> None:
        to = participant.occupant.member
        with refusals():
            await self.account.send_private(self.legacy_id, to, Draft(body=text))

    async def on_voice_request(self) -> None:
        with refusals():
            await self.account.request_voice(self.legacy_id)

    async def on_decline(self, inviter: str, reason: str | None) -> None:
        person = self.room.nicks.get(JID(inviter).resource) if inviter else None
        member = person.member if person is not None else None
        with refusals():
            await self.account.decline(self.legacy_id, member, reason or "")

    async def on_hats(self) -> Sequence[RoomHat]:
        with refusals():
            hats = await self.account.hats(self.legacy_id)
        return [RoomHat(hat.uri, hat.title, hat.hue) for hat in hats]

    async def on_put_hat(self, hat: RoomHat) -> None:
        with refusals():
            await self.account.put_hat(self.legacy_id, Hat(hat.uri, hat.title, hat.hue))

    async def on_remove_hat(self, uri: str) -> None:
        with refusals():
            await self.account.remove_hat(self.legacy_id, uri)

    async def on_give_hat(self, participant: Any, uri: str) -> None:
        with refusals():
            await self.account.give_hat(self.legacy_id, participant.occupant.member, uri)

    async def on_take_hat(self, participant: Any, uri: str) -> None:
        with refusals():
            await self.account.take_hat(self.legacy_id, participant.occupant.member, uri)

    async def on_register(self, nick: str) -> str:
        got = await super().on_register(nick)
        if "become_member" in self.abilities:
            with refusals():
                await self.account.become_member(self.legacy_id)
        return got

    async def on_register_request(self, nick: str) -> None:
        with refusals():
            await self.account.request_membership(self.legacy_id, nick)

    async def on_register_answer(self, member: MemberId, accept: bool) -> None:
        with refusals():
            await self.account.answer_membership(self.legacy_id, member, accept)

    async def on_destroy_request(self, reason: str | None) -> None:
        with refusals():
            await self.account.destroy_group(self.legacy_id, reason or "")

    async def on_leave(self) -> None:
        with refusals():
            await self.account.leave_group(self.legacy_id)
