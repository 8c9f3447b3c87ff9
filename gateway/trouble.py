"""Telling users that nothing can be stored, and that it can be again."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.archive import Archive
    from gateway.component import Gateway

LOOKS_SECONDS = 1.0
LASTING_SECONDS = 3.0
"""Trouble that is over before is told to nobody but the log."""

TEXT = "Messages cannot be stored just now, and wait until they can be."


async def tell(gateway: Gateway[Any], archive: Archive) -> None:
    """Show in the gateway's presence how the archive's database is, for as long as this runs.

    What the presence said before comes back with the end of the trouble.
    """
    since: float | None = None
    told = False
    while True:
        await asyncio.sleep(LOOKS_SECONDS)
        now = time.monotonic()
        if not archive.trouble:
            since = None
            if told:
                told = False
                for session in gateway.sessions():
                    session.send_cached_presence(session.user_jid.bare)
            continue
        since = since or now
        if not told and now - since >= LASTING_SECONDS:
            told = True
            for session in gateway.sessions():
                gateway.send_presence(pto=session.user_jid.bare, pshow="dnd", pstatus=TEXT)
