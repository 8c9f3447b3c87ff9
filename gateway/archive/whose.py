"""Who said what, and under which id, in SQLite: an index that costs next to nothing to keep.

In an ordinary one each room has a page for everybody who speaks in it, stanza ids fall anywhere,
and so each message rewrites three pages of its own. FTS5 gathers what a transaction adds, writes it
in one piece and merges pieces later. Its documents are the entries, numbered as in the index of
words (`fts5.py`); an author, a nickname and a stanza id are their words. PostgreSQL keeps ordinary
indexes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import sqlalchemy as sa

from gateway.archive import fts5
from gateway.archive.index import Within
from gateway.archive.tables import archive
from gateway.database.sql import portions

CREATE = (
    """
    CREATE VIRTUAL TABLE sluice_archive_search_who USING fts5
    (names, content='', columnsize=0, detail=none, tokenize='ascii')
    """,
    # As many bytes of a transaction are one piece.
    """
    INSERT INTO sluice_archive_search_who (sluice_archive_search_who, rank)
    VALUES ('hashsize', 8388608)
    """,
    # Going backwards, all of a page is read for any of it.
    """
    INSERT INTO sluice_archive_search_who (sluice_archive_search_who, rank) VALUES ('pgsz', 1000)
    """,
)

ANYWHERE = Within(-(1 << 61), 1 << 61, backwards=False)

AT_A_TIME = 5000
"""Places that `all_places` has in memory."""
AT_A_TIME_OF_IDS = 100
"""Ids in one question."""

_ADD = "INSERT INTO sluice_archive_search_who (rowid, names) VALUES (?, ?)"
_REMOVE = """
INSERT INTO sluice_archive_search_who (sluice_archive_search_who, rowid, names)
VALUES ('delete', ?, ?)
"""
_FIND = """
SELECT rowid FROM sluice_archive_search_who
WHERE sluice_archive_search_who MATCH ? AND rowid > ? AND rowid < ? ORDER BY rowid {} LIMIT ?
"""


class Said(NamedTuple):
    """Whose an entry is."""

    room: int
    seq: int
    author: str
    nick: str
    stanza_id: str


class Whose(NamedTuple):
    """Whose entries are looked for; None is anybody's. One of the two is not None."""

    authors: Collection[str] | None
    nick: str | None = None


def add(conn: sa.Connection, said: Sequence[Said]) -> None:
    """Have entries found. None of them may be in the index."""
    _execute(conn, _ADD, said)


def remove(conn: sa.Connection, said: Sequence[Said]) -> None:
    """Have entries found no more. They have to be as they were added."""
    _execute(conn, _REMOVE, said)


def keeps(conn: sa.Connection, room: int) -> bool:
    """Whether entries of this room are found here, and not by the table's own indexes."""
    return conn.dialect.name == "sqlite" and fts5.holds(room)


def places(conn: sa.Connection, room: int, whose: Whose, within: Within, limit: int) -> list[int]:
    """Up to `limit` places of a room, in the order of `within`.

    Those of others may be among them, though hardly ever.
    """
    if not (query := _written(whose)):
        return []
    return fts5.find_numbers(conn, _FIND, room, query, within, limit)


def has_id(conn: sa.Connection, room: int, ids: Collection[str]) -> sa.ColumnElement[bool]:
    """That an entry of a room has one of these stanza ids, as a condition that an index meets."""
    same = archive.c.stanza_id.in_(ids)
    if not keeps(conn, room):
        return same
    found: list[int] = []
    for portion in portions(sorted(ids), AT_A_TIME_OF_IDS):
        query = " OR ".join(f'"{_id(id)}"' for id in portion)
        found += fts5.find_numbers(conn, _FIND, room, query, ANYWHERE, -1)
    return sa.and_(archive.c.seq.in_(found), same)


def all_places(
    conn: sa.Connection, room: int, whose: Whose, within: Within
) -> Iterator[Sequence[int]]:
    """All of them, some at a time."""
    while found := places(conn, room, whose, within, AT_A_TIME):
        yield found
        within = within.behind(found[-1])


def names(author: str, nick: str, stanza_id: str) -> str:
    """All of them as they stand in the index."""
    return f"{_author(author)} {_nick(nick)} {_id(stanza_id)}"


def _execute(conn: sa.Connection, statement: str, said: Sequence[Said]) -> None:
    if conn.dialect.name != "sqlite":
        return
    rows = [(fts5.number(one.room, one.seq), names(*one[2:])) for one in said]
    fts5.execute(conn, statement, rows)


def _written(whose: Whose) -> str:
    asked = []
    if whose.authors is not None:
        asked.append(" OR ".join(f'"{_author(author)}"' for author in whose.authors))
    if whose.nick is not None:
        asked.append(f'"{_nick(whose.nick)}"')
    return " AND ".join(f"({one})" for one in asked) if all(asked) else ""


@lru_cache(maxsize=10_000)
def _author(author: str) -> str:
    return "a" + _hash(author)


@lru_cache(maxsize=10_000)
def _nick(nick: str) -> str:
    return "n" + _hash(nick)


def _id(stanza_id: str) -> str:
    return "i" + _hash(stanza_id)


def _hash(name: str) -> str:
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
