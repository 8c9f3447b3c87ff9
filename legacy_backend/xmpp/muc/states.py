"""What a room, a message and a departure can be. Closed sets, named as in aioxmpp."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from slixmpp import Presence

from legacy_backend.xmpp.muc.codes import StatusCode


class RoomState(Enum):
    JOIN_PRESENCE = "join-presence"
    """Joining: the occupants are being told. Also before anything has been sent."""
    HISTORY = "history"
    """Joined; the history is being replayed, the subject has not come."""
    ACTIVE = "active"
    """Joined, and everything from before is through."""
    DISCONNECTED = "disconnected"
    """Suspended until it can be joined again, or over."""


class LeaveMode(Enum):
    """Why somebody is not in the room any more."""

    DISCONNECTED = "disconnected"
    """We have lost the room; never said of others."""
    SYSTEM_SHUTDOWN = "system-shutdown"
    NORMAL = "normal"
    KICKED = "kicked"
    AFFILIATION_CHANGE = "affiliation-change"
    MODERATION_CHANGE = "moderation-change"
    """The room is for members only now."""
    BANNED = "banned"
    ERROR = "error"
    """Their client or server could not be reached."""


_REASONS = (
    # Services send 307 along with 333, for clients which do not know it (XEP-0045 §15.6.2).
    (StatusCode.REMOVED_ERROR, LeaveMode.ERROR),
    (StatusCode.REMOVED_KICKED, LeaveMode.KICKED),
    (StatusCode.REMOVED_BANNED, LeaveMode.BANNED),
    (StatusCode.REMOVED_AFFILIATION_CHANGE, LeaveMode.AFFILIATION_CHANGE),
    (StatusCode.REMOVED_NONMEMBER_IN_MEMBERS_ONLY, LeaveMode.MODERATION_CHANGE),
    (StatusCode.REMOVED_SERVICE_SHUTDOWN, LeaveMode.SYSTEM_SHUTDOWN),
)


def leave_mode(codes: Collection[int]) -> LeaveMode:
    """What an unavailable presence with these status codes tells."""
    return next((mode for code, mode in _REASONS if code in codes), LeaveMode.NORMAL)


class InviteMode(Enum):
    DIRECT = "direct"
    """From one person to another (XEP-0249)."""
    MEDIATED = "mediated"
    """Through the room (XEP-0045 §7.8.2)."""


class MessageSource(Enum):
    STREAM = "stream"
    """Said now, by others or by ourselves."""
    HISTORY = "history"
    """Said before we came, and replayed at the join."""


class ConversationFeature(Enum):
    """What can be done in a conversation."""

    BAN = "ban"
    BAN_WITH_KICK = "ban-with-kick"
    INVITE = "invite"
    INVITE_DIRECT = "invite-direct"
    INVITE_MEDIATED = "invite-mediated"
    KICK = "kick"
    LEAVE = "leave"
    SEND_MESSAGE = "send-message"
    SEND_MESSAGE_TRACKED = "send-message-tracked"
    SET_NICK = "set-nick"
    SET_TOPIC = "set-topic"


SHOWS = ("away", "chat", "dnd", "xa")


@dataclass(frozen=True, slots=True)
class PresenceState:
    """Availability: `show` is one of SHOWS, or "" for plainly available or not available."""

    available: bool
    show: str = ""

    @classmethod
    def of(cls, presence: Presence) -> PresenceState:
        if presence.xml.get("type") is not None:
            return cls(False)
        show = (presence.xml.findtext("{jabber:client}show") or "").strip()
        return cls(True, show if show in SHOWS else "")
