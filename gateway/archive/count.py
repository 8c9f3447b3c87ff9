"""How many entries a query chooses, where that is cheap (XEP-0059 §2.7)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from gateway.archive.chosen import Chosen
from gateway.archive.query import Query
from gateway.archive.tables import archive
from gateway.archive.whole import whole_of
from gateway.database.sql import portions
from gateway.database.times import micros

SOON = 1000
SOON_WITH_WORDS = 100
"""How many are counted beside a page; more are not told."""
AT_A_TIME = 5000
EVER_WITH_WORDS = 100_000
"""How many with certain words are counted at all."""


def count(conn: sa.Connection, chosen: Chosen, query: Query) -> int | None:
    """How many are chosen; None if there are too many to count."""
    if chosen.search is not None:
        return _count_found(conn, chosen, EVER_WITH_WORDS if query.count_all else SOON_WITH_WORDS)
    if chosen == Chosen(chosen.room):
        return whole_of(conn, chosen.room).entries
    if chosen.is_found_first(conn):
        return _count_theirs(conn, chosen, query.count_all)
    rows = sa.select(archive.c.seq).where(_cheapest(chosen, query))
    if not query.count_all:
        rows = rows.limit(SOON + 1)
    counted = conn.scalar(sa.select(sa.func.count()).select_from(rows.subquery())) or 0
    return None if counted > SOON and not query.count_all else counted


def _cheapest(chosen: Chosen, query: Query) -> sa.ColumnElement[bool]:
    """The conditions; where only times matter, for an index that has nothing else in it."""
    others = query.author, query.nick, query.after_id, query.before_id, query.ids
    if any(others) or query.within is not None:
        return chosen.rows()
    times = [archive.c.room_id == chosen.room]
    if query.start is not None:
        times.append(archive.c.at >= micros(query.start))
    if query.end is not None:
        times.append(archive.c.at <= micros(query.end))
    return sa.and_(*times)


def _count_found(conn: sa.Connection, chosen: Chosen, most: int) -> int | None:
    if not chosen.search:
        return 0
    seqs = chosen.places(conn, backwards=True, limit=most + 1)
    if len(seqs) > most:
        return None
    return sum(_counted(conn, chosen, portion) for portion in portions(seqs, AT_A_TIME))


def _count_theirs(conn: sa.Connection, chosen: Chosen, everything: bool) -> int | None:
    counted = 0
    portion = SOON + 1
    while seqs := chosen.places(conn, backwards=True, limit=portion):
        counted += _counted(conn, chosen, seqs) if chosen.conditions else len(seqs)
        if counted > SOON and not everything:
            return None
        if len(seqs) < portion:
            break
        chosen = chosen.between(None, seqs[-1])
        portion = AT_A_TIME
    return counted


def _counted(conn: sa.Connection, chosen: Chosen, seqs: Sequence[int]) -> int:
    rows = sa.select(sa.func.count()).select_from(archive)
    return conn.scalar(rows.where(chosen.among(seqs).rows())) or 0
