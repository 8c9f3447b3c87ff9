"""Reading what was exported into archives again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Any
from xml.etree import ElementTree as ET

from gateway.archive.copies import Copy
from gateway.archive.entry import Kind, NewEntry, StanzaId
from gateway.errors import SluiceError
from gateway.store import RoomRow
from gateway.upkeep.tools import Progress, Tools
from legacy_backend.terms import MessageId

PIECE = 500
"""Lines that are read at a time, and put into the archive in one transaction."""

_Of = tuple[str, str]
"""A group, and whose room of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an export."""

    of: _Of
    copy: Copy


async def bring(tools: Tools, source: Iterable[str], room: RoomRow | None, tell: Progress) -> int:
    """Put lines of an export to their places; how many were missing. What is there already stays.

    `room` is where all of them go; None is where each of them was. `tell` is told of lines, as
    they are read. Raises SluiceError for a line that is none, for a room that is not known, and if
    the lines of several rooms are to go into one; what came before stays, and the same lines can be
    brought again.
    """
    rooms = {(each.legacy_id, each.owner): each for each in await tools.store.all_rooms()}
    whose: set[_Of] = set()
    left = iter(source)
    taken = done = 0
    while piece := await asyncio.to_thread(_read_some, left, done):
        whose |= {line.of for line in piece}
        if room is not None and len(whose) > 1:
            raise SluiceError("These are messages of several rooms; name none.")
        for of, run in groupby(piece, key=lambda line: line.of):
            into = room or rooms.get(of)
            if into is None:
                raise SluiceError(f"There is no room of the group {of[0]} for line {done + 1}.")
            copies = [line.copy for line in run]
            taken += await tools.archive.put_back(into.id, copies)
            done += len(copies)
        tell(done, 0)
    return taken


def _read_some(lines: Iterator[str], done: int) -> list[Line]:
    """The next ones. Raises SluiceError if one of them is none of an export."""
    read: list[Line] = []
    line = ""
    try:
        for line in islice(lines, PIECE):
            read.append(_read(line))
    except UnicodeDecodeError as error:
        raise SluiceError(
            f"After line {done + len(read)} comes what is no UTF-8: {error}"
        ) from error
    except (ValueError, KeyError, TypeError, ET.ParseError) as error:
        told = f"({error}): {line[:100].rstrip()}"
        raise SluiceError(f"Line {done + len(read) + 1} is no line of an export {told}") from error
    return read


def _read(line: str) -> Line:
    told: dict[str, Any] = json.loads(line)
    entry = NewEntry(
        stanza_id=StanzaId(_text(told["stanza_id"])),
        message_id=_text(told["message_id"]),
        legacy_id=_id(told["legacy_id"]),
        at=_time(told["at"]),
        nick=_text(told["nick"]),
        author=_text(told["author"]),
        kind=Kind[_text(told["kind"]).upper()],
        stanza=_stanza(told["stanza"]),
        body=_text(told["body"]),
        refers_to=_id(told["refers_to"]),
    )
    after = None if told["after"] is None else StanzaId(_text(told["after"]))
    return Line((_text(told["group"]), _text(told["owner"])), Copy(entry, after))


def _text(told: Any) -> str:
    if not isinstance(told, str):
        raise TypeError(f"{told!r} is no text")
    return told


def _id(told: Any) -> MessageId | None:
    return None if told is None else MessageId(_text(told))


def _time(told: Any) -> datetime:
    at = datetime.fromisoformat(_text(told))
    if at.tzinfo is None:
        raise ValueError(f"{told} has no time zone")
    return at


def _stanza(told: Any) -> str:
    """A message and nothing else: clients get it as it stands."""
    text = _text(told)
    if ET.fromstring(text).tag.rpartition("}")[2] != "message" or not text.startswith("<message"):  # noqa: S314
        raise ValueError("the stanza is no message")
    return text
