"""Legacy ids and localparts: which stands for which, for ever."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.database.sql import insert
from gateway.store.address import choose
from gateway.store.tables import localpart


def localpart_for(conn: sa.Connection, scope: str, legacy_id: str, wish: str) -> str:
    """The localpart of a legacy id, given out now if it has none; `wish` counts only then.

    `wish` is what it would like, escaped as far as it has to be (XEP-0106).
    """
    of_scope = localpart.c.scope == scope
    same = sa.select(localpart.c.localpart).where(of_scope, localpart.c.legacy_id == legacy_id)
    there: str | None = conn.scalar(same)
    if there is not None:
        return there

    def taken(candidate: str) -> bool:
        other = sa.select(localpart.c.scope).where(of_scope, localpart.c.localpart == candidate)
        return conn.scalar(other) is not None

    chosen = choose(scope, legacy_id, wish, taken)
    new = {"scope": scope, "legacy_id": legacy_id, "localpart": chosen}
    conn.execute(sa.insert(localpart).values(new))
    return chosen


def put_localpart(conn: sa.Connection, scope: str, legacy_id: str, name: str) -> None:
    """Keep that a localpart was given to a legacy id, if neither is taken."""
    new = {"scope": scope, "legacy_id": legacy_id, "localpart": name}
    conn.execute(insert(conn, localpart).values(new).on_conflict_do_nothing())


def localparts_of(conn: sa.Connection, scope: str) -> list[tuple[str, str]]:
    """All legacy ids of a scope, with the localparts that they were given."""
    rows = sa.select(localpart.c.legacy_id, localpart.c.localpart)
    return [(row[0], row[1]) for row in conn.execute(rows.where(localpart.c.scope == scope))]


def legacy_id_for(conn: sa.Connection, scope: str, name: str) -> str | None:
    """The legacy id to which a localpart was given; None if it was not."""
    same = sa.select(localpart.c.legacy_id)
    return conn.scalar(same.where(localpart.c.scope == scope, localpart.c.localpart == name))
