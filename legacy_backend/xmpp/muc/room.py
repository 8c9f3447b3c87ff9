"""One room, as a conversation: what is so, what can be done, and signals for what happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Protocol
from xml.etree import ElementTree as ET

from slixmpp import JID, Message, Presence
from slixmpp.exceptions import PresenceError

from legacy_backend.xmpp.muc import admin, invitations, messages, names, presences
from legacy_backend.xmpp.muc.data import Data
from legacy_backend.xmpp.muc.forms import VoiceRequestForm
from legacy_backend.xmpp.muc.language import LanguageMap
from legacy_backend.xmpp.muc.occupant import Occupant, ServiceMember
from legacy_backend.xmpp.muc.own_presence import OwnPresence, Status
from legacy_backend.xmpp.muc.saying import Saying
from legacy_backend.xmpp.muc.signals import Signal
from legacy_backend.xmpp.muc.states import (
    ConversationFeature,
    InviteMode,
    LeaveMode,
    MessageSource,
    PresenceState,
    RoomState,
)
from legacy_backend.xmpp.muc.tracking import Tracking, error_of
from legacy_backend.xmpp.muc.view import Happening, View, happening
from legacy_backend.xmpp.muc.watch import Watch
from legacy_backend.xmpp.muc.wire import Wire
from legacy_backend.xmpp.muc.xso import AdminItem, GenericExt, History

log = logging.getLogger(__name__)

LEAVE_PATIENCE = 30.0
"""Seconds that a room has to say goodbye. It may be gone itself."""

_MAY_PASS = frozenset(
    {
        # Our own ghost may have the nickname until the room has noticed that it is one.
        "conflict",
        "internal-server-error",
        "recipient-unavailable",
        "remote-server-not-found",
        "remote-server-timeout",
        "resource-constraint",
        "service-unavailable",
    }
)
"""Refusals of a re-join that need not be for good."""


class Service(Protocol):
    """What a room needs of whoever made it."""

    @property
    def wire(self) -> Wire: ...
    def forget(self, room: Room) -> None:
        """The room is over."""


class Room(Saying):
    """Made by `MUCClient.join`. Who changes `muc_password` or `muc_autorejoin` does so at any time.

    Everything that is refused by the room is raised as XMPPError.
    """

    def __init__(
        self,
        service: Service,
        mucjid: JID,
        nick: str,
        *,
        password: str | None = None,
        history: History | None = None,
        autorejoin: bool = True,
        looks: OwnPresence = OwnPresence(),  # noqa: B008 - frozen
    ) -> None:
        self.muc_password = password
        self.muc_autorejoin = autorejoin
        self.service_member = ServiceMember(mucjid)
        self.joining: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when we are in for the first time, or cannot be."""
        self._service = service
        self._wire = service.wire
        self._history = history
        self._looks = self._entered_as = looks
        self._heard_at: datetime | None = None
        self._over = False
        self._again: asyncio.TimerHandle | None = None
        self._view = View(mucjid, nick)
        self._tracking = Tracking()
        self._watch = Watch(
            self._ping,
            stale=lambda: self.on_muc_stale(),
            fresh=lambda: self.on_muc_fresh(),
            gone=self._lost,
        )
        self._make_signals()

    def _make_signals(self) -> None:
        # What each is told: docs/muc-client.md.
        self.on_enter = Signal()
        self.on_muc_enter = Signal()
        self.on_exit = Signal()
        self.on_message = Signal()
        self.on_join = Signal()
        self.on_leave = Signal()
        self.on_presence_changed = Signal()
        self.on_nick_changed = Signal()
        self.on_topic_changed = Signal()
        self.on_muc_affiliation_changed = Signal()
        self.on_muc_role_changed = Signal()
        self.on_muc_role_request = Signal()
        self.on_muc_suspend = Signal()
        self.on_muc_resume = Signal()
        self.on_muc_stale = Signal()
        self.on_muc_fresh = Signal()
        self.on_muc_active = Signal()
        self.on_muc_config_changed = Signal()
        self.on_muc_error = Signal()

    # what is so

    @property
    def jid(self) -> JID:
        return self._view.jid

    @property
    def features(self) -> frozenset[ConversationFeature]:
        """What can be done here. To ban, one has to see somebody's real address."""
        features = frozenset(ConversationFeature)
        others = [one for one in self._view.occupants.values() if not one.is_self]
        if others and all(one.direct_jid is None for one in others):
            features -= {ConversationFeature.BAN, ConversationFeature.BAN_WITH_KICK}
        return features

    @property
    def me(self) -> Occupant | None:
        """None until `on_enter`; another object after each."""
        return self._view.me

    @property
    def members(self) -> list[Occupant]:
        """A copy: ourselves first, once we are in."""
        return self._view.members()

    def occupant(self, nick: str | None) -> Occupant | None:
        """Who is called so here now; None if nobody is."""
        return None if nick is None else self._view.occupants.get(nick)

    @property
    def muc_active(self) -> bool:
        return self._view.active

    @property
    def muc_joined(self) -> bool:
        return self._view.joined

    @property
    def muc_state(self) -> RoomState:
        return self._view.state

    @property
    def muc_subject(self) -> LanguageMap:
        return self._view.subject

    @property
    def muc_subject_setter(self) -> str | None:
        """A nickname; None if nobody has set a subject, or the room itself has."""
        return self._view.subject_setter

    @property
    def muc_soft_timeout(self) -> timedelta:
        """How much silence it takes until the room is pinged."""
        return self._watch.soft_timeout

    @muc_soft_timeout.setter
    def muc_soft_timeout(self, value: timedelta) -> None:
        self._watch.soft_timeout = value

    @property
    def muc_hard_timeout(self) -> timedelta:
        """How much silence makes it stale."""
        return self._watch.hard_timeout

    @muc_hard_timeout.setter
    def muc_hard_timeout(self, value: timedelta) -> None:
        self._watch.hard_timeout = value

    @property
    def muc_ping_interval(self) -> timedelta:
        return self._watch.ping_interval

    @muc_ping_interval.setter
    def muc_ping_interval(self, value: timedelta) -> None:
        self._watch.ping_interval = value

    @property
    def muc_ping_timeout(self) -> timedelta:
        """How long each ping is waited for; timeout / interval of them may be under way."""
        return self._watch.ping_timeout

    @muc_ping_timeout.setter
    def muc_ping_timeout(self, value: timedelta) -> None:
        self._watch.ping_timeout = value

    # what can be done

    async def set_nick(self, new_nick: str) -> None:
        """Ask for another nickname. What comes of it, `on_nick_changed` or `on_muc_error` tells.

        Raises ValueError if it cannot be one.
        """
        self._wire.send(self._looking(new_nick))

    def set_presence(self, state: PresenceState, status: Status = None, priority: int = 0) -> None:
        """Look otherwise here, from now on and at each re-join (XEP-0045 §7.7). What comes of it,
        `on_presence_changed` tells.

        Raises ValueError if `state` is not available, or the priority is no priority.
        """
        self._looks = OwnPresence.checked(state, status, priority)
        if self._view.active:
            self._wire.send(self._looking(self._view.nick))

    async def kick(self, member: Occupant, reason: str | None = None) -> None:
        await self.muc_set_role(member.nick, "none", reason=reason)

    async def ban(
        self, member: Occupant, reason: str | None = None, *, request_kick: bool = True
    ) -> None:
        """`request_kick` makes no difference: whom a room bans, it puts out.

        Raises ValueError if we may not see their real address.
        """
        if member.direct_jid is None:
            raise ValueError(f"the real address of {member.nick} is not known")
        await self.muc_set_affiliation(member.direct_jid, "outcast", reason=reason)

    async def muc_set_role(self, nick: str, role: str, *, reason: str | None = None) -> None:
        await admin.set_item(self._wire, self.jid, AdminItem(nick=nick, role=role, reason=reason))

    async def muc_set_affiliation(
        self, jid: JID, affiliation: str, *, reason: str | None = None
    ) -> None:
        item = AdminItem(jid=JID(jid.bare), affiliation=affiliation, reason=reason)
        await admin.set_item(self._wire, self.jid, item)

    async def muc_request_voice(self) -> None:
        """Ask for the right to speak. `on_muc_role_changed` tells if it is granted."""
        form = VoiceRequestForm()
        form.role = "participant"
        self._submit(form)

    async def invite(
        self,
        address: JID,
        *,
        reason: str | None = None,
        mode: InviteMode = InviteMode.DIRECT,
        thread: str | None = None,
    ) -> None:
        """Ask somebody in; if a chat with them is to go on here, `thread` is its."""
        to, payload = invitations.payload(
            mode, self.jid, address, reason=reason, password=self.muc_password, thread=thread
        )
        self._wire.send(self._wire.message(to, payload))

    async def leave(self, *, patience: float = LEAVE_PATIENCE) -> None:
        """Go, and be out when this returns, even if the room does not say goodbye in so many
        seconds."""
        if self._over:
            return
        self.muc_autorejoin = False
        if not self._view.active or not self._wire.online:
            if self._wire.online:
                self._wire.send(self._goodbye())
            self.joining.cancel()
            self._end(LeaveMode.NORMAL if self._wire.online else LeaveMode.DISCONNECTED)
            return
        exited = self.on_exit.future()
        self._wire.send(self._goodbye())
        try:
            async with asyncio.timeout(patience):
                await exited
        except TimeoutError:
            self._end(LeaveMode.DISCONNECTED)

    # what the service tells

    def begin(self) -> None:
        """Send the presence that joins; not before the stream is up."""
        self._enter(self._history)

    def stream_up(self) -> None:
        if self._view.joined:
            # A stream that was replaced without having ended first.
            if self._view.state is not RoomState.DISCONNECTED:
                self._suspend()
            self._resume()
        else:
            self._enter(self._history)

    def stream_down(self) -> None:
        if self._over or self._view.state is RoomState.DISCONNECTED:
            return
        if not self.muc_autorejoin:
            self._fail(ConnectionError("the stream has ended"))
            self._end(LeaveMode.DISCONNECTED)
        elif self._view.joined:
            self._suspend()
        else:
            self._watch.stop()

    def take_presence(self, presence: Presence) -> None:
        # Errors may be made anywhere on the way, and are no sign of life.
        if presence.xml.get("type") == "error":
            self._refused(PresenceError(presence))  # type: ignore[no-untyped-call]
        else:
            self._hear()
            self._play(presences.take(self._view, presence))

    def take_message(self, message: Message) -> None:
        kind = message.xml.get("type", "normal")
        if kind == "chat":
            return  # a private message is a conversation of its own
        if kind != "error" and self._view.active:
            self._hear()
        if kind == "error":
            if not self._tracking.failed(message):
                self.on_muc_error(error_of(message))
        elif kind == "groupchat":
            if not self._reflects(message):
                self._play(messages.take(self._view, self.service_member, message))
        elif not message["from"].resource:
            form = Data.within(message.xml, names.REQUEST_FORM)
            if form is not None:
                self._ask_for_voice(VoiceRequestForm.from_xso(form))

    # inside

    def _occupant_jid(self, nick: str) -> JID:
        found = names.address(f"{self.jid}/{nick}")
        if found is None or not nick:
            raise ValueError(f"not a nickname: {nick!r}")
        return found

    def _enter(self, history: History | None) -> None:
        self._cancel_again()
        marker = GenericExt(history=history, password=self.muc_password).to_xml()
        self._entered_as = self._looks
        self._wire.send(self._looking(self._view.nick, marker))

    def _looking(self, nick: str, *payload: ET.Element) -> Presence:
        return self._wire.presence(self._occupant_jid(nick), *payload, *self._looks.payload())

    def _goodbye(self) -> Presence:
        return self._wire.presence(self._occupant_jid(self._view.nick), type="unavailable")

    def _hear(self) -> None:
        if not self._over:
            self._heard_at = datetime.now(UTC)
            self._watch.heard()

    def _play(self, happenings: Iterable[Happening]) -> None:
        for one in happenings:
            if one.signal == "on_muc_enter":
                self._cancel_again()
                if self._looks != self._entered_as:
                    self._wire.send(self._looking(self._view.nick))
                if not self.joining.done():
                    self.joining.set_result(None)
            elif one.signal == "on_exit":
                self._finish()
            getattr(self, one.signal)(*one.args, **one.kwargs)

    def _reflects(self, message: Message) -> bool:
        """Only what comes from ourselves can be a reflection: ids are no secret."""
        is_ours = self._view.active and message["from"].resource == self._view.nick
        source = messages.source_of(self._view, message)
        return (
            is_ours
            and (source is MessageSource.STREAM or self._view.state is RoomState.ACTIVE)
            and not messages.is_subject(message)
            and self._tracking.reflected(message)
        )

    def _refused(self, error: PresenceError) -> None:
        if self._view.state is not RoomState.JOIN_PRESENCE:
            self.on_muc_error(error)
        elif not self._view.joined:
            self._fail(error)
            self._end(LeaveMode.DISCONNECTED)
        elif self.muc_autorejoin and error.condition in _MAY_PASS:
            self._try_again(self.muc_ping_interval)
        else:
            self._end(LeaveMode.DISCONNECTED, error.text or error.condition)

    def _lost(self) -> None:
        """The room says that we are not in it."""
        if self._over or not self._view.active:
            return
        if self.muc_autorejoin:
            self._suspend()
            self._resume()
        else:
            self._end(LeaveMode.DISCONNECTED)

    def _suspend(self) -> None:
        self._watch.stop()
        self._cancel_again()
        self._view.state, self._view.active = RoomState.DISCONNECTED, False
        self._tracking.abort()
        self.on_muc_suspend()

    def _resume(self) -> None:
        self._view.forget()
        self.on_muc_resume()
        self._rejoin()

    def _rejoin(self) -> None:
        if not self._wire.online:
            return
        # Since the last sign of life: when the stream broke, the link may long have been dead.
        self._enter(History(since=self._heard_at or datetime.now(UTC)))
        self._try_again(self.muc_hard_timeout)

    def _try_again(self, delay: timedelta) -> None:
        self._cancel_again()
        loop = asyncio.get_running_loop()
        self._again = loop.call_later(delay.total_seconds(), self._rejoin)

    def _cancel_again(self) -> None:
        if self._again is not None:
            self._again.cancel()
            self._again = None

    def _end(self, mode: LeaveMode, reason: str | None = None) -> None:
        """We are out, and the room has not told us so."""
        view, was_in = self._view, self._view.joined
        view.state, view.joined, view.active = RoomState.DISCONNECTED, False, False
        if was_in:
            self._play([happening("on_exit", muc_leave_mode=mode, muc_reason=reason)])
        else:
            self._finish()

    def _finish(self) -> None:
        self._over = True
        self._cancel_again()
        self._watch.stop()
        self._tracking.abort()
        self._service.forget(self)

    def _fail(self, error: Exception) -> None:
        if not self.joining.done():
            self.joining.set_exception(error)
            # Nobody has to look at it.
            self.joining.exception()

    async def _ping(self, within: float) -> ET.Element:
        payload = names.element(names.PING, "ping")
        return await self._wire.ask(self._occupant_jid(self._view.nick), payload, within=within)

    def _ask_for_voice(self, form: VoiceRequestForm) -> None:
        submission: asyncio.Future[VoiceRequestForm]
        submission = asyncio.get_running_loop().create_future()

        def submit(answered: asyncio.Future[VoiceRequestForm]) -> None:
            if not answered.cancelled() and answered.exception() is None and not self._over:
                self._submit(answered.result())

        submission.add_done_callback(submit)
        self.on_muc_role_request(form, submission)

    def _submit(self, form: VoiceRequestForm) -> None:
        self._wire.send(self._wire.message(self.jid, form.render_reply().to_xml()))

    def __repr__(self) -> str:
        return f"<Room {self.jid} {self._view.state.value}>"
