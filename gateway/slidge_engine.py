"""Connections for slidge's own tables, in the database that is ours too."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from slixmpp.exceptions import XMPPError

from gateway.database.courtesy import Courtesy
from gateway.database.engine import parse
from gateway.database.faults import fault_of
from gateway.errors import DATABASE_AWAY

CONNECT_SECONDS = 3
"""For a server that does not answer: slidge waits on the event loop."""


class DatabaseAway(XMPPError):
    """The database will not do just now, as whoever asked for something may be told.

    COMPAT: slidge 0.4.2 tells users the text of any other exception, which says where the database
    is, and that the fault is the gateway's own.
    """

    def __init__(self) -> None:
        super().__init__("resource-constraint", DATABASE_AWAY, etype="wait")


def slidge_engine(url: str, courtesy: Courtesy) -> sa.Engine:
    """The engine for slidge's store. Raises DatabaseAway where the database is at fault."""
    parsed = parse(url)
    if parsed.get_backend_name() == "sqlite":
        engine = sa.create_engine(parsed, pool_size=5)
        courtesy.mind(engine)
        sa.event.listen(engine, "connect", _quick)
    else:
        engine = sa.create_engine(
            parsed,
            pool_size=5,
            pool_pre_ping=True,  # or each connection fails once after a restart of the server
            connect_args={"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": 5000},
        )
    sa.event.listen(engine, "handle_error", _told)
    return engine


def _quick(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


def _told(context: sa.engine.ExceptionContext) -> None:
    error = context.sqlalchemy_exception
    if error is not None and fault_of(error) is not None and not context.is_pre_ping:
        raise DatabaseAway from error
