"""The index of words in SQLite: FTS5, whose documents stand in the order of the rooms.

The number of a document is its room's and its place in it, so that a room is a range of numbers,
and a page of what is found is read in order from where it begins. The texts are not in the index:
to take one out, it has to be given again.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    if not 0 <= room < ROOMS:
        return []
    begin = room * PLACES + PLACES // 2
    low = max(within.low, -PLACES // 2) + begin
    high = min(within.high, PLACES // 2) + begin
    statement = _FIND.format("DESC" if within.backwards else "")
    query = " AND ".join(_written(phrase) for phrase in search)
    rows = conn.exec_driver_sql(statement, (query, low, high, limit))
    return [number - begin for (number,) in rows]


def _execute(conn: sa.Connection, statement: str, texts: Sequence[Indexed]) -> None:
    """In order of the numbers: FTS5 writes a segment whenever they go down."""
    rows = sorted(
        (text.room * PLACES + PLACES // 2 + text.seq, " ".join(text.tokens))
        for text in texts
        if 0 <= text.room < ROOMS and -PLACES // 2 < text.seq < PLACES // 2
    )
    if rows:
        conn.exec_driver_sql(statement, rows)


def _written(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.tokens)}"{"*" if phrase.open else ""}'
