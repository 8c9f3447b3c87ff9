"""sluice rooms"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from dataclasses import dataclass
from typing import Any

from gateway.archive import Archive
from gateway.cli import options
from gateway.cli.exit import Exit
from gateway.cli.output import print_rows
from gateway.cli.storage import with_database
from gateway.config import load
from gateway.database import Database
from gateway.store import RoomRow, Store


def arguments(parser: ArgumentParser) -> None:
    """Of `sluice rooms`."""
    options.config_file(parser)
    options.as_json(parser)


def rooms(args: Namespace) -> int:
    """List the rooms: whose they are, of which group, how many people and messages they have.

    A room without owner is shared by its users. Occupants are all who are known to be in the
    group; seats are XMPP clients that have joined.
    """
    config = load(args.config)
    kept = with_database(config, _kept)
    rows = [
        {
            "room": f"{room.localpart}@{config.xmpp.jid}",
            "owner": room.owner,
            "legacy_id": room.legacy_id,
            "name": name_of(room),
            "occupants": kept.occupants[room.id],
            "seats": kept.seats[room.id],
            "messages": kept.messages.get(room.id, 0),
        }
        for room in sorted(kept.rooms, key=lambda room: (room.localpart, room.owner))
    ]
    print_rows(rows, as_json=args.json, none="There are no rooms yet.")
    return Exit.FINE


def name_of(room: RoomRow) -> str:
    """What the group is called; "" if that is not known."""
    config: Any = room.state.get("config", {})
    return str(config.get("name") or "") if isinstance(config, dict) else ""


@dataclass(frozen=True, slots=True)
class _Kept:
    rooms: list[RoomRow]
    occupants: Counter[int]
    seats: Counter[int]
    messages: dict[int, int]


async def _kept(database: Database) -> _Kept:
    store = Store(database)
    return _Kept(
        await store.all_rooms(),
        Counter(row.room_id for row in await store.all_occupants()),
        Counter(row.room_id for row in await store.all_seats()),
        await Archive(database).counts(),
    )
