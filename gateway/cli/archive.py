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
from gateway.cli.archive_gaps import gaps
from gateway.cli.exit import Exit
from gateway.cli.output import plain, print_rows, progress
from gateway.cli.rooms import name_of
from gateway.cli.storage import require, with_database
from gateway.config import Config, load
from gateway.config.text import nearest
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
    options.config_file(of_export, again=True)
    of_export.add_argument(
        "room", metavar="ROOM", help="the room's address, or the id of its group on the network"
    )
    of_export.add_argument(
        "--owner", metavar="JID", help="whose room, where several users have one of the group"
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


def archive(_: Namespace) -> int:
    """Look into the archive: count what is there, or take a room out of it."""
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
            room = _find(config, rooms, args.room, args.owner)
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


def _find(config: Config, rooms: list[RoomRow], wanted: str, owner: str | None) -> RoomRow:
    """The one room that is meant. Raises SluiceError."""
    localpart, _, domain = wanted.lower().partition("@")
    local = localpart if domain == config.xmpp.jid else None
    found = [room for room in rooms if room.localpart == local or room.legacy_id == wanted]
    if owner is not None:
        found = [room for room in found if room.owner == owner.lower()]
    if not found:
        names = [f"{room.localpart}@{config.xmpp.jid}" for room in rooms]
        raise SluiceError(f"There is no such room{nearest(wanted, names)}")
    if len(found) > 1:
        owners = ", ".join(plain(room.owner or "nobody, as it is shared") for room in found)
        raise SluiceError(f"Several rooms are meant; --owner says whose, of these: {owners}")
    return found[0]


async def _sight(store: Store, room: RoomRow, viewer: str | None) -> Callable[[Entry], bool]:
    """Which entries a user may see, by their bare JID; None is everybody.

    Raises SluiceError if nobody in the room is that user, or they are banned.
    """
    if viewer is None:
        return lambda _: True
    for row in await store.occupants_of(room.id):
        if row.state["user"] == viewer.lower() and row.state["affiliation"] != "outcast":
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
