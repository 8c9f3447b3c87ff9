"""The status codes of XEP-0045 (§15.6.2), by name."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class StatusCode(IntEnum):
    """Equal to its number, so that names and bare numbers can be mixed."""

    NON_ANONYMOUS = 100
    AFFILIATION_CHANGE = 101
    SHOWING_UNAVAILABLE = 102
    NOT_SHOWING_UNAVAILABLE = 103
    CONFIG_NON_PRIVACY_RELATED = 104
    SELF = 110
    CONFIG_ROOM_LOGGING = 170
    CONFIG_NO_ROOM_LOGGING = 171
    CONFIG_NON_ANONYMOUS = 172
    CONFIG_SEMI_ANONYMOUS = 173
    CREATED = 201
    NICKNAME_ASSIGNED = 210
    REMOVED_BANNED = 301
    NICKNAME_CHANGE = 303
    REMOVED_KICKED = 307
    REMOVED_AFFILIATION_CHANGE = 321
    REMOVED_NONMEMBER_IN_MEMBERS_ONLY = 322
    REMOVED_SERVICE_SHUTDOWN = 332
    REMOVED_ERROR = 333


CONFIG_CODES = frozenset(
    {
        StatusCode.SHOWING_UNAVAILABLE,
        StatusCode.NOT_SHOWING_UNAVAILABLE,
        StatusCode.CONFIG_NON_PRIVACY_RELATED,
        StatusCode.CONFIG_ROOM_LOGGING,
        StatusCode.CONFIG_NO_ROOM_LOGGING,
        StatusCode.CONFIG_NON_ANONYMOUS,
        StatusCode.CONFIG_SEMI_ANONYMOUS,
    }
)
"""Those that tell of a change of the room's configuration."""


def codes_of(texts: Iterable[str | None]) -> frozenset[int]:
    """Codes as a service wrote them. Unknown numbers stay plain numbers, others are left out."""
    found: set[int] = set()
    for text in texts:
        # ASCII: "²" is a digit to Python, and a number to nobody.
        if text is None or not (text.isascii() and text.isdigit()) or len(text) > 4:
            continue
        number = int(text)
        found.add(StatusCode(number) if number in _KNOWN else number)
    return frozenset(found)


_KNOWN = frozenset(int(code) for code in StatusCode)
