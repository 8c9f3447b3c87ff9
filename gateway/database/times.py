"""Times as both databases keep them alike: whole microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Microseconds since 1970, exactly. Raises TypeError if `at` has no time zone."""
    return (at - EPOCH) // _TICK


def moment(micros: int) -> datetime:
    """What `micros` was made of, in UTC."""
    return EPOCH + timedelta(microseconds=micros)
