"""Adding at the end, many at a time: the path that every live message takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

from gateway.archive import index, whole, whose
from gateway.archive.entry import Entry, NewEntry, Stored
from gateway.archive.find import find_same
from gateway.archive.patch import patched
from gateway.archive.supersede import supersede
from gateway.archive.tables import archive
from gateway.archive.whole import Whole
from gateway.database.sql import insert
from gateway.database.times import micros

STRIDE = 1 << 14
"""Between two neighbours, so that a gap can be filled later without moving them."""

Wanted = tuple[int, NewEntry]
"""An entry, and the room it is for."""


def append_all(conn: sa.Connection, wanted: Sequence[Wanted]) -> list[Stored]:
    """Put entries at the end of their rooms, in this order; skip what is there already.

    Entries are the same if they share a stanza id or a legacy id. The caller owns the transaction.
    """
    wholes = whole.hold(conn, {room for room, _ in wanted})
    stored: list[Stored] = []
    for run in _runs(wanted):
        stored += _append_run(conn, run, wholes)
    whole.save(conn, wholes.values())
    return stored


def _runs(wanted: Sequence[Wanted]) -> Iterator[Sequence[Wanted]]:
    """Cut where an entry refers to one before it, which has to be in the database by then."""
    start = 0
    seen: set[tuple[int, str | None]] = set()
    for i, (room, entry) in enumerate(wanted):
        refers = entry.patch is not None and (room, entry.patch[0]) in seen
        if refers or (not entry.sole and (room, entry.stanza_id) in seen):
            yield wanted[start:i]
            start = i
            seen.clear()
        seen.add((room, entry.legacy_id))
        seen.add((room, entry.stanza_id))
    yield wanted[start:]


def _append_run(
    conn: sa.Connection, run: Sequence[Wanted], wholes: Mapping[int, Whole]
) -> list[Stored]:
    stanzas = patched(conn, run)
    begin = {room: wholes[room].last for room, _ in run}
    rows = []
    for (room, entry), stanza in zip(run, stanzas, strict=True):
        wholes[room].last += STRIDE
        rows.append(row_of(room, entry, stanza, wholes[room].last))
    there = _insert(conn, _unknown(conn, run, rows), len(rows), begin)
    stored, new = [], []
    for (room, entry), row in zip(run, rows, strict=True):
        if there is None or (room, row["seq"]) in there:
            wholes[room].joined_at_end(row["at"])
            new.append(row)
            stored.append(Stored(entry_from(entry, row), new=True))
        else:
            stored.append(Stored(find_same(conn, room, entry), new=False))
    add_to_indexes(conn, new)
    supersede(conn, new)
    return stored


def add_to_indexes(conn: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Have new rows found by what they say and by who said it."""
    index.add(conn, [text_of(row) for row in rows])
    whose.add(conn, [said_of(row) for row in rows])


def _unknown(
    conn: sa.Connection, run: Sequence[Wanted], rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Those of `rows` that may be new; SQLite has no unique index of stanza ids."""
    asked: dict[int, set[str]] = {}
    for room, entry in run:
        if not entry.sole:
            asked.setdefault(room, set()).add(entry.stanza_id)
    if not asked or conn.dialect.name != "sqlite":
        return rows
    known: set[tuple[int, str]] = set()
    for room, ids in asked.items():
        same = sa.select(archive.c.room_id, archive.c.stanza_id)
        same = same.where(archive.c.room_id == room, whose.has_id(conn, room, ids))
        known.update((room, id) for room, id in conn.execute(same))
    return [row for row in rows if (row["room_id"], row["stanza_id"]) not in known]


def _insert(
    conn: sa.Connection, rows: list[dict[str, Any]], of: int, begin: Mapping[int, int]
) -> set[tuple[int, int]] | None:
    """Insert what is new; which (room, seq) that was, or None if it was everything, all `of`."""
    if rows and insert_new(conn, rows) == of:
        return None
    there: set[tuple[int, int]] = set()
    for room, last in begin.items():
        found = sa.select(archive.c.seq).where(archive.c.room_id == room, archive.c.seq > last)
        there.update((room, seq) for seq in conn.scalars(found))
    return there


def insert_new(conn: sa.Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Insert those of `rows` that break no unique index; how many.

    Hands the statement to the driver ready-made: to have SQLAlchemy go through the parameters of
    each row takes longer than the database takes to store them.
    """
    statement, names = _compiled(conn.dialect)
    values: Any = [itemgetter(*names)(row) for row in rows] if names else list(rows)
    done = conn.exec_driver_sql(statement, values, {"preserve_rowcount": True})
    return done.rowcount


@cache
def _compiled(dialect: sa.Dialect) -> tuple[str, tuple[str, ...]]:
    """The INSERT as text, and the order of its values; () if it takes them by name."""
    statement = insert(dialect, archive).on_conflict_do_nothing()
    columns = [column.name for column in archive.c if column.name != "id"]
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    assert isinstance(compiled, SQLCompiler)
    return compiled.string, tuple(compiled.positiontup or ())


def row_of(room: int, entry: NewEntry, stanza: str, seq: int) -> dict[str, Any]:
    return {
        "room_id": room,
        "seq": seq,
        "stanza_id": entry.stanza_id,
        "legacy_id": entry.legacy_id,
        "message_id": entry.message_id,
        "at": micros(entry.at),
        "kind": entry.kind.value,
        "nick": entry.nick,
        "author": entry.author,
        "refers_to": entry.refers_to,
        "body": entry.body,
        "stanza": stanza,
    }


def text_of(row: Mapping[str, Any]) -> index.Text:
    """What is to be found of a row."""
    return index.Text(row["room_id"], row["seq"], row["author"], row["body"])


def said_of(row: Mapping[str, Any]) -> whose.Said:
    """Whose a row is."""
    return whose.Said(row["room_id"], row["seq"], row["author"], row["nick"], row["stanza_id"])


def entry_from(entry: NewEntry, row: Mapping[str, Any]) -> Entry:
    """What reading `row` back would return."""
    return Entry(
        row["seq"],
        entry.stanza_id,
        entry.message_id,
        entry.at,
        entry.nick,
        entry.author,
        row["stanza"],
        entry.kind,
        entry.legacy_id,
    )
