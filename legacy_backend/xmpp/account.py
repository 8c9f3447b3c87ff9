"""One user's way into rooms on other XMPP servers: what can be done there."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, ClassVar

from slixmpp import JID
from slixmpp.exceptions import XMPPError

from legacy_backend.api import LegacyAccount
from legacy_backend.events import EventSink
from legacy_backend.past import Past
from legacy_backend.terms import (
    Affiliation,
    GroupId,
    LegacyError,
    MemberId,
    MessageId,
    Role,
    UserId,
)
from legacy_backend.values import ChatState, Draft, Group, GroupConfig, Member, Picture
from legacy_backend.xmpp import config, pictures
from legacy_backend.xmpp.archive import Pace
from legacy_backend.xmpp.asking import answered, delivered
from legacy_backend.xmpp.drafts import stanza_of
from legacy_backend.xmpp.feed import Feed
from legacy_backend.xmpp.group import RemoteGroup
from legacy_backend.xmpp.groups import Groups
from legacy_backend.xmpp.history import History
from legacy_backend.xmpp.link import Link
from legacy_backend.xmpp.loops import Loops
from legacy_backend.xmpp.mentions import references_to
from legacy_backend.xmpp.muc import (
    About,
    ConfigurationForm,
    InviteMode,
    MessageTracker,
    xso,
)
from legacy_backend.xmpp.muc.admin import set_item
from legacy_backend.xmpp.muc.names import element
from legacy_backend.xmpp.people import People
from legacy_backend.xmpp.puppet import Puppet
from legacy_backend.xmpp.refusals import refusals
from legacy_backend.xmpp.registering import register
from legacy_backend.xmpp.speech import Speech, message_id
from legacy_backend.xmpp.told import CHAT_STATES, MARKERS
from legacy_backend.xmpp.who import address_of

log = logging.getLogger(__name__)

PaceOf = Callable[[str], Pace]
"""The pace at which a server's archives are read."""


class XmppAccount(LegacyAccount):
    """Its rooms are those that it has bookmarked to be joined."""

    CONFIG_FIELDS: ClassVar[frozenset[str]] = config.FIELDS

    def __init__(
        self,
        user: UserId,
        link: Link,
        nick: str,
        sink: EventSink,
        loops: Loops,
        pace: PaceOf,
        new_rooms: JID | None,
    ) -> None:
        """`new_rooms` is the service where rooms are made whose address names none."""
        super().__init__(user, MemberId(link.jid.bare), nick)
        self.client = link.client
        self._link = link
        self._new_rooms = new_rooms
        self._feed = Feed(sink, link.flow)
        self._tasks: set[asyncio.Task[None]] = set()
        self._acting = asyncio.Lock()

        def history(room: JID, speech: Speech) -> History:
            return History(link.reader, room, pace(room.domain), speech)

        self._puppet = Puppet(
            user=user,
            me=self.member_id,
            client=self.client,
            bookmarks=link.bookmarks,
            loops=loops,
            put=self._feed.put,
            start=self._start,
            history=history,
        )
        self._groups = Groups(self._puppet, nick)
        self._people = People(self._puppet, self._groups)
        link.hear(self._people.hear)

    async def close(self) -> None:
        """That the rooms are left now is no news: the user has not left the groups."""
        await self._feed.close()
        self._stop()
        await self._link.close()
        self._stop()

    def _stop(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()

    # Groups

    async def groups(self) -> Sequence[Group]:
        return await self._groups.enter_all()

    async def group(self, group: GroupId) -> Group:
        remote = self._groups.get(group)
        if not remote.is_in:
            await self._puppet.loops.check(self.client.wire, remote.jid)
        return await remote.describe()

    async def members(self, group: GroupId) -> Sequence[Member]:
        return await self._groups.get(group).roster.members()

    async def history(
        self,
        group: GroupId,
        *,
        after: tuple[MessageId, datetime] | None = None,
        before: tuple[MessageId, datetime] | None = None,
        limit: int = 100,
    ) -> Past:
        remote = self._groups.get(group)
        return await remote.history.read(after=after, before=before, limit=limit)

    async def join_group(self, group: GroupId, password: str = "") -> Group:
        remote = self._groups.get(group)
        if not remote.is_in:
            remote.password = password or remote.password
            await self._puppet.loops.check(self.client.wire, remote.jid)
            await remote.look()  # joining a room that is not there would make it
            await remote.enter()
            await self._groups.bookmark(remote)
        return await remote.describe()

    async def create_group(self, id_hint: str, config: GroupConfig) -> Group:
        remote = self._groups.get(self._address_for(id_hint))
        await self._puppet.loops.check(self.client.wire, remote.jid)
        try:
            await remote.look()
        except LegacyError as no:
            if no.condition != "item-not-found":
                raise
        else:
            raise LegacyError("conflict", f"There is a room {remote.jid} already.")
        await remote.enter(founding=True)
        try:
            await self.set_config(remote.id, config)
        except LegacyError:
            with suppress(XMPPError):
                await self.client.destroy_room(remote.jid)
            raise
        await self._groups.bookmark(remote, name=config.name or "")
        return await remote.describe()

    async def request_membership(self, group: GroupId, name: str) -> None:
        room = self._groups.get(group).jid
        await self._puppet.loops.check(self.client.wire, room)
        with refusals():
            await register(self.client.wire, room, name)

    async def leave_group(self, group: GroupId) -> None:
        remote = self._groups.get(group)
        with refusals():
            await self._puppet.bookmarks.stop_joining(remote.jid)
        await remote.leave()
        self._groups.drop(group)

    async def destroy_group(self, group: GroupId, reason: str) -> None:
        with refusals():
            await self.client.destroy_room(self._groups.get(group).jid, reason=reason or None)

    # Talking

    async def send(self, group: GroupId, draft: Draft) -> MessageId:
        remote = self._groups.get(group)
        room, stanza = remote.present(), stanza_of(draft)
        quote = draft.reply_to
        with refusals():
            if quote is None:
                for reference in references_to(draft.mentions, remote.jid, remote.who):
                    stanza.xml.append(reference)
                _, tracker = room.send_message_tracked(stanza)
            else:
                author = quote.author
                to = room.occupant(None if author is None else remote.who.nick(author))
                _, tracker = room.reply(quote.id, stanza, to=to, body=quote.body)
        return await _delivered(remote, tracker)

    async def edit(self, group: GroupId, id: MessageId, draft: Draft) -> str:
        remote = self._groups.get(group)
        told = remote.speech.remembered(id)
        if told is None or not told.sent:
            raise LegacyError("item-not-found", "That message is too old to be corrected there.")
        with refusals():
            _, tracker = remote.present().correct(told.sent, stanza_of(draft))
        return await _delivered(remote, tracker)

    async def retract(self, group: GroupId, id: MessageId) -> None:
        remote = self._groups.get(group)
        with refusals():
            _, tracker = remote.present().retract(id)
        await _delivered(remote, tracker)

    async def react(self, group: GroupId, id: MessageId, emojis: Sequence[str]) -> None:
        remote = self._groups.get(group)
        with refusals():
            _, tracker = remote.present().react(id, emojis)
        await _delivered(remote, tracker)

    async def moderate(self, group: GroupId, id: MessageId, reason: str) -> None:
        with refusals():
            await self._groups.get(group).present().moderate(id, reason=reason or None)

    async def mark_read(self, group: GroupId, id: MessageId) -> None:
        self._say(group, element(MARKERS, "displayed", id=id))

    async def chat_state(self, group: GroupId, state: ChatState) -> None:
        self._say(group, element(CHAT_STATES, state))

    async def send_private(self, group: GroupId, to: MemberId, draft: Draft) -> MessageId:
        occupant = self._groups.get(group).occupant(to)
        stanza = stanza_of(draft)
        stanza.xml.append(xso.UserExt().to_xml())
        return self._people.write(occupant.conversation_jid, stanza)

    async def request_voice(self, group: GroupId) -> None:
        await self._groups.get(group).present().muc_request_voice()

    # Running a group

    async def set_config(self, group: GroupId, changes: GroupConfig) -> None:
        room = self._groups.get(group).jid
        with refusals():
            try:
                form = ConfigurationForm.from_xso(await self.client.get_room_config(room))
            except (LookupError, ValueError) as no:
                raise LegacyError("feature-not-implemented", "That room has no settings.") from no
            config.change(form, changes)
            await self.client.set_room_config(room, form.render_reply())

    async def set_subject(self, group: GroupId, text: str) -> None:
        room = self._groups.get(group).present()
        async with self._acting:
            await answered(room, room.on_topic_changed, room.set_topic({None: text}))

    async def set_picture(self, group: GroupId, picture: Picture | None) -> None:
        with refusals():
            await pictures.set_picture(self.client.wire, self._groups.get(group).jid, picture)

    async def kick(self, group: GroupId, member: MemberId, reason: str) -> None:
        await self.set_role(group, member, Role.NONE, reason)

    async def set_role(self, group: GroupId, member: MemberId, role: Role, reason: str) -> None:
        remote = self._groups.get(group)
        nick = remote.occupant(member).nick
        with refusals():
            await remote.present().muc_set_role(nick, role.word, reason=reason or None)

    async def set_affiliation(
        self, group: GroupId, member: MemberId, affiliation: Affiliation, reason: str
    ) -> None:
        remote = self._groups.get(group)
        jid, nick = address_of(member), None
        if jid is None:
            occupant = remote.occupant(member)
            jid = occupant.direct_jid
            # Some services know people by their names, where we may not know who they are.
            nick = occupant.nick if jid is None else None
        item = xso.AdminItem(
            jid=None if jid is None else JID(jid.bare),
            nick=nick,
            affiliation=affiliation.word,
            reason=reason or None,
        )
        with refusals():
            await set_item(self.client.wire, remote.jid, item)

    async def invite(self, group: GroupId, invitee: MemberId, reason: str) -> None:
        room, address = self._groups.get(group).present(), self._people.address(invitee)
        await room.invite(address, reason=reason or None, mode=InviteMode.MEDIATED)

    async def decline(self, group: GroupId, inviter: MemberId | None, reason: str) -> None:
        jid = None if inviter is None else address_of(inviter)
        if jid is not None:
            room = self._groups.get(group).jid
            await self.client.decline(room, jid, reason=reason or None)

    async def change_nick(self, group: GroupId, nick: str) -> str:
        remote = self._groups.get(group)
        room = remote.present()
        if remote.nick == nick:
            return nick
        async with self._acting:
            try:
                await answered(
                    room, room.on_nick_changed, room.set_nick(nick), lambda one, *_: one.is_self
                )
            except ValueError as wrong:
                raise LegacyError("not-acceptable", "That cannot be a name there.") from wrong
        await self._groups.bookmark(remote)
        return remote.nick

    # People

    async def person(self, member: MemberId) -> Member:
        return await self._people.person(member)

    async def send_direct(self, to: MemberId, draft: Draft) -> MessageId:
        return self._people.write(self._people.address(to), stanza_of(draft))

    # inside

    def _address_for(self, wish: str) -> GroupId:
        if "@" in wish:
            return GroupId(wish)
        if self._new_rooms is None:
            raise LegacyError(
                "not-acceptable", "Say on which service: room@rooms.example.org, for instance."
            )
        return GroupId(f"{wish or uuid.uuid4().hex[:12]}@{self._new_rooms}")

    def _say(self, group: GroupId, payload: Any) -> None:
        """What nobody waits for."""
        room = self._groups.get(group).present()
        with refusals():
            room.send_message(self.client.wire.message(room.jid, payload))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, LegacyError | XMPPError):
            log.info("%s: something that was begun has failed: %s", self.user, error)
        elif error is not None:
            log.error("%s: something that was begun has failed", self.user, exc_info=error)


async def _delivered(remote: RemoteGroup, tracker: MessageTracker) -> MessageId:
    """The id that the room gave a message."""
    message = await delivered(tracker)
    return message_id(message.xml, About.of(message.xml, remote.jid))
