"""Networks that the gateway can bridge, and the interface that makes one.

Start with `LegacyBackend` and `LegacyAccount`; `docs/backend-guide.md` walks through a complete
example. Nothing here imports `gateway`, so that a network can be read, run and tested alone.
"""

from legacy_backend.api import LegacyAccount, LegacyBackend, abilities
from legacy_backend.events import Event, EventSink, GroupEvent
from legacy_backend.terms import (
    Affiliation,
    GroupId,
    GroupKind,
    LegacyError,
    MemberId,
    MessageId,
    Role,
    Stretch,
    UserId,
)
from legacy_backend.values import (
    Draft,
    Group,
    GroupConfig,
    Member,
    Message,
    Picture,
    Quote,
    Subject,
)

__all__ = [
    "Affiliation",
    "Draft",
    "Event",
    "EventSink",
    "Group",
    "GroupConfig",
    "GroupEvent",
    "GroupId",
    "GroupKind",
    "LegacyAccount",
    "LegacyBackend",
    "LegacyError",
    "Member",
    "MemberId",
    "Message",
    "MessageId",
    "Picture",
    "Quote",
    "Role",
    "Stretch",
    "Subject",
    "UserId",
    "abilities",
]
