"""Archives as text: a JSON object a line for each entry, with all that it takes to put it back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

from gateway.archive.copies import Copy
from gateway.archive.entry import NewEntry
from gateway.errors import SluiceError
from gateway.group.keeping import seen_by
from gateway.store import RoomRow, Store
from gateway.upkeep.people import authors_in
from gateway.upkeep.tools import Progress, Tools
from legacy_backend.terms import Affiliation

Sees = Callable[[NewEntry], bool]


async def lines(
    tools: Tools,
    rooms: list[RoomRow],
    tell: Progress,
    *,
    person: str | None = None,
    viewer: str | None = None,
) -> AsyncIterator[list[str]]:
    """The lines of rooms, one room after the other, oldest first, some at a time: all of it, or
    what one person said, or what a user may see (a bare JID).

    Raises SluiceError if the viewer may see nothing of any of the rooms.
    """
    seen = [(room, await _sight(tools.store, room, viewer)) for room in rooms]
    shown = [(room, may_see) for room, may_see in seen if may_see is not None]
    if rooms and not shown:
        raise SluiceError(f"{viewer} may see nothing of {_these(rooms)}.")
    counts = await tools.archive.counts()
    total = 0 if person else sum(counts.get(room.id, 0) for room, _ in shown)
    done = 0
    for room, may_see in shown:
        authors = await authors_in(tools.store, room, person) if person else None
        async for some in tools.archive.copies(room.id, authors):
            yield [_line(room, copy) for copy in some if may_see(copy.entry)]
            done += len(some)
            tell(done, total)
    tell(done, done)


async def _sight(store: Store, room: RoomRow, viewer: str | None) -> Sees | None:
    """Which entries a user may see, by their bare JID, of which None is everybody's; None if they
    may see nothing: nobody in the room is that user, nor is it theirs, or they are banned, or no
    member of a room for members."""
    if viewer is None or room.owner == viewer.lower():
        return lambda _: True
    members_only = room.state.get("config", {}).get("members_only", False)
    least = Affiliation.MEMBER if members_only else Affiliation.NONE
    for row in await store.occupants_of(room.id):
        rank = Affiliation[row.state.get("affiliation", "none").upper()]
        if row.state.get("user") == viewer.lower() and rank >= least:
            sees = seen_by(row.state)
            return lambda entry: sees is None or any(one.has(entry.at) for one in sees)
    return None


def _these(rooms: list[RoomRow]) -> str:
    return "this room" if len(rooms) == 1 else "these rooms"


def _line(room: RoomRow, copy: Copy) -> str:
    entry = copy.entry
    fields: dict[str, Any] = {
        "group": room.legacy_id,
        "owner": room.owner,
        "stanza_id": entry.stanza_id,
        "after": copy.after,
        "message_id": entry.message_id,
        "legacy_id": entry.legacy_id,
        "refers_to": entry.refers_to,
        "at": time_of(entry.at),
        "nick": entry.nick,
        "author": entry.author,
        "kind": entry.kind.name.lower(),
        "body": entry.body,
        "stanza": entry.stanza,
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"


def time_of(at: datetime) -> str:
    """A time as it is written, to the microsecond, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
