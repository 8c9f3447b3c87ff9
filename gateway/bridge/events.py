"""What happens on the network, in order, to the rooms."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from slixmpp import JID

from gateway.bridge import happenings
from gateway.group.rooms import SHARED
from legacy_backend import Event, GroupEvent, GroupId, UserId
from legacy_backend.events import (
    DirectMessagePosted,
    GroupAdded,
    GroupDestroyed,
    Invited,
    LoginNoted,
    LoginStateChanged,
    MemberJoined,
    MemberLeft,
    SightLost,
    SightRegained,
    SubscriptionAnswered,
)
from legacy_backend.values import LoginState

if TYPE_CHECKING:
    from gateway.bridge.gateway import BridgeGateway
    from gateway.bridge.muc import BridgeMUC

log = logging.getLogger(__name__)

DEPTH = 256
"""Events of one group that may wait; then the network's reader does."""


UP = (LoginState.CONNECTED, LoginState.BACKFILLING)
"""States in which a login hears what happens."""


Line = tuple[str, UserId, str]
"""What is handled in order: the events of a group, or what one person writes to a user."""


class Events:
    """The sink of a backend: one line to each group, handled beside each other."""

    def __init__(self, gateway: BridgeGateway) -> None:
        self.gateway = gateway
        self._lines: dict[Line, asyncio.Queue[Event]] = {}
        self._workers: dict[Line, asyncio.Task[None]] = {}

    async def put(self, event: Event) -> None:
        """Take one event; waits while its line is full, or the server or the disk is slow."""
        await self.gateway.outbox.room()
        await self.gateway.rooms.host.archive.taking()
        match event:
            case LoginStateChanged():
                await self._log_in_or_out(event)
            case LoginNoted():
                await self._note(event)
            case GroupEvent():
                await self._queue(("group", event.to or SHARED, event.group), event)
            case DirectMessagePosted():
                author = event.message.author or ""
                await self._queue(("person", event.to or SHARED, author), event)
            case SubscriptionAnswered():
                await self._queue(("person", event.to or SHARED, event.by), event)

    async def _queue(self, key: Line, event: Event) -> None:
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = asyncio.Queue(DEPTH)
            self._workers[key] = asyncio.create_task(self._serve(line))
        await line.put(event)

    async def _log_in_or_out(self, event: LoginStateChanged) -> None:
        """Show where a login stands; its groups learn of it after what was put before."""
        session = self.session(event.to)
        if session is None:
            return
        before = session.state
        try:
            session.show_state(event.state, event.text)
        except Exception:
            log.exception("an event could not be handled: %r", event)
        lost = before in UP and event.state not in UP
        if not lost and event.state is not LoginState.CONNECTED:
            return
        turn = SightLost if lost else SightRegained
        for muc in session.bookmarks:
            owner = muc.room.owner or SHARED
            news = turn(group=muc.legacy_id, to=event.to)
            await self._queue(("group", owner, muc.legacy_id), news)

    async def _note(self, event: LoginNoted) -> None:
        session = self.session(event.to)
        if session is None:
            return
        try:
            await session.note(event.notes)
        except Exception:
            log.exception("what a login needs could not be kept")  # and is a secret, perhaps

    async def drained(self) -> None:
        """Return when all that was put has been handled, then let the workers go."""
        await asyncio.gather(*(line.join() for line in self._lines.values()))
        for worker in self._workers.values():
            worker.cancel()

    async def _serve(self, line: asyncio.Queue[Event]) -> None:
        while True:
            event = await line.get()
            try:
                await self._handle(event)
            except Exception:
                log.exception("an event could not be handled: %r", event)
            finally:
                line.task_done()

    async def _handle(self, event: Event) -> None:
        match event:
            case DirectMessagePosted():
                await happenings.written_to(self, event)
            case SubscriptionAnswered():
                await happenings.answered(self, event)
            case SightLost():
                for muc in self.concerned(event):
                    muc.live.lost_sight()
            case SightRegained():
                self._catch_up(event)
            case GroupAdded():
                await happenings.added(self, event)
            case Invited():
                await happenings.invited(self, event)
            case MemberJoined() if event.member.user is not None:
                await happenings.user_joined(self, event)
            case GroupEvent():
                for muc in self.concerned(event):
                    await happenings.happen(muc, event)
        if isinstance(event, (MemberLeft, GroupDestroyed)):
            await happenings.forget(self, event)

    def _catch_up(self, event: SightRegained) -> None:
        session = self.session(event.to)
        muc = None if session is None else session.bookmarks.known(event.group)
        if muc is None:
            return
        muc.live.lost_sight()  # up to here, whatever was read meanwhile
        muc.live.try_again()
        if session.logged:
            muc.live.host.filler.add(muc)

    def session(self, user: UserId | None) -> Any:
        """The session of a user, None if they are not registered."""
        return None if user is None else self.gateway.get_session_from_jid(JID(user))

    @property
    def shared(self) -> bool:
        """Whether all users of a group share one room."""
        return self.gateway.backend.SHARED

    def concerned(self, event: GroupEvent) -> list[BridgeMUC]:
        """A handle on each room that an event happens in: one for all, or those of its users.

        A room that is nobody's just now has to ask later what it missed.
        """
        if self.shared:
            found = self.handles(event.group)[:1]
        elif event.to is None:
            found = self.handles(event.group)
        else:
            session = self.session(event.to)
            muc = None if session is None else session.bookmarks.known(event.group)
            found = [] if muc is None else [muc]
        if not found:
            owner = SHARED if self.shared else event.to or SHARED
            live = self.gateway.rooms.of(owner, event.group)
            if live is not None and live.history_known:
                live.lost_sight()
        return found

    def handles(self, group: GroupId) -> list[BridgeMUC]:
        """The handles of everybody on a group, those who are logged in first."""
        sessions = sorted(self.gateway.sessions(), key=lambda session: not session.logged)
        found = (session.bookmarks.known(group) for session in sessions)
        return [muc for muc in found if muc is not None]
