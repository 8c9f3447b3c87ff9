"""Users and their sessions: finding them, registering them, logging them in, letting them go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, cast

from slidge.core.session import _sessions
from slidge.db import GatewayUser
from slidge.util.types import SessionType
from slixmpp import JID

from gateway.errors import Refused
from gateway.slidge_users import add_user

if TYPE_CHECKING:
    from slidge.core.gateway import BaseGateway as _Base

    from gateway.group.rooms import Rooms
    from gateway.presence.desk import Desk
else:
    _Base = Generic

log = logging.getLogger(__name__)

LOGIN_SECONDS = 10.0
"""How long a stanza waits for its sender's login that is under way, or their leaving."""


class Users(_Base[SessionType]):
    """The part of the gateway that deals in users. `allows` says who may be one, by bare JID."""

    rooms: ClassVar[Rooms]
    allows: ClassVar[Callable[[str], bool]]
    auto_register: ClassVar[bool] = False
    desk: Desk
    starting: bool

    def _init_users(self) -> None:
        self._newcomers: dict[str, asyncio.Task[Any]] = {}
        self._leaving: dict[str, asyncio.Future[None]] = {}

    # Who there is

    def known_session(self, user: str) -> Any:
        """The session of a user by bare JID, if there is one already; never asks the database."""
        return None if user in self._leaving else _sessions.get(user)

    def get_session_from_jid(self, j: JID) -> Any:
        """The session of a user; None for those who are not registered, or are just leaving."""
        return None if j.bare in self._leaving else super().get_session_from_jid(j)

    def is_user(self, jid: str) -> bool:
        """Whether somebody is registered with the gateway."""
        return self.get_session_from_jid(JID(jid)) is not None

    def sessions(self) -> list[Any]:
        """The sessions of all users that have one."""
        return list(_sessions.values())

    async def session_for(
        self, sender: JID, *, register: bool = False, behind: bool = False
    ) -> Any:
        """The session of whoever sent a stanza.

        `register` makes users of those who are allowed, where the configuration wants that. Who is
        `behind` a mirror is one for its sake: nothing but the rooms has to do with them.

        Raises Refused: "not-allowed" if they may not use the gateway, "registration-required" if
        they are not registered.
        """
        bare = sender.bare
        if not type(self).allows(bare):
            raise Refused("not-allowed", "You are not allowed to use this gateway.")
        if register and self.auto_register and bare in self._leaving:  # and is back already
            await asyncio.wait({self._leaving[bare]}, timeout=LOGIN_SECONDS)
        session = self.get_session_from_jid(sender)
        newcomer = self._newcomers.get(bare)
        may_register = register and self.auto_register and bare not in self._leaving
        if newcomer is None and session is None and may_register:
            newcomer = asyncio.create_task(self._register(JID(bare), behind=behind))
            self._newcomers[bare] = newcomer
            newcomer.add_done_callback(lambda _: self._newcomers.pop(bare, None))
        if newcomer is not None:  # a client joins all its rooms at once
            session = await asyncio.shield(newcomer)
        if session is None:
            raise Refused("registration-required", "You are not registered with this gateway.")
        return session

    # Coming

    async def _register(self, jid: JID, *, behind: bool) -> Any:
        """Register somebody with a network that asks for nothing, and log them in."""
        data = await self.user_prevalidate(jid, {})
        await asyncio.to_thread(add_user, self.store, jid, data or {})
        session = self.get_session_from_jid(jid)
        if session is None:
            raise Refused("registration-required", "You are just leaving this gateway.")
        log.info("registered %s", jid)
        if not behind:
            cast(Any, session).create_task(self.desk.welcome(session))
        login = cast(Any, session).create_task(self.login_wrap(session))
        contacts = asyncio.shield(session.contacts.ready)  # all their groups may take much longer
        await asyncio.wait({login, contacts}, return_when=asyncio.FIRST_COMPLETED)
        return session

    async def awake(self, session: Any) -> None:
        """Return once a user is logged in to the network; at once for most.

        Raises Refused "recipient-unavailable" if they are not, and will not be soon.
        """
        if session.logged:
            return
        if self.desk.by_presence:
            await self.desk.logins.wanted(session)
        if self.starting or session.is_logging_in:
            await session.wait_for_ready(LOGIN_SECONDS)
        if not session.logged:
            raise Refused("recipient-unavailable", "You are not logged in to the network.")

    # Going

    async def kill_session(self, jid: JID) -> None:
        """A user has unregistered: close their session, and delete the rooms that were theirs."""
        bare = jid.bare
        gone = self._leaving.setdefault(bare, asyncio.get_running_loop().create_future())
        try:
            await super().kill_session(jid)
            for live in self.rooms:
                if live.room.owner == bare:
                    await self.rooms.forget(live)
            self.desk.farewell(bare)
        finally:
            self._leaving.pop(bare, None)
            if not gone.done():
                gone.set_result(None)

    async def unregister_user(
        self, user: GatewayUser, msg: str = "You unregistered from this gateway."
    ) -> None:
        """A user has unregistered by a command."""
        self.send_presence(pshow="dnd", pstatus=msg, pto=user.jid)
        await self.kill_session(user.jid)
