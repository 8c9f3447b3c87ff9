"""One room elsewhere as a group of one user: what happens in it, as events.

Signals of the room come in here; what they tell is put to the feed in their order.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

from slixmpp import JID, Message
from slixmpp.exceptions import XMPPError

from legacy_backend.events import (
    Departure,
    GroupChanged,
    GroupDestroyed,
    MemberLeft,
    SightLost,
    SightRegained,
    SubjectChanged,
    VoiceRequested,
)
from legacy_backend.terms import GroupId, LegacyError, MemberId
from legacy_backend.values import Group, Subject
from legacy_backend.xmpp import config, pictures
from legacy_backend.xmpp.muc import (
    ConfigurationForm,
    Data,
    LeaveMode,
    MessageSource,
    MessageState,
    Occupant,
    Room,
    RoomInfo,
    StatusCode,
    VoiceRequestForm,
)
from legacy_backend.xmpp.muc import History as Replay
from legacy_backend.xmpp.puppet import Puppet
from legacy_backend.xmpp.refusals import refusal
from legacy_backend.xmpp.roster import Roster, departure
from legacy_backend.xmpp.speech import Speech
from legacy_backend.xmpp.told import Telling, time_of
from legacy_backend.xmpp.who import Who

log = logging.getLogger(__name__)

JOIN_SECONDS = 30.0
"""How long a room may take to let us in."""

SUBJECT_SECONDS = 10.0
"""How long a room may take to say that everything from before is through; some never do."""

SHORTEST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
"""Seconds before a room that was shut down is joined again."""

_OTHER_NICKS = 3
"""Names that are tried if somebody else has the one that is wanted."""

_MAY_PASS = (LeaveMode.DISCONNECTED, LeaveMode.ERROR, LeaveMode.SYSTEM_SHUTDOWN)
"""Ways to be out after which we come back by ourselves."""

_KEEP_TO_THEMSELVES = frozenset({"forbidden", "not-allowed", "not-authorized"})
"""What some services answer those who are not in a room."""

_MAM = "urn:xmpp:mam:2"
_VCARD = "vcard-temp"


class RemoteGroup:
    """`room` is None while we are not in it."""

    def __init__(self, puppet: Puppet, jid: JID, nick: str, password: str = "") -> None:
        self.puppet = puppet
        self.jid = jid
        self.id = GroupId(jid.bare)
        self.nick = nick
        self.password = password
        self.room: Room | None = None
        self.features: frozenset[str] = frozenset()
        self.who = Who(puppet.me)
        self.speech = Speech(jid, self.id, self.who, puppet.user)
        self.history = puppet.history(jid, self.speech)
        self.roster = Roster(puppet, self.id, self.who)
        self._telling = Telling(jid, self.id, puppet.user, self.speech)
        self._subject: Subject | None = None
        self._entering = asyncio.Lock()
        self._wanted = False
        """Whether we are to be in the room: who is out and is, comes back."""
        self._founding = False
        self._is_outdated = False
        """Whether the room was set up otherwise, and nobody has looked yet."""
        self._is_blind = False
        """Whether we do not hear what happens, and are to come back."""

    # What is so

    @property
    def is_in(self) -> bool:
        return self.room is not None and self.room.muc_joined

    @property
    def is_idle(self) -> bool:
        """Whether we neither are in the room, nor mean to be."""
        return not (self._wanted or self.is_in or self._entering.locked())

    def present(self) -> Room:
        """The room, to do something there.

        Raises LegacyError: "remote-server-timeout" while the link to it is lost, "not-allowed" if
        the account is not in it.
        """
        if self.room is not None and self.room.muc_active:
            return self.room
        if self._wanted:
            raise LegacyError("remote-server-timeout", "That room cannot be reached just now.")
        raise LegacyError("not-allowed", "Your account is not in that room: join it first.")

    def occupant(self, member: MemberId) -> Occupant:
        """Somebody who is here. Raises LegacyError "item-not-found"."""
        found = self.present().occupant(self.who.nick(member))
        if found is None:
            raise LegacyError("item-not-found", "They are not in that room just now.")
        return found

    async def look(self) -> RoomInfo:
        """What the room tells everybody; nothing, if it keeps that to itself.

        Raises LegacyError: "item-not-found" if there is no such room, "remote-server-timeout" if
        its server cannot be reached.
        """
        try:
            info = await self.puppet.client.get_room_info(self.jid)
        except XMPPError as no:
            if no.condition not in _KEEP_TO_THEMSELVES:
                raise refusal(no) from no
            info = RoomInfo("", frozenset(), None)
        self.features = info.features
        return info

    async def describe(self) -> Group:
        """The group as it is set up now.

        Raises LegacyError as `look`.
        """
        client = self.puppet.client
        info = await self.look()
        me = None if self.room is None else self.room.me
        form = None
        if me is not None and me.affiliation == "owner":
            try:
                form = ConfigurationForm.from_xso(await client.get_room_config(self.jid))
            except (XMPPError, LookupError, ValueError) as no:
                log.info("%s: its configuration cannot be read: %s", self.jid, no)
        setup = config.config_of(info, form)
        count = None if info.form is None else info.form.occupants
        picture = None
        if _VCARD in self.features:
            picture = await pictures.picture_of(client.wire, self.jid)
        return Group(
            id=self.id,
            kind=config.kind_of(setup),
            config=setup,
            subject=self._subject,
            member_count=int(count) if count and count.isdecimal() else None,
            picture=picture,
        )

    # Coming and going

    async def enter(self, *, founding: bool = False) -> None:
        """Be in the room; at once if we are.

        `founding` is for a room that is not there yet; without, one that our coming has made is
        opened for everybody. Raises LegacyError with the room's no, "not-acceptable" if it leads
        back to a gateway.
        """
        async with self._entering:
            if self.is_in:
                self._wanted = True
                return
            await self.puppet.loops.check(self.puppet.client.wire, self.jid)
            self._founding = founding
            self.who.anew()
            for number in range(_OTHER_NICKS + 1):
                try:
                    await self._join(self.nick + "_" * number)
                    break
                except XMPPError as no:
                    if no.condition != "conflict" or number == _OTHER_NICKS:
                        raise refusal(no) from no
            assert self.room is not None
            people = [one.direct_jid for one in self.room.members if one.direct_jid is not None]
            try:
                self.puppet.loops.check_people(self.jid, people)
            except LegacyError:
                await self.leave()
                raise
            self._wanted = True

    async def _join(self, nick: str) -> None:
        """Raises XMPPError as the room refuses, LegacyError if it does not answer."""
        client = self.puppet.client
        replay = Replay(maxstanzas=0) if _MAM in self.features else None
        try:
            room, joined = client.join(
                self.jid, nick, password=self.password or None, history=replay
            )
        except ValueError as wrong:
            raise LegacyError("not-acceptable", f"{nick!r} cannot be a name there.") from wrong
        if room is not self.room:
            self.room = room
            self._listen(room)
        active = room.on_muc_active.future()
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                await asyncio.shield(joined)
        except (TimeoutError, ConnectionError) as slow:
            await room.leave()
            raise LegacyError("remote-server-timeout", "That room does not answer.") from slow
        await asyncio.wait({active}, timeout=SUBJECT_SECONDS)

    async def leave(self) -> None:
        """Be out of the room, and stay out."""
        self._wanted = False
        if self.room is not None:
            await self.room.leave()

    async def _come_back(self) -> None:
        """Join again, as often as it takes."""
        pause = SHORTEST_PAUSE
        while self._wanted and not self.is_in:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            try:
                await self.enter()
            except LegacyError as no:
                if no.condition in ("forbidden", "registration-required"):
                    how = Departure.BANNED if no.condition == "forbidden" else Departure.REMOVED
                    self._wanted = False
                    self._put(MemberLeft, id=self.puppet.me, how=how, reason=no.text)
                log.info("%s: cannot come back yet: %s", self.jid, no)

    # What the room signals

    def _listen(self, room: Room) -> None:
        room.on_muc_enter.connect(self._entered)
        self.roster.listen(room)
        room.on_muc_active.connect(self._active)
        room.on_muc_suspend.connect(self._lose_sight)
        room.on_muc_resume.connect(lambda **_: self.who.anew())
        room.on_exit.connect(self._exited)
        room.on_message.connect(self._said)
        room.on_nick_changed.connect(self._renamed)
        room.on_topic_changed.connect(self._topic)
        room.on_muc_role_request.connect(self._voice_asked)
        room.on_muc_config_changed.connect(self._reconfigured)

    def _put(self, kind: Any, **what: Any) -> None:
        self.puppet.put(kind(to=self.puppet.user, group=self.id, **what))

    def _entered(
        self, _: object, me: Occupant, *, muc_status_codes: frozenset[int] = frozenset(), **__: Any
    ) -> None:
        self.who.came(me)
        if StatusCode.CREATED in muc_status_codes and not self._founding:
            # It was gone, and is made anew by our coming: others shall be able to come too.
            opened = self.puppet.client.set_room_config(self.jid, Data("submit"))
            self.puppet.start(_tried(opened, f"{self.jid} cannot be opened"))

    def _lose_sight(self, **_: Any) -> None:
        self._is_blind = True
        self._put(SightLost)

    def _active(self, **_: Any) -> None:
        if self._is_blind:
            self._is_blind = False
            self._put(SightRegained)

    def _exited(
        self,
        *,
        muc_leave_mode: LeaveMode,
        muc_actor: Any = None,
        muc_reason: str | None = None,
        muc_destroy: Any = None,
        **_: Any,
    ) -> None:
        by = self.roster.actor(muc_actor)
        self.room = None
        if muc_destroy is not None:
            self._wanted = False
            alternate = None if muc_destroy.jid is None else GroupId(muc_destroy.jid.bare)
            self._put(GroupDestroyed, reason=muc_destroy.reason or "", alternate=alternate)
        elif muc_leave_mode in _MAY_PASS:
            if self._wanted:
                self._lose_sight()
                self.puppet.start(self._come_back())
            return
        else:
            self._wanted = False
            how = departure(muc_leave_mode)
            self._put(MemberLeft, id=self.puppet.me, how=how, by=by, reason=muc_reason or "")
        if muc_destroy is not None or muc_leave_mode is LeaveMode.BANNED:
            undone = self.puppet.bookmarks.stop_joining(self.jid)
            self.puppet.start(_tried(undone, f"{self.jid} cannot be taken out of the bookmarks"))
        self.roster.clear()

    def _said(
        self, message: Message, _: object, source: MessageSource, *, tracker: Any = None, **__: Any
    ) -> None:
        if tracker is None:
            self._tell(message, is_live=source is MessageSource.STREAM)
            return

        def reflected(state: MessageState, response: Message | None) -> None:
            if state is MessageState.DELIVERED_TO_RECIPIENT and response is not None:
                self._tell(response, is_live=True)

        tracker.on_state_changed.connect(reflected)

    def _tell(self, message: Message, *, is_live: bool) -> None:
        at = time_of(message.xml) or datetime.now(UTC)
        if not is_live:
            self.history.replayed(message.xml, at)
        for event in self._telling.tell(message.xml, at, is_live=is_live):
            self.puppet.put(event)

    def _renamed(self, occupant: Occupant, _: str, new: str, **__: Any) -> None:
        if occupant.is_self:
            self.nick = new

    def _topic(self, _: object, texts: Any, *, muc_nick: str | None = None, **__: Any) -> None:
        by = self.who.named(muc_nick)
        subject = Subject(text=texts.any() or "", by=by, by_name=muc_nick or "")
        if subject != self._subject:
            self._subject = subject
            self._put(SubjectChanged, subject=subject)

    def _voice_asked(self, form: VoiceRequestForm, _: object, **__: Any) -> None:
        by = self.who.named(form.roomnick)
        if by is not None:
            self._put(VoiceRequested, by=by)

    def _reconfigured(self, **_: Any) -> None:
        if not self._is_outdated:
            self._is_outdated = True
            self.puppet.start(self._look_again())

    async def _look_again(self) -> None:
        """Once for all changes that came meanwhile."""
        await asyncio.sleep(0)
        self._is_outdated = False
        self._put(GroupChanged, info=await self.describe())


async def _tried(work: Coroutine[Any, Any, None], words: str) -> None:
    """Do what need not succeed."""
    try:
        await work
    except XMPPError as no:
        log.info("%s: %s", words, no.text or no.condition)
