"""Single facts about this database, by name."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.database.sql import insert
from gateway.store.tables import meta


def get(conn: sa.Connection, key: str) -> str | None:
    return conn.scalar(sa.select(meta.c.value).where(meta.c.key == key))


def put(conn: sa.Connection, key: str, value: str) -> None:
    put = insert(conn, meta).values(key=key, value=value)
    conn.execute(put.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def keep(conn: sa.Connection, key: str, value: str) -> str:
    """The value that is there; `value`, from now on, if there is none."""
    first = insert(conn, meta).values(key=key, value=value)
    conn.execute(first.on_conflict_do_nothing(index_elements=["key"]))
    return get(conn, key) or value
