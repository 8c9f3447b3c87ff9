"""Who is shown whose presence, and who has asked to be."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.database.sql import insert
from gateway.store.tables import subscription


def put_subscription(conn: sa.Connection, user: str, local: str, state: int) -> None:
    """Write down how a user (bare JID) and an address (its localpart, "" for the gateway) stand."""
    put = insert(conn, subscription).values(user_jid=user, localpart=local, state=state)
    conn.execute(
        put.on_conflict_do_update(index_elements=["user_jid", "localpart"], set_={"state": state})
    )


def remove_subscription(conn: sa.Connection, user: str, local: str) -> None:
    """Remove one, if it is there."""
    one = (subscription.c.user_jid == user, subscription.c.localpart == local)
    conn.execute(sa.delete(subscription).where(*one))


def remove_subscriptions(conn: sa.Connection, user: str) -> None:
    """Remove all of a user's."""
    conn.execute(sa.delete(subscription).where(subscription.c.user_jid == user))


def all_subscriptions(conn: sa.Connection) -> list[tuple[str, str, int]]:
    """User, localpart and state of each, in no particular order."""
    return [
        (row.user_jid, row.localpart, row.state) for row in conn.execute(sa.select(subscription))
    ]
