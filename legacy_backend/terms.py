"""The words every layer shares: ids, ranks, stretches of time, and a network's no.

Only these cross into `gateway` outside of its bridge; they know nothing of XMPP but the names
of its error conditions, ranks and error texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, IntEnum
from typing import Literal, NewType

GroupId = NewType("GroupId", str)
"""The network's own id of a group. Compared exactly: letter case and white space count."""

MemberId = NewType("MemberId", str)
"""The network's own id of a person. Stays the same through changes of name."""

MessageId = NewType("MessageId", str)
"""The network's own id of a message, unique at least within its group."""

UserId = NewType("UserId", str)
"""Whoever is registered with the gateway: a bare JID, opaque to a network."""


class Affiliation(IntEnum):
    """Standing in a group, outlasting any visit (XEP-0045 §5.2). Compares by rank."""

    OUTCAST = 0
    NONE = 1
    MEMBER = 2
    ADMIN = 3
    OWNER = 4

    @property
    def word(self) -> str:
        """As XEP-0045 spells it: "outcast", "none", "member", "admin", "owner"."""
        return _AFFILIATIONS[self]


class Role(IntEnum):
    """What one may do during this visit (XEP-0045 §5.1). Compares by rank."""

    NONE = 0
    VISITOR = 1
    PARTICIPANT = 2
    MODERATOR = 3

    @property
    def word(self) -> str:
        """As XEP-0045 spells it: "none", "visitor", "participant", "moderator"."""
        return _ROLES[self]


_AFFILIATIONS = tuple(affiliation.name.lower() for affiliation in Affiliation)
_ROLES = tuple(role.name.lower() for role in Role)


class GroupKind(Enum):
    """Who may enter a group, and whether its members see who the others are."""

    PRIVATE = "private"
    """By invitation only; members see each other's identities."""

    PUBLIC = "public"
    """Open to all; identities are visible."""

    ANONYMOUS = "anonymous"
    """Open to all; only moderators see identities."""


Condition = Literal[
    "bad-request",
    "conflict",
    "feature-not-implemented",
    "forbidden",
    "gone",
    "internal-server-error",
    "item-not-found",
    "not-acceptable",
    "not-allowed",
    "not-authorized",
    "policy-violation",
    "recipient-unavailable",
    "registration-required",
    "remote-server-timeout",
    "resource-constraint",
    "service-unavailable",
    "undefined-condition",
]
"""The stanza error conditions (RFC 6120 §8.3.3) that a network's no can have."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time: from `start` (inclusive) up to `end` (exclusive), both aware; None is
    open on that side."""

    start: datetime | None = None
    end: datetime | None = None

    def has(self, at: datetime) -> bool:
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)


class LegacyError(Exception):
    """A network refuses, or fails.

    `text` tells the person who asked what is so or what to do, "" if there is nothing to add.
    `retry_after` is in how many seconds the network wants to be asked again, if it says so: until
    then nothing is asked on this login that can wait.
    """

    def __init__(
        self, condition: Condition, text: str = "", *, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{condition}: {text}" if text else condition)
        self.condition: Condition = condition
        self.text = text
        self.retry_after = retry_after
