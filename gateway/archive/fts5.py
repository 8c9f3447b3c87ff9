"""The index of words in SQLite: FTS5, whose documents stand in the order of the rooms.

The number of a document is its room's and its place in it, so that a room is a range of numbers,
and a page of what is found is read in order from where it begins. The texts are not in the index:
to take one out, it has to be given again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from gateway.archive.words import Phrase, Search

if TYPE_CHECKING:
    from gateway.archive.index import Indexed, Within

# Tokens hold nothing that this tokenizer would touch, and it parts them at the spaces.
CREATE = """
CREATE VIRTUAL TABLE sluice_archive_search USING fts5
(words, content='', columnsize=0, tokenize='ascii')
"""

PLACES = 1 << 42
"""Places of a room, half of them below 0."""
ROOMS = 1 << 21

_ADD = "INSERT INTO sluice_archive_search (rowid, words) VALUES (?, ?)"
_REMOVE = """
INSERT INTO sluice_archive_search (sluice_archive_search, rowid, words) VALUES ('delete', ?, ?)
"""
_FIND = """
SELECT rowid FROM sluice_archive_search
WHERE sluice_archive_search MATCH ? AND rowid > ? AND rowid < ? ORDER BY rowid {} LIMIT ?
"""


def add(conn: sa.Connection, texts: Sequence[Indexed]) -> None:
    _execute(conn, _ADD, texts)


def remove(conn: sa.Connection, texts: Sequence[Indexed]) -> None:
    _execute(conn, _REMOVE, texts)


def find(conn: sa.Connection, room: int, search: Search, within: Within, limit: int) -> list[int]:
    query = " AND ".join(_written(phrase) for phrase in search)
    return find_numbers(conn, _FIND, room, query, within, limit)


def holds(room: int) -> bool:
    """Whether documents of this room can be numbered."""
    return 0 <= room < ROOMS


def number(room: int, seq: int) -> int | None:
    """The number of a document; None if it cannot have one, and is not found."""
    if holds(room) and -PLACES // 2 < seq < PLACES // 2:
        return room * PLACES + PLACES // 2 + seq
    return None


def find_numbers(
    conn: sa.Connection, statement: str, room: int, query: str, within: Within, limit: int
) -> list[int]:
    """The places of the documents of a room that `statement`, which lacks its order, finds."""
    if not holds(room):
        return []
    begin = room * PLACES + PLACES // 2
    low = max(within.low, -PLACES // 2) + begin
    high = min(within.high, PLACES // 2) + begin
    ordered = statement.format("DESC" if within.backwards else "")
    rows = conn.exec_driver_sql(ordered, (query, low, high, limit))
    return [number - begin for (number,) in rows]


def execute(conn: sa.Connection, statement: str, rows: Iterable[tuple[int | None, str]]) -> None:
    """Execute it for documents, by number.

    In their order: FTS5 writes a segment whenever the numbers go down.
    """
    numbered = sorted((number, text) for number, text in rows if number is not None)
    if numbered:
        conn.exec_driver_sql(statement, numbered)


def _execute(conn: sa.Connection, statement: str, texts: Sequence[Indexed]) -> None:
    execute(conn, statement, [(number(t.room, t.seq), " ".join(t.tokens)) for t in texts])


def _written(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.tokens)}"{"*" if phrase.open else ""}'
