"""sluice archive keep, sluice archive expire"""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime, timedelta

from gateway.cli.exit import Exit
from gateway.cli.output import showing
from gateway.cli.storage import with_database
from gateway.config import Config, load
from gateway.database import Database
from gateway.retention import ALL, Retention, expire_now
from gateway.store import Store
from gateway.upkeep import Tools
from gateway.upkeep.rooms import find_room


def keep(args: Namespace) -> int:
    """Say how many days what is said in one room is kept or, without a room, in all others.

    0 is for ever; -1 is as for all or, for all, as `[archive] keep_days` says. What is older is not
    read from the network either. A gateway that runs heeds it within the hour.
    """
    config = load(args.config)
    print(with_database(config, lambda database: _kept(database, config, args)))
    return Exit.FINE


def expire(args: Namespace) -> int:
    """Delete what is older than its room keeps it, now. The gateway does so once an hour."""
    config = load(args.config)
    deleted = with_database(config, lambda database: _expired(database, config))
    print(f"{deleted} messages deleted.")
    return Exit.FINE


async def _kept(database: Database, config: Config, args: Namespace) -> str:
    store, retention = Store(database), _retention(database, config)
    room, name = ALL, "all rooms"
    if args.room is not None:
        found = find_room(config.xmpp.jid, await store.all_rooms(), args.room, args.owner)
        room, name = found.id, f"{found.localpart}@{config.xmpp.jid}"
    await retention.put(room, args.days if args.days != -1 else None)
    age = retention.of(room)
    return f"{name}: " + ("for ever" if age is None else f"{age.days} days")


async def _expired(database: Database, config: Config) -> int:
    tools, retention = Tools.of(config, database), _retention(database, config)
    await retention.load()
    with showing("deleting", "message") as tell:
        now = datetime.now(tz=UTC)
        return (await expire_now(tools.archive, tools.gaps, retention, now, tell)).messages


def _retention(database: Database, config: Config) -> Retention:
    return Retention(Store(database), timedelta(days=config.archive.keep_days) or None)
