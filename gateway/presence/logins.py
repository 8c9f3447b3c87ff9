"""Logging users in with their first client, and out after their last (XEP-0100 §4.4, §4.5)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

from gateway.presence.online import Online

if TYPE_CHECKING:
    from gateway.component import Gateway

log = logging.getLogger(__name__)


class Logins:
    """Only where the configuration wants it so; by default logins last as long as the process.

    `grace` is how many seconds nobody may be there before the login ends.
    """

    def __init__(self, gateway: Gateway[Any], online: Online, grace: float) -> None:
        self._gateway = gateway
        self._online = online
        self._grace = grace
        self._ending: dict[str, asyncio.Task[None]] = {}

    async def wanted(self, session: Any) -> None:
        """Somebody needs their login: start it, if it is not under way."""
        if not (session.logged or session.is_logging_in):
            await self._gateway.login_wrap(session)

    def came(self, session: Any) -> None:
        """The user is there."""
        ending = self._ending.pop(session.user_jid.bare, None)
        if ending is not None:
            ending.cancel()
        session.create_task(self.wanted(session))

    def went(self, session: Any) -> None:
        """The user's last client has gone, or nobody knows of any."""
        user = session.user_jid.bare
        if user not in self._ending:
            self._ending[user] = asyncio.create_task(self._end(session, user))
            self._ending[user].add_done_callback(lambda task: self._ended(user, task))

    def stop(self) -> None:
        for ending in tuple(self._ending.values()):
            ending.cancel()

    async def _end(self, session: Any, user: str) -> None:
        await asyncio.sleep(self._grace)
        if self._online.is_online(user) or not session.logged:
            return
        log.info("%s is gone: logging out of the network", user)
        session.logged = False
        with contextlib.suppress(NotImplementedError):
            await session.logout()
        session.send_gateway_status(ptype="unavailable")

    def _ended(self, user: str, task: asyncio.Task[None]) -> None:
        if self._ending.get(user) is task:
            del self._ending[user]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s could not be logged out", user, exc_info=error)
