"""Pages of an archive (XEP-0313 §4, XEP-0059), read by key: their place costs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import sqlalchemy as sa

from gateway.archive.chosen import Chosen, choose, page_of
from gateway.archive.count import count
from gateway.archive.entry import Entry
from gateway.archive.query import Page, Query
from gateway.archive.tables import ENTRY, archive, entry_of

LOOKED_AT = 5000
"""Places that are found by an index and looked up at a time, at most."""


def page(conn: sa.Connection, room: int, query: Query) -> Page:
    """One page of what `query` chooses.

    Raises NotInArchive if any id in it is of no entry of this room (XEP-0313 §4.1.3, §4.3.2).
    """
    chosen = choose(conn, room, query)
    rows = _rows(conn, page_of(conn, chosen, query), query.limit + 1, query.backwards)
    entries = rows[: query.limit]
    if query.backwards:
        entries.reverse()
    counted = count(conn, chosen, query) if query.count or query.count_all else None
    return Page(entries, complete=len(rows) <= query.limit, count=counted)


def _rows(conn: sa.Connection, chosen: Chosen, limit: int, backwards: bool) -> list[Entry]:
    if chosen.search is not None and not chosen.search:
        return []
    if chosen.is_found_first(conn):
        return list(islice(_found(conn, chosen, limit, backwards), limit))
    rows = sa.select(*ENTRY).where(chosen.rows())
    return _read(conn, rows, backwards, limit)


def _found(conn: sa.Connection, chosen: Chosen, portion: int, backwards: bool) -> Iterator[Entry]:
    """All that is chosen, in order: first by words or whose it is, then by what else is asked."""
    while True:
        seqs = chosen.places(conn, backwards, portion)
        yield from _among(conn, chosen, seqs, backwards)
        if len(seqs) < portion:
            return
        chosen = chosen.between(*((None, seqs[-1]) if backwards else (seqs[-1], None)))
        portion = min(4 * portion, LOOKED_AT)


def _among(
    conn: sa.Connection, chosen: Chosen, seqs: Sequence[int], backwards: bool
) -> list[Entry]:
    rows = sa.select(*ENTRY).where(chosen.among(seqs).rows())
    return _read(conn, rows, backwards, len(seqs))


def _read(
    conn: sa.Connection, rows: sa.Select[*tuple[object, ...]], backwards: bool, limit: int
) -> list[Entry]:
    order = archive.c.seq.desc() if backwards else archive.c.seq
    return [entry_of(row) for row in conn.execute(rows.order_by(order).limit(limit))]
