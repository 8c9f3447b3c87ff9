"""sluice archive export"""

from __future__ import annotations

import asyncio
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
from gateway.upkeep.export import lines
from gateway.upkeep.output import whole_file
from gateway.upkeep.rooms import find_room


def export(args: Namespace) -> int:
    """Write everything that is archived of a room, or of all, oldest first, one JSON object a line.

    Each has the room's group and owner, stanza_id, after (the stanza_id of what came before),
    message_id, legacy_id and refers_to (null where the network gave none), at (UTC), nick, author,
    kind, body, and stanza, the XML as clients got it. The gateway may be running.
    """
    config = load(args.config)
    require(config)
    with _output(args.output) as out:
        written = with_database(config, lambda database: _written(database, config, args, out))
    if args.output != "-":
        print(f"{written} messages exported.")
    return Exit.FINE


async def _written(database: Database, config: Config, args: Namespace, out: IO[str]) -> int:
    tools = Tools.of(config, database)
    rooms = await tools.store.all_rooms()
    if args.room is not None:
        rooms = [find_room(tools.domain, rooms, args.room, args.owner)]
    written = 0
    with showing("exporting", "message") as tell:
        async for some in lines(tools, rooms, tell, person=args.person, viewer=args.viewer):
            await asyncio.to_thread(out.writelines, some)
            written += len(some)
    return written


@contextmanager
def _output(name: str) -> Iterator[IO[str]]:
    """Where to write."""
    path = Path(name)
    if name == "-":
        yield sys.stdout
    elif path.exists() and not path.is_file():  # a pipe, a device
        with path.open("w", encoding="utf-8") as out:
            yield out
    else:
        with whole_file(path) as out:
            yield out
