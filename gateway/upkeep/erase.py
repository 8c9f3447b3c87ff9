"""Erasing all that one person said."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from gateway.database.sql import portions
from gateway.store import RoomRow
from gateway.upkeep.files import OOB, links
from gateway.upkeep.people import authors_in
from gateway.upkeep.scrub import scrub
from gateway.upkeep.tools import Progress, Tools

_ATTACHMENT = sa.table("attachment", sa.column("url"))
"""slidge's table of what it has passed on, with names and captions."""


@dataclass(frozen=True, slots=True)
class Erased:
    """A receipt for one room."""

    room: RoomRow
    messages: int
    files: int
    """Files of the gateway's own that are gone."""
    elsewhere: int
    """Files that are not the gateway's to remove: they stay."""


async def erase(tools: Tools, person: str, tell: Progress) -> list[Erased]:
    """Erase what a person (an id on the network, or a user's bare JID) said: texts, ids, reactions,
    what is found by their words, and their files; a receipt for each room that had any of it.

    Files go before the messages that tell of them, so that what is interrupted can be done again.
    One that others have sent as well stays, with them. At the end nothing of it is left in the
    files of the database either (`scrub`). `tell` is told of messages. Raises DatabaseError,
    OSError.
    """
    rooms = await tools.store.all_rooms()
    authors = {room.id: await authors_in(tools.store, room, person) for room in rooms}
    said = {room.id: await _with_files(tools, room, authors[room.id]) for room in rooms}
    others = await _of_others(tools, rooms, authors) if any(said.values()) else set()
    receipts = []
    done = 0

    def told(more: int) -> None:
        tell(done + more, 0)

    for room in rooms:
        stanzas = said[room.id]
        files = await asyncio.to_thread(_remove, tools, stanzas, others)
        attached = links(stanzas)
        await _forget(tools, attached)
        before = done
        for author in authors[room.id]:
            done += await tools.archive.erase(room.id, author, told)
        if done > before:
            elsewhere = sum(not _is_ours(tools, url) for url in attached)
            receipts.append(Erased(room, done - before, files, elsewhere))
    await scrub(tools.database)
    return receipts


async def _with_files(tools: Tools, room: RoomRow, authors: list[str]) -> list[str]:
    """The stanzas of some authors that have, or may have, files attached."""
    marks = [OOB, tools.files.mark] if tools.files else [OOB]
    found = [await tools.archive.stanzas_with(room.id, mark, by=authors) for mark in marks]
    return list(dict.fromkeys(stanza for some in found for stanza in some))


async def _of_others(
    tools: Tools, rooms: list[RoomRow], authors: dict[int, list[str]]
) -> set[Path]:
    """The files that somebody else has sent."""
    if tools.files is None:
        return set()
    found: set[Path] = set()
    for room in rooms:
        mark, but = tools.files.mark, authors[room.id]
        stanzas = await tools.archive.stanzas_with(room.id, mark, but=but)
        found |= await asyncio.to_thread(tools.files.linked, stanzas)
    return found


def _remove(tools: Tools, stanzas: list[str], others: set[Path]) -> int:
    """Remove the files that these link to, but for those of others; how many there were."""
    if tools.files is None:
        return 0
    return tools.files.remove(sorted(tools.files.linked(stanzas) - others))


def _is_ours(tools: Tools, url: str) -> bool:
    return tools.files is not None and tools.files.owns(url)


async def _forget(tools: Tools, urls: set[str]) -> None:
    """Delete what slidge knows of these addresses."""
    if not urls:
        return

    def work(conn: sa.Connection) -> None:
        if sa.inspect(conn).has_table(_ATTACHMENT.name):
            for portion in portions(sorted(urls)):
                conn.execute(sa.delete(_ATTACHMENT).where(_ATTACHMENT.c.url.in_(portion)))

    await tools.database.write(work)
