"""The gateway coming up, once its stream is there, and going down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Generic

import sqlalchemy as sa
from slidge.core.session import _sessions
from slidge.db import GatewayUser
from slidge.util.types import SessionType
from slixmpp.exceptions import XMPPError

from gateway.component.own_picture import show_own_picture
from gateway.slidge_users import all_users

if TYPE_CHECKING:
    from slidge.core.gateway import BaseGateway

    from gateway.group.rooms import Rooms
    from gateway.link.stream import Stream
    from gateway.presence.desk import Desk

    class _Base(Stream, BaseGateway[SessionType]): ...
else:
    _Base = Generic

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Users who are logged in beside each other at the start."""

AGAIN_SECONDS = 5.0
"""After which a database that was away is asked again."""

LOGOUT_SECONDS = 2.0
"""How long the network may take to let a user go, at the end."""


class Lifetime(_Base[SessionType]):
    """The part of the gateway that deals in its start and its end."""

    picture: ClassVar[str] = ""
    """As `show_own_picture` wants it."""

    rooms: ClassVar[Rooms]
    desk: Desk

    def _init_lifetime(self) -> None:
        self.starting = True
        """Whether users are still being logged in, after the start."""
        self._greeted = False
        self.del_event_handler("session_start", self.slidges("on_session_start"))
        self.add_event_handler("session_start", self._on_session_start)

    def slidges(self, name: str) -> Any:
        """A private part of slidge's gateway.

        COMPAT: slidge 0.4.2 has no other way of having its parts done at another time.
        """
        return getattr(self, f"_BaseGateway__{name}")

    async def open_network(self) -> None:
        """Connect to the network, before the server; plugins do it with each login."""

    async def know_users(self) -> None:
        """Have a session for everybody who is registered: their servers tell of their presence as
        soon as the stream is up, and nobody should have to be looked up for that."""
        for user in await self._users():
            self._session_cls.from_user(user)

    async def _on_session_start(self, event: object) -> None:
        """The stream is up: the first time, log everybody in; later, nobody noticed."""
        if self._greeted:
            self.desk.come_back()
            return
        self._greeted = True
        try:
            await self.slidges("setup_attachments")()
        except Exception:
            log.exception("attachments cannot be set up")
        await self.plugin["xep_0030"].del_feature(
            feature="urn:xmpp:http:upload:0", jid=self.boundjid
        )
        await self.plugin["xep_0115"].update_caps(jid=self.boundjid, broadcast=False)
        await self.log_in_all([session.user for session in _sessions.values()])
        self.starting = False
        await show_own_picture(self, type(self).picture)

    async def _users(self) -> list[GatewayUser]:
        """Everybody who is registered; as long as the database is away, that is waited for."""
        while True:
            try:
                return await asyncio.to_thread(all_users, self.store)
            except (sa.exc.SQLAlchemyError, XMPPError) as error:
                log.error("the users cannot be read: %s", error)
                await asyncio.sleep(AGAIN_SECONDS)

    async def log_in_all(self, users: Iterable[GatewayUser]) -> None:
        """Log users in, or have those looked for who are logged in by being there."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def log_in(user: GatewayUser) -> None:
            async with gate:
                session = self._session_cls.from_user(user)
                session.create_task(self.desk.welcome(session))
                if self.desk.by_presence:
                    self.desk.look_for(session)
                elif not (session.logged or session.is_logging_in):
                    await self.login_wrap(session)

        with self.rooms.host.filler.held():
            results = await asyncio.gather(*map(log_in, users), return_exceptions=True)
        for failed in results:
            if isinstance(failed, BaseException):
                log.error("a login failed", exc_info=failed)

    async def stop(self) -> None:
        """Finish what is in flight, then close the stream."""
        await asyncio.gather(*map(_log_out, list(_sessions.values())))
        self.desk.leave()
        _sessions.clear()  # a global of slidge's, which another gateway in this process would find
        await self.hang_up()
        await self.http.close()


async def _log_out(session: Any) -> None:
    try:
        async with asyncio.timeout(LOGOUT_SECONDS):
            await session.logout()
    except NotImplementedError:
        pass
    except Exception:
        log.exception("%s could not be logged out", session.user_jid)
