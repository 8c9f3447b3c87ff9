"""Times as the tables hold them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stamp(at: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(stamp: int) -> datetime:
    """The opposite of `stamp`; aware, UTC."""
    return _EPOCH + timedelta(microseconds=stamp)


def now() -> datetime:
    return datetime.now(UTC)
