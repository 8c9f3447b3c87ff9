"""sluice archive erase"""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from gateway.archive import Archive
from gateway.cli.exit import Exit
from gateway.cli.output import print_rows, progress
from gateway.cli.rooms import name_of
from gateway.cli.storage import with_database
from gateway.config import Config, load
from gateway.database import Database
from gateway.store import RoomRow, Store


def erase(args: Namespace) -> int:
    """Erase all that one person said: texts, ids, reactions, and what is found by their words.

    The person is an id on the network, or the address of a user. What others quoted of it stays,
    and so does what the network has: remove it there first, or it may be read again. The receipt
    says what was erased of each room. The gateway may be running.
    """
    config = load(args.config)
    if not args.yes and not _agreed(args.person):
        print("sluice: nothing was erased", file=sys.stderr)
        return Exit.FAILURE
    rows = with_database(config, lambda database: _erased(database, config, args.person))
    print_rows(rows, as_json=args.json, none=f"There is nothing of {args.person}.")
    if rows and not args.json:
        print(f"{sum(row['erased'] for row in rows)} messages erased in {len(rows)} rooms")
    return Exit.FINE


def _agreed(person: str) -> bool:
    if not sys.stdin.isatty():
        print("sluice: nobody is there to ask; --yes does it without", file=sys.stderr)
        return False
    answer = input(f"Erase all that {person} said, for good? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


async def _erased(database: Database, config: Config, person: str) -> list[dict[str, Any]]:
    store, archive = Store(database), Archive(database)
    rows = []
    rooms = await store.all_rooms()
    with progress(len(rooms), "erasing", "room") as bar:
        for room in rooms:
            erased = await erase_in(store, archive, room, person)
            if erased:
                name = f"{room.localpart}@{config.xmpp.jid}"
                rows.append(
                    {"room": name, "owner": room.owner, "name": name_of(room), "erased": erased}
                )
            bar.update()
    return sorted(rows, key=lambda row: (row["room"], row["owner"]))


async def erase_in(store: Store, archive: Archive, room: RoomRow, person: str) -> int:
    """Erase what a person (an id on the network, or a user's bare JID) said in a room."""
    authors = {person}
    for row in await store.occupants_of(room.id):
        if row.state.get("user") == person.lower():
            authors.add(row.member_id)
    return sum([await archive.erase(room.id, author) for author in sorted(authors)])
