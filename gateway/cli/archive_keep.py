"""sluice archive keep"""

from __future__ import annotations

from argparse import Namespace

from gateway.cli.exit import Exit
from gateway.cli.find_room import find_room
from gateway.cli.storage import with_database
from gateway.config import Config, load
from gateway.database import Database
from gateway.retention import RoomsOwn
from gateway.store import Store


def keep(args: Namespace) -> int:
    """Say how many days what is said in one room is kept, whatever `[archive] keep_days` says.

    0 is for ever, -1 is as the configuration has it. A gateway that runs heeds it within the hour.
    """
    config = load(args.config)
    print(with_database(config, lambda database: _kept(database, config, args)))
    return Exit.FINE


async def _kept(database: Database, config: Config, args: Namespace) -> str:
    store = Store(database)
    room = find_room(config, await store.all_rooms(), args.room, args.owner)
    await RoomsOwn(store).put(room.id, args.days if args.days >= 0 else None)
    days = args.days if args.days >= 0 else config.archive.keep_days
    return f"{room.localpart}@{config.xmpp.jid}: " + (f"{days} days" if days else "for ever")
