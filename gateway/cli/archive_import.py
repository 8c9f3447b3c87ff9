"""sluice archive import"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from gateway.cli.exit import Exit
from gateway.cli.output import showing
from gateway.cli.storage import require, with_database
from gateway.config import Config, load
from gateway.database import Database
from gateway.upkeep import Tools
from gateway.upkeep.bring import bring
from gateway.upkeep.rooms import find_room


def import_(args: Namespace) -> int:
    """Read what `sluice archive export` has written into the archive of a room.

    Without a room, each message goes to where it was. What is there already stays as it is; the
    rest goes to its place. The rooms have to be known. Nothing is sent to anybody. The gateway may
    be running.
    """
    config = load(args.config)
    require(config)
    with _source(args.input) as lines:
        taken = with_database(config, lambda database: _taken(database, config, args, lines))
    print(f"{taken} messages imported.")
    return Exit.FINE


@contextmanager
def _source(name: str) -> Iterator[IO[str]]:
    if name == "-":
        yield sys.stdin
    else:
        with Path(name).open(encoding="utf-8") as lines:
            yield lines


async def _taken(database: Database, config: Config, args: Namespace, lines: IO[str]) -> int:
    tools = Tools.of(config, database)
    room = None
    if args.room is not None:
        room = find_room(tools.domain, await tools.store.all_rooms(), args.room, args.owner)
    with showing("importing", "message") as tell:
        return await bring(tools, lines, room, tell)
