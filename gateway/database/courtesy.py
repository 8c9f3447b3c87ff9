"""Letting others of this process write to an SQLite file between two transactions of ours."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa

LONGEST_SECONDS = 0.5
"""How long others are let go first: they look for the lock every tenth of a second."""


class Courtesy:
    """Who waits to write. SQLite gives its lock to whoever asks just then, and a writer that asks
    again right after each commit leaves it to nobody else for seconds."""

    def __init__(self) -> None:
        self._waiting: list[object] = []

    def mind(self, engine: sa.Engine) -> None:
        """Count those who want to write through `engine`."""

        @sa.event.listens_for(engine, "before_cursor_execute")
        def wants(conn: sa.Connection, _c: Any, statement: str, *_: Any) -> None:
            writes = not statement.lstrip()[:6].upper().startswith(("SELECT", "PRAGMA"))
            if writes and not conn.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
                self._waiting.append(conn)

        @sa.event.listens_for(engine, "after_cursor_execute")
        def has(conn: sa.Connection, *_: Any) -> None:
            self._no_more(conn)

        @sa.event.listens_for(engine, "handle_error")
        def fails(context: sa.engine.ExceptionContext) -> None:
            self._no_more(context.connection)

    def give_way(self) -> None:
        """Return once nobody waits, or has waited for long enough. Blocks."""
        deadline = time.monotonic() + LONGEST_SECONDS
        while self._waiting and time.monotonic() < deadline:
            time.sleep(0.001)

    def _no_more(self, conn: sa.Connection | None) -> None:
        if self._waiting and conn in self._waiting:
            self._waiting.remove(conn)
