"""What has happened on a network, and where it is told.

Events say what is so, after the fact, whoever caused it: what an account did through the gateway
comes back as an event too, and is recognised by its id. `to` None tells everyone who is in the
group, once; a network that hears the same thing on each login names that login's user instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from legacy_backend.terms import GroupId, MemberId, MessageId, UserId
from legacy_backend.values import ChatState, Group, LoginState, Member, Message, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something happened; `to` is whose login heard of it, None if that makes no difference."""

    to: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEvent(Event):
    """Something happened in a group. Events of one group are handled in the order they come."""

    group: GroupId


# About messages


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(GroupEvent):
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(GroupEvent):
    """`message` as it is now, under its old id; `edit_id` names this change, "" if it has no id."""

    message: Message
    edit_id: str = ""
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRetracted(GroupEvent):
    """A message is gone. `by` other than its author is a moderator; None if nobody knows.

    `change_id` names this change, "" if it has no id; `by_name` is for who may be gone by now.
    """

    id: MessageId
    by: MemberId | None
    by_author: bool
    reason: str = ""
    at: datetime | None = None
    change_id: str = ""
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacted(GroupEvent):
    """`emojis` are all that `by` has on the message now, none if empty. `change_id` and `by_name`
    as for MessageRetracted."""

    id: MessageId
    by: MemberId
    emojis: tuple[str, ...]
    at: datetime | None = None
    change_id: str = ""
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadUpTo(GroupEvent):
    id: MessageId
    by: MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatStateChanged(GroupEvent):
    by: MemberId
    state: ChatState


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateMessagePosted(GroupEvent):
    """Said by a member of the group to one user alone, who is `to` (never None)."""

    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectMessagePosted(Event):
    """Said to one user, who is `to` (never None), outside of any group."""

    message: Message


# About members


class Departure(Enum):
    LEFT = "left"
    KICKED = "kicked"
    BANNED = "banned"
    REMOVED = "removed"
    """No longer a member, in a group for members only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(GroupEvent):
    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(GroupEvent):
    id: MemberId
    how: Departure = Departure.LEFT
    by: MemberId | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(GroupEvent):
    """`member` as it is now: name, rank, presence, picture; `by` whom, if that is known."""

    member: Member
    by: MemberId | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceRequested(GroupEvent):
    """A member without a voice asks the moderators for one."""

    by: MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRequested(GroupEvent):
    """Somebody asks to be a member: `member` as they would be, with the name that they want."""

    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionAnswered(Event):
    """A person said whether `to` (never None) may see when they are online."""

    by: MemberId
    allowed: bool


# About groups


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAdded(GroupEvent):
    """`to` (None: all who are members) is in this group from now on."""

    info: Group


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChanged(GroupEvent):
    """`info` as it is now, its subject apart (see SubjectChanged)."""

    info: Group
    by: MemberId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectChanged(GroupEvent):
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDestroyed(GroupEvent):
    reason: str = ""
    alternate: GroupId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited(GroupEvent):
    """`to` (never None) is asked into a group they need not be in yet."""

    info: Group
    by: MemberId | None = None
    by_name: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationDeclined(GroupEvent):
    """Whom `to` had invited said no."""

    by: MemberId
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SightLost(GroupEvent):
    """From here on the login of `to` (never None) does not hear what happens in a group, though
    it is well otherwise: what is missed is to be read later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SightRegained(GroupEvent):
    """The login of `to` (never None) hears again what happens in a group."""


# About logins


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginStateChanged(Event):
    """`to` (never None) is whose login it is; `text` is for them to read."""

    state: LoginState
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginNoted(Event):
    """What `login` is to be told with the credentials of `to` (never None) from now on, by name.

    "" forgets one. What is called like a login field takes the place of the user's answer; all else
    stays when the user answers anew.
    """

    notes: Mapping[str, str]


class EventSink(Protocol):
    """Where a network puts what happens."""

    async def put(self, event: Event) -> None:
        """Hand over one event; returns when there is room for the next.

        A gateway that is busy makes this wait, and so slows the network's reader; nothing is
        dropped. Never raises because of what an event says. What the gateway does about an event
        reads from the network, but never waits for it to take something: a network may put its
        events from where it writes.
        """
