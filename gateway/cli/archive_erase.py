"""sluice archive erase"""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from gateway.cli.exit import Exit
from gateway.cli.output import print_rows, showing
from gateway.cli.rooms import name_of
from gateway.cli.storage import with_database
from gateway.config import Config, load
from gateway.database import Database
from gateway.upkeep import Tools
from gateway.upkeep.erase import erase as erase_all


def erase(args: Namespace) -> int:
    """Erase all that one person said: texts, ids, reactions, files, and what is found by their
    words.

    The person is an id on the network, or the address of a user. What others quoted of it stays,
    files that others sent as well, and what lies on an upload service; and what the network has:
    remove it there first, or it may be read again. The receipt says what was erased of each room.
    The gateway may be running.
    """
    config = load(args.config)
    if not args.yes and not _agreed(args.person):
        print("sluice: nothing was erased", file=sys.stderr)
        return Exit.FAILURE
    rows = with_database(config, lambda database: _erased(database, config, args.person))
    print_rows(rows, as_json=args.json, none=f"There is nothing of {args.person}.")
    if rows and not args.json:
        counted = {name: sum(row[name] for row in rows) for name in ("erased", "files")}
        print(f"{counted['erased']} messages and {counted['files']} files erased", end=" ")
        print(f"in {len(rows)} rooms")
    return Exit.FINE


def _agreed(person: str) -> bool:
    if not sys.stdin.isatty():
        print("sluice: nobody is there to ask; --yes does it without", file=sys.stderr)
        return False
    answer = input(f"Erase all that {person} said, for good? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


async def _erased(database: Database, config: Config, person: str) -> list[dict[str, Any]]:
    tools = Tools.of(config, database)
    with showing("erasing", "message") as tell:
        receipts = await erase_all(tools, person, tell)
    rows = [
        {
            "room": f"{one.room.localpart}@{tools.domain}",
            "owner": one.room.owner,
            "name": name_of(one.room),
            "erased": one.messages,
            "files": one.files,
            "files_elsewhere": one.elsewhere,
        }
        for one in receipts
    ]
    return sorted(rows, key=lambda row: (row["room"], row["owner"]))
