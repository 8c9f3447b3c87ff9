"""sluice archive"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from gateway.archive import Archive
from gateway.cli import options
from gateway.cli.archive_backup import backup
from gateway.cli.archive_erase import erase
from gateway.cli.archive_export import export
from gateway.cli.archive_gaps import gaps
from gateway.cli.archive_import import import_
from gateway.cli.archive_keep import expire, keep
from gateway.cli.exit import Exit
from gateway.cli.output import print_rows
from gateway.cli.rooms import name_of
from gateway.cli.storage import with_database
from gateway.config import Config, load
from gateway.database import Database
from gateway.store import Store
from gateway.upkeep.export import time_of


def arguments(parser: ArgumentParser) -> None:
    """Of `sluice archive`."""
    options.config_file(parser)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    of_counts = options.action(actions, "counts", counts)
    options.config_file(of_counts, again=True)
    options.as_json(of_counts)
    of_gaps = options.action(actions, "gaps", gaps)
    options.config_file(of_gaps, again=True)
    options.as_json(of_gaps)
    of_export = options.action(actions, "export", export)
    _one_room(of_export)
    of_export.add_argument(
        "--person", metavar="PERSON", help="only what this one said: an id, or a user's address"
    )
    of_export.add_argument(
        "--as", metavar="JID", dest="viewer", help="only what this user may see of it"
    )
    of_export.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="-",
        help="where to write; replaced when all is written (default: -, standard output)",
    )
    of_import = options.action(actions, "import", import_)
    _one_room(of_import)
    of_import.add_argument(
        "-i",
        "--input",
        metavar="FILE",
        default="-",
        help="what to read (default: -, standard input)",
    )
    of_erase = options.action(actions, "erase", erase)
    options.config_file(of_erase, again=True)
    options.as_json(of_erase)
    of_erase.add_argument("person", metavar="PERSON", help="id on the network, or a user's address")
    of_erase.add_argument("--yes", action="store_true", help="do it without asking")
    of_keep = options.action(actions, "keep", keep)
    _one_room(of_keep)
    of_keep.add_argument("days", metavar="DAYS", type=int, help="how long what is said is kept")
    options.config_file(options.action(actions, "expire", expire), again=True)
    of_backup = options.action(actions, "backup", backup)
    options.config_file(of_backup, again=True)
    of_backup.add_argument("file", metavar="FILE", help="where to write the copy")


def _one_room(parser: ArgumentParser) -> None:
    """The options of an action on one room, or on all."""
    options.config_file(parser, again=True)
    parser.add_argument(
        "room",
        metavar="ROOM",
        nargs="?",
        help="the room's address, or the id of its group on the network (default: all rooms)",
    )
    parser.add_argument(
        "--owner", metavar="JID", help="whose room, where several users have one of the group"
    )


def archive(_: Namespace) -> int:
    """Look after the archive: count, export, import, erase, expire, back up."""
    raise AssertionError("one of the actions is required")


def counts(args: Namespace) -> int:
    """Count the messages of each room, with the times of the first and the last."""
    config = load(args.config)
    rows = with_database(config, lambda database: _counted(database, config))
    print_rows(rows, as_json=args.json, none="Nothing is archived yet.")
    if rows and not args.json:
        print(f"{sum(row['messages'] for row in rows)} messages in {len(rows)} rooms")
    return Exit.FINE


async def _counted(database: Database, config: Config) -> list[dict[str, Any]]:
    source = Archive(database)
    rows = []
    messages = await source.counts()
    for room in await Store(database).all_rooms():
        edges = await source.edges(room.id)
        if edges is not None:
            first, last = edges
            rows.append(
                {
                    "room": f"{room.localpart}@{config.xmpp.jid}",
                    "owner": room.owner,
                    "name": name_of(room),
                    "first": time_of(first.at),
                    "last": time_of(last.at),
                    "messages": messages.get(room.id, 0),
                }
            )
    return sorted(rows, key=lambda row: (row["room"], row["owner"]))
