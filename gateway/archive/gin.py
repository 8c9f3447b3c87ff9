"""The index of words in PostgreSQL: a GIN index on text search vectors.

GIN knows no order, and would go through all that was ever said with a word. So tokens are told
apart by room and by stretch of the room, and one stretch is looked through after the other: common
words are found in the first ones; of rare ones there are few in all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

PLACES = 28
"""Bits of a place that do not tell which stretch it is of: some thousand entries make one."""
MOST_AT_A_TIME = 256
"""Tokens in one statement, each as often as it is asked for stretches; or those of one stretch."""

# One statement for all rows: to send one for each takes longer than to carry it out.
_ADD = sa.text(
    "INSERT INTO sluice_archive_search (room_id, seq, words) "
    "SELECT room, seq, CAST(words AS tsvector) FROM unnest("
    "CAST(:rooms AS bigint[]), CAST(:seqs AS bigint[]), CAST(:words AS text[])"
    ") AS said (room, seq, words)"
)
_REMOVE = sa.text("DELETE FROM sluice_archive_search WHERE room_id = :room AND seq = :seq")
_EDGES = sa.text("SELECT min(seq), max(seq) FROM sluice_archive_search WHERE room_id = :room")
# Adding 0 keeps the planner from walking through all places, which it thinks fewer than they are,
# and OFFSET from joining in any other way than one query after the other.
_FIND = """
SELECT found.seq FROM unnest(CAST(:queries AS tsquery[])) AS asked (query) CROSS JOIN LATERAL (
    SELECT seq FROM sluice_archive_search
    WHERE words @@ asked.query AND room_id + 0 = :room AND seq + 0 > :low AND seq + 0 < :high
    OFFSET 0
) AS found ORDER BY found.seq {} LIMIT :limit
"""
_FORWARDS, _BACKWARDS = sa.text(_FIND.format("")), sa.text(_FIND.format("DESC"))


def add(conn: sa.Connection, texts: Sequence[Indexed]) -> None:
    columns = {
        "rooms": [text.room for text in texts],
        "seqs": [text.seq for text in texts],
        "words": [_vector(text.room, text.seq, text.tokens) for text in texts],
    }
    conn.execute(_ADD, columns)


def remove(conn: sa.Connection, texts: Sequence[Indexed]) -> None:
    conn.execute(_REMOVE, [{"room": text.room, "seq": text.seq} for text in texts])


def find(conn: sa.Connection, room: int, search: Search, within: Within, limit: int) -> list[int]:
    first, last = conn.execute(_EDGES, {"room": room}).one()
    if first is None:
        return []
    low, high = max(within.low, first - 1), min(within.high, last + 1)
    found: list[int] = []
    most = max(1, MOST_AT_A_TIME // sum(len(phrase.tokens) for phrase in search))
    for stretches in _in_turn(low + 1, high - 1, within.backwards, most):
        queries = [_written(f"{room}.{stretch}", search) for stretch in stretches]
        if all(len(phrase.tokens) == 1 for phrase in search):  # one look for all of them will do
            queries = [" | ".join(queries)]
        asked = {"room": room, "low": low, "high": high, "queries": queries}
        statement = _BACKWARDS if within.backwards else _FORWARDS
        found += conn.scalars(statement, asked | {"limit": limit - len(found)})
        if len(found) >= limit:
            break
    return found


def _in_turn(first: int, last: int, backwards: bool, most: int) -> Iterator[range]:
    """The stretches from one place to another: one, then twice as many each time, up to `most`."""
    begin, end = first >> PLACES, (last >> PLACES) + 1
    many = 1
    while begin < end:
        if backwards:
            yield range(max(begin, end - many), end)
            end -= many
        else:
            yield range(begin, min(begin + many, end))
            begin += many
        many = min(2 * many, most)


def _vector(room: int, seq: int, tokens: Sequence[str]) -> str:
    """A tsvector as text. Tokens hold nothing that would have to be quoted in it."""
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens, 1):
        places.setdefault(token, []).append(place)
    where = f"{room}.{seq >> PLACES}"
    return " ".join(f"'{where}/{token}':{','.join(map(str, at))}" for token, at in places.items())


def _written(where: str, search: Search) -> str:
    """What to look for in one stretch of a room."""
    return "({})".format(" & ".join(_phrase(where, phrase) for phrase in search))


def _phrase(where: str, phrase: Phrase) -> str:
    last = len(phrase.tokens) - 1
    return "({})".format(
        " <-> ".join(
            f"'{where}/{token}'{':*' if phrase.open and i == last else ''}"
            for i, token in enumerate(phrase.tokens)
        )
    )
