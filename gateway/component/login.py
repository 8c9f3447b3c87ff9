"""Logging a user in to the network, and telling them how it goes."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Generic, cast

from slidge.util.types import SessionType

if TYPE_CHECKING:
    from slidge.core.gateway import BaseGateway as _Base
else:
    _Base = Generic

log = logging.getLogger(__name__)


class _NoTransaction:
    """What slidge's `_fill` is given to commit.

    COMPAT: slidge 0.4.2 opens a session of its database for each login, and does nothing with it.
    """

    def commit(self) -> None:
        pass


NO_TRANSACTION = _NoTransaction()


class Login(_Base[SessionType]):
    """The part of the gateway that does it, in place of slidge's.

    COMPAT: slidge 0.4.2 writes the user's row at each login, whether there is anything new in it.
    """

    starting: bool

    async def login_wrap(self, session: SessionType) -> str:
        """Log a user in, and have their contacts, their groups and what was said in these
        meanwhile. What the gateway's presence says of it. Raises what `fill` of either raises."""
        session.send_gateway_status("Logging in…", show="dnd")
        session.is_logging_in = True
        try:
            status = await session.login()
        except Exception as error:
            log.warning("Login problem for %s", session.user_jid, exc_info=error)
            return _failed(session, error)
        log.info("Login success for %s", session.user_jid)
        session.logged = True
        await self._have_contacts(session)
        if self.GROUPS:
            session.send_gateway_status("Syncing groups…", show="dnd")
            await session.bookmarks.fill()
            _is_ready(session.bookmarks.ready)
        self.send_presence(pto=session.user_jid.bare, ptype="probe")
        status = "Logged in" if status is None else status
        session.send_gateway_status(status, show="chat")
        await self._have_picture(session)
        if session.logged:
            cast(Any, session).bookmarks.catch_up()
        return status

    async def _have_contacts(self, session: Any) -> None:
        session.send_gateway_status("Syncing contacts…", show="dnd")
        await session.contacts._fill(NO_TRANSACTION)
        _is_ready(session.contacts.ready)

    async def _have_picture(self, session: Any) -> None:
        """Have the network shown the user's picture, if they want that."""
        user = session.user
        if user.preferences.get("sync_avatar", False):
            session.create_task(self.fetch_user_avatar(session))
        elif user.avatar_hash is not None:
            user.avatar_hash = None
            await asyncio.to_thread(self.store.users.update, user)


def _failed(session: Any, error: Exception) -> str:
    """Tell a user that they are not logged in."""
    session.send_gateway_status(f"Could not login: {error}", show="dnd")
    text = f"You are not connected to this gateway! Maybe this message will tell you why: {error}"
    session.send_gateway_message(text)
    session.logged = False
    session.send_gateway_status("Login failed", show="dnd")
    return text


def _is_ready(ready: asyncio.Future[bool]) -> None:
    if not ready.done():
        ready.set_result(True)
