"""What is left of a message that was taken back (XEP-0424 §5, XEP-0425 §6)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from gateway.archive import Entry
from gateway.group.live import LiveRoom
from gateway.render.presence import occupant_id
from gateway.render.xml import attribute, stamp
from legacy_backend.terms import MemberId, MessageId

log = logging.getLogger(__name__)


def tombstone(
    live: LiveRoom,
    legacy_id: MessageId,
    how: str,
    parts: Sequence[str] = (),
    *,
    author: str | None = None,
) -> asyncio.Task[None]:
    """Replace an archived message, what corrected it, and its further `parts` (stanza ids), by the
    fact that it is gone; soon, and if it is there. Nobody has to wait for the task.

    What is not by `author` stays; None is anybody: networks need not look at who takes back what.
    The retraction itself has to be posted already, so that the archive has it before.
    """
    task = asyncio.create_task(_bury(live, legacy_id, how, parts, author))
    task.add_done_callback(_told)
    return task


async def _bury(
    live: LiveRoom, legacy_id: MessageId, how: str, parts: Sequence[str], author: str | None
) -> None:
    gone = await live.host.archive.versions(live.id, legacy_id)
    for part in parts:
        found = await live.host.archive.find(live.id, stanza_id=part)
        if found is not None:
            gone.append(found)
    for entry in gone:
        if author is None or entry.author == author:
            await _replace(live, entry, how)


async def _replace(live: LiveRoom, entry: Entry, how: str) -> None:
    nick = f"/{attribute(entry.nick)}" if entry.nick else ""
    author = live.room.people.get(MemberId(entry.author))
    ident = author.id if author is not None else live.host.ids.occupant_id(
        live.key, MemberId(entry.author)
    )  # fmt: skip
    await live.host.archive.tombstone(
        live.id,
        entry.stanza_id,
        f'<message from="{attribute(live.room.jid)}{nick}" type="groupchat"'
        f' id="{attribute(entry.message_id)}">'
        f'<retracted xmlns="urn:xmpp:message-retract:1" stamp="{stamp(live.host.now())}"'
        f' id="{attribute(entry.message_id)}">{how}</retracted>'
        f"{occupant_id(ident)}</message>",
    )


def _told(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("a retracted message could not be buried", exc_info=task.exception())
