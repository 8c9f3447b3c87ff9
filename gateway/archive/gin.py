"""The index of words in PostgreSQL: a GIN index on text search vectors.

Tokens are told apart by room, so that a room does not suffer from what others say. GIN knows no
order: what is found is looked for in stretches of the room, each longer than the one before.
Common words are found in the first ones; of rare ones there are few in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from gateway.archive.words import Phrase, Search

if TYPE_CHECKING:
    from gateway.archive.index import Indexed, Within

CREATE = (
    """
    CREATE TABLE sluice_archive_search (
        room_id bigint NOT NULL, seq bigint NOT NULL, words tsvector NOT NULL,
        CONSTRAINT pk_sluice_archive_search PRIMARY KEY (room_id, seq)
    )
    """,
    # What waits to be sorted into the index is gone through by each search: let it be little.
    """
    CREATE INDEX ix_sluice_archive_search_words ON sluice_archive_search
    USING gin (words) WITH (gin_pending_list_limit = 256)
    """,
)

FIRST_STRETCH = 1 << 24
"""Places: those of some thousand entries."""
LONGER = 16

# One statement for all rows: to send one for each takes longer than to carry it out.
_ADD = sa.text(
    "INSERT INTO sluice_archive_search (room_id, seq, words) "
    "SELECT room, seq, CAST(words AS tsvector) FROM unnest("
    "CAST(:rooms AS bigint[]), CAST(:seqs AS bigint[]), CAST(:words AS text[])"
    ") AS said (room, seq, words)"
)
_REMOVE = sa.text("DELETE FROM sluice_archive_search WHERE room_id = :room AND seq = :seq")
_EDGES = sa.text("SELECT min(seq), max(seq) FROM sluice_archive_search WHERE room_id = :room")
_FIND = """
SELECT seq FROM sluice_archive_search
WHERE room_id = :room AND seq > :low AND seq < :high AND words @@ CAST(:query AS tsquery)
ORDER BY seq {} LIMIT :limit
"""
_FORWARDS, _BACKWARDS = sa.text(_FIND.format("")), sa.text(_FIND.format("DESC"))


def add(conn: sa.Connection, texts: Sequence[Indexed]) -> None:
    columns = {
        "rooms": [text.room for text in texts],
        "seqs": [text.seq for text in texts],
        "words": [_vector(text.room, text.tokens) for text in texts],
    }
    conn.execute(_ADD, columns)


def remove(conn: sa.Connection, texts: Sequence[Indexed]) -> None:
    conn.execute(_REMOVE, [{"room": text.room, "seq": text.seq} for text in texts])


def find(conn: sa.Connection, room: int, search: Search, within: Within, limit: int) -> list[int]:
    first, last = conn.execute(_EDGES, {"room": room}).one()
    if first is None:
        return []
    low, high = max(within.low, first - 1), min(within.high, last + 1)
    asked = {"room": room, "query": " & ".join(_written(room, phrase) for phrase in search)}
    found: list[int] = []
    stretch = FIRST_STRETCH
    while low + 1 < high and len(found) < limit:
        if within.backwards:
            statement, begin, end = _BACKWARDS, max(low, high - stretch), high
            high = begin + 1
        else:
            statement, begin, end = _FORWARDS, low, min(high, low + stretch)
            low = end - 1
        here = {"low": begin, "high": end, "limit": limit - len(found)}
        found += conn.scalars(statement, asked | here)
        stretch *= LONGER
    return found


def _vector(room: int, tokens: Sequence[str]) -> str:
    """A tsvector as text. Tokens hold nothing that would have to be quoted in it."""
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens, 1):
        places.setdefault(token, []).append(place)
    return " ".join(f"'{room}/{token}':{','.join(map(str, at))}" for token, at in places.items())


def _written(room: int, phrase: Phrase) -> str:
    last = len(phrase.tokens) - 1
    return "({})".format(
        " <-> ".join(
            f"'{room}/{token}'{':*' if phrase.open and i == last else ''}"
            for i, token in enumerate(phrase.tokens)
        )
    )
