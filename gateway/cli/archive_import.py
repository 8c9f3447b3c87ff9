"""sluice archive import"""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import Namespace
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET

from gateway.archive import Archive, Entry, Kind, NewEntry, Query, StanzaId
from gateway.cli.exit import Exit
from gateway.cli.find_room import find_room
from gateway.cli.output import progress
from gateway.cli.storage import require
from gateway.config import load
from gateway.database import Database
from gateway.errors import SluiceError
from gateway.store import Store
from legacy_backend.terms import MessageId

PIECE = 500
REFERRING = {
    Kind.EDIT: ".//{urn:xmpp:message-correct:0}replace",
    Kind.RETRACTION: ".//{urn:xmpp:message-retract:1}retract",
    Kind.REACTION: ".//{urn:xmpp:reactions:0}reactions",
}
"""What says to which message an entry refers."""


def bring(args: Namespace) -> int:
    """Read what `sluice archive export` has written into the archive of a room.

    What is there already stays as it is; the rest goes to its place. The room has to be known.
    Nothing is sent to anybody. The gateway may be running.
    """
    config = load(args.config)
    require(config)
    with asyncio.Runner() as runner:
        database = Database(config.database.url)
        runner.run(database.open())
        try:
            rooms = runner.run(Store(database).all_rooms())
            room = find_room(config, rooms, args.room, args.owner)
            archive = Archive(database)
            taken = 0
            with _input(args.input) as lines, progress(0, "importing", "message") as bar:
                after: StanzaId | None = None
                while piece := [_read(line) for line in islice(lines, PIECE)]:
                    if after is None:
                        after = runner.run(_before(archive, room.id, piece[0]))
                    new = [runner.run(_whole(archive, room.id, entry)) for entry in piece]
                    taken += runner.run(archive.weave(room.id, new, after=after))
                    after = new[-1].stanza_id
                    bar.update(len(piece))
        finally:
            runner.run(database.close())
    print(f"{taken} messages imported.")
    return Exit.FINE


def _input(name: str) -> IO[str]:
    return sys.stdin if name == "-" else Path(name).open(encoding="utf-8")


def _read(line: str) -> NewEntry:
    """An entry of the file. Raises SluiceError for what is none."""
    try:
        told = json.loads(line)
        stanza = ET.fromstring(told["stanza"])  # noqa: S314  (the operator's own)
        return NewEntry(
            stanza_id=StanzaId(told["stanza_id"]),
            message_id=told["message_id"],
            legacy_id=None if told["legacy_id"] is None else MessageId(told["legacy_id"]),
            at=datetime.fromisoformat(told["at"]),
            nick=told["nick"],
            author=told["author"],
            kind=Kind[told["kind"].upper()],
            stanza=told["stanza"],
            body=stanza.findtext("{*}body") or stanza.findtext("body") or "",
        )
    except (ValueError, KeyError, TypeError, ET.ParseError) as error:
        raise SluiceError(f"This is no line of an export ({error}): {line[:100]}") from error


async def _before(archive: Archive, room: int, entry: NewEntry) -> StanzaId | None:
    """What was said last before the first of the file, None if nothing was."""
    page = await archive.page(room, Query(end=entry.at, limit=1, backwards=True))
    return page.entries[0].stanza_id if page.entries else None


async def _whole(archive: Archive, room: int, entry: NewEntry) -> NewEntry:
    """An entry with what it refers to, which is told by its stanza."""
    path = REFERRING.get(entry.kind)
    if path is None:
        return entry
    mark = ET.fromstring(entry.stanza).find(path)  # noqa: S314
    wanted = None if mark is None else mark.get("id")
    found: Entry | None = None
    if wanted:
        found = await archive.find(room, stanza_id=wanted)
        found = found or await archive.find(room, message_id=wanted)
    if found is None:
        return entry
    return replace(entry, refers_to=found.legacy_id)
