"""Short ways to fill an archive, and to say what is in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.archive import Archive, Entry, NewEntry, StanzaId, Stored
from legacy_backend.terms import MessageId

NOON = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)


def sid(name: object) -> StanzaId:
    return StanzaId(f"s-{name}")


def lid(name: object) -> MessageId:
    return MessageId(f"l-{name}")


def new(name: object, minute: float = 0, **other: Any) -> NewEntry:
    """An entry whose ids bear a name, said at a minute after noon."""
    given: dict[str, Any] = {
        "stanza_id": sid(name),
        "message_id": f"m-{name}",
        "at": NOON + timedelta(minutes=minute),
        "nick": "ada",
        "author": "1",
        "stanza": f"<message><body>{name}</body></message>",
        "legacy_id": lid(name),
    }
    return NewEntry(**given | other)


async def fill(archive: Archive, room: int, names: Iterable[object]) -> list[Stored]:
    """Append entries, a minute apart."""
    futures = [archive.append(room, new(name, i)) for i, name in enumerate(names)]
    return list(await asyncio.gather(*futures))


def names(entries: Iterable[Entry]) -> str:
    """The names of entries, as one text."""
    return " ".join(entry.stanza_id.removeprefix("s-") for entry in entries)


async def everything(archive: Archive, room: int) -> str:
    """The names of all entries, in order."""
    return names([entry async for entry in archive.export(room)])
