"""Telling users, and those who run the gateway, that nothing can be stored, and that it can be
again."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from slidge.core import config
from slixmpp import JID

if TYPE_CHECKING:
    from gateway.archive import Archive
    from gateway.component import Gateway

LOOKS_SECONDS = 1.0
LASTING_SECONDS = 3.0
"""Trouble that is over before is told to nobody but the log."""
ADMINS_SECONDS = 600.0
"""Between two messages to admins that there is trouble: it may come and go."""

TEXT = "Messages cannot be stored just now, and wait until they can be."


class Trouble:
    """Whether users have been told that nothing can be stored just now."""

    def __init__(self, gateway: Gateway[Any]) -> None:
        self._gateway = gateway
        self._told = False
        self._admins: float | None = None
        """When admins were last told that there is trouble, by the monotonic clock."""
        self._admins_know = False

    async def watch(self, archive: Archive) -> None:
        """For ever: show in the gateway's presence how the archive's database is.

        What the presence said before comes back with the end of the trouble.
        """
        since: float | None = None
        while True:
            await asyncio.sleep(LOOKS_SECONDS)
            now = time.monotonic()
            if archive.trouble:
                since = since or now
                if not self._told and now - since >= LASTING_SECONDS:
                    self._begins(archive.trouble, now)
            elif since is not None:
                if self._told:
                    self._ends(now - since)
                since = None

    def show(self, session: Any, to: JID) -> None:
        """Send the gateway's presence, as it is, to somebody who comes or asks."""
        if self._told:
            self._gateway.send_presence(pto=to, pshow="dnd", pstatus=TEXT)
        else:
            session.send_cached_presence(to)

    def _begins(self, why: str, now: float) -> None:
        self._told = True
        self._show_all()
        if self._admins is None or now - self._admins >= ADMINS_SECONDS:
            self._admins = now
            self._admins_know = True
            self._tell_admins(f"Nothing can be stored: messages wait, and users are told. {why}")

    def _ends(self, seconds: float) -> None:
        self._told = False
        self._show_all()
        if self._admins_know:
            self._admins_know = False
            lasted = timedelta(seconds=round(seconds))
            self._tell_admins(f"Messages can be stored again. That lasted {lasted}.")

    def _show_all(self) -> None:
        for session in self._gateway.sessions():
            self.show(session, JID(session.user_jid.bare))

    def _tell_admins(self, text: str) -> None:
        for admin in config.ADMINS:
            self._gateway.send_text(text, mto=admin)
