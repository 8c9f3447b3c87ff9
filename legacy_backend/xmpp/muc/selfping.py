"""What the answer to a ping of ourselves through the room means (XEP-0410 §3)."""

from __future__ import annotations

from enum import Enum

from slixmpp.exceptions import XMPPError

_JOINED = frozenset({"service-unavailable", "feature-not-implemented"})
_UNKNOWN = frozenset(
    {
        "item-not-found",
        "remote-server-not-found",
        "remote-server-timeout",
        # Of a service that is busy or broken for a moment. To leave on that would be hasty.
        "internal-server-error",
        "resource-constraint",
    }
)


class Verdict(Enum):
    JOINED = "joined"
    UNKNOWN = "unknown"
    GONE = "gone"


def verdict(error: XMPPError | None) -> Verdict:
    """None is a result. An answer that never came is an IqTimeout."""
    if error is None or error.condition in _JOINED:
        return Verdict.JOINED
    return Verdict.UNKNOWN if error.condition in _UNKNOWN else Verdict.GONE
