"""sluice archive"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from gateway.archive import Archive, Entry
from gateway.cli import options
from gateway.cli.archive_backup import backup
from gateway.cli.archive_erase import erase
from gateway.cli.archive_gaps import gaps
from gateway.cli.archive_import import bring
from gateway.cli.archive_keep import keep
from gateway.cli.exit import Exit
from gateway.cli.find_room import find_room
from gateway.cli.output import print_rows, progress
from gateway.cli.rooms import name_of
from gateway.cli.storage import require, with_database
from gateway.config import Config, load
from gateway.database import Database
from gateway.errors import SluiceError
from gateway.group.keeping import seen_by
from gateway.store import RoomRow, Store

_PIECE = 500


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
        "--as", metavar="JID", dest="viewer", help="only what this user may see of it"
    )
    of_export.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="-",
        help="where to write; replaced when all is written (default: -, standard output)",
    )
    of_import = options.action(actions, "import", bring)
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
    of_backup = options.action(actions, "backup", backup)
    options.config_file(of_backup, again=True)
    of_backup.add_argument("file", metavar="FILE", help="where to write the copy")


def _one_room(parser: ArgumentParser) -> None:
    """The options of an action on one room."""
    options.config_file(parser, again=True)
    parser.add_argument(
        "room", metavar="ROOM", help="the room's address, or the id of its group on the network"
    )
    parser.add_argument(
        "--owner", metavar="JID", help="whose room, where several users have one of the group"
    )


def archive(_: Namespace) -> int:
    """Look after the archive: count, export, import, erase, back up."""
    raise AssertionError("one of the actions is required")


def counts(args: Namespace) -> int:
    """Count the messages of each room, with the times of the first and the last."""
    config = load(args.config)
    rows = with_database(config, lambda database: _counted(database, config))
    print_rows(rows, as_json=args.json, none="Nothing is archived yet.")
    if rows and not args.json:
        print(f"{sum(row['messages'] for row in rows)} messages in {len(rows)} rooms")
    return Exit.FINE


def export(args: Namespace) -> int:
    """Write everything that is archived of a room, oldest first, one JSON object a line.

    Each has stanza_id, message_id, legacy_id (null where the network gave none), at (UTC), nick,
    author, kind, and stanza, the XML as clients got it. The gateway may be running.
    """
    config = load(args.config)
    require(config)
    with asyncio.Runner() as runner:
        database = Database(config.database.url)
        runner.run(database.open())
        try:
            rooms = runner.run(Store(database).all_rooms())
            room = find_room(config, rooms, args.room, args.owner)
            source = Archive(database)
            may_see = runner.run(_sight(Store(database), room, args.viewer))
            total = runner.run(source.count(room.id))
            with _output(args.output) as out, progress(total, "exporting", "message") as bar:
                for piece in _pieces(runner, source.export(room.id)):
                    out.writelines(_line(entry) for entry in piece if may_see(entry))
                    bar.update(len(piece))
        finally:
            runner.run(database.close())
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
                    "first": _time(first),
                    "last": _time(last),
                    "messages": messages.get(room.id, 0),
                }
            )
    return sorted(rows, key=lambda row: (row["room"], row["owner"]))


async def _sight(store: Store, room: RoomRow, viewer: str | None) -> Callable[[Entry], bool]:
    """Which entries a user may see, by their bare JID; None is everybody.

    Raises SluiceError if nobody in the room is that user, or they are banned.
    """
    if viewer is None:
        return lambda _: True
    for row in await store.occupants_of(room.id):
        if row.state.get("user") == viewer.lower() and row.state["affiliation"] != "outcast":
            sees = seen_by(row.state)
            return lambda entry: sees is None or any(one.has(entry.at) for one in sees)
    raise SluiceError(f"{viewer} may see nothing of this room.")


def _pieces(runner: asyncio.Runner, entries: AsyncIterator[Entry]) -> Iterator[list[Entry]]:
    """`entries`, some at a time, so that they are written while no event loop waits for it."""

    async def some() -> list[Entry]:
        piece = []
        async for entry in entries:
            piece.append(entry)
            if len(piece) == _PIECE:
                break
        return piece

    while piece := runner.run(some()):
        yield piece


def _line(entry: Entry) -> str:
    fields = {
        "stanza_id": entry.stanza_id,
        "message_id": entry.message_id,
        "legacy_id": entry.legacy_id,
        "at": _time(entry),
        "nick": entry.nick,
        "author": entry.author,
        "kind": entry.kind.name.lower(),
        "stanza": entry.stanza,
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _time(entry: Entry) -> str:
    return entry.at.isoformat(timespec="microseconds").replace("+00:00", "Z")


@contextmanager
def _output(name: str) -> Iterator[IO[str]]:
    """Where to write. A file has its name when it is whole, and is for its owner's eyes."""
    path = Path(name)
    if name == "-":
        yield sys.stdout
    elif path.exists() and not path.is_file():  # a pipe, a device
        with path.open("w", encoding="utf-8") as out:
            yield out
    else:
        part = path.with_name(f"{path.name}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                yield out
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
