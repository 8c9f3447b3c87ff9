"""Whether a transaction got through whose COMMIT was never answered."""

from __future__ import annotations

import time
import uuid

import sqlalchemy as sa

FORGOTTEN = 86_400
"""Seconds after which nobody asks for a receipt any more, those of other processes included."""


class Receipts:
    """What the transactions of one writer leave in the database with themselves.

    PostgreSQL could tell by the id of a transaction, but for those that a crash kept from the
    disk: their ids are given to others afterwards.
    """

    def __init__(self) -> None:
        self._key = f"writer {uuid.uuid4().hex}"
        self._count = 0

    def leave(self, conn: sa.Connection) -> str:
        """Leave a receipt, as the last thing of a transaction; what to ask by. "" where a COMMIT
        is always answered."""
        if conn.dialect.name != "postgresql":
            return ""
        if not self._count:
            conn.execute(_TIDY, {"old": _value(time.time() - FORGOTTEN, 0)})
        self._count += 1
        value = _value(time.time(), self._count)
        conn.execute(_LEAVE, {"key": self._key, "value": value})
        return value

    def has(self, conn: sa.Connection, value: str) -> bool:
        """Whether the last transaction that got through is the one that left this receipt."""
        with conn.begin():
            return bool(conn.scalar(_LAST, {"key": self._key}) == value)


def _value(at: float, number: int) -> str:
    """Sorts by the time."""
    return f"{int(at):012d} {number}"


_TIDY = sa.text("DELETE FROM sluice_meta WHERE key LIKE 'writer %' AND value < :old")
_LEAVE = sa.text(
    "INSERT INTO sluice_meta (key, value) VALUES (:key, :value)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)
_LAST = sa.text("SELECT value FROM sluice_meta WHERE key = :key")
