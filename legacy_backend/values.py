"""What passes between a network and the gateway: frozen, and complete in itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Literal

from legacy_backend.terms import (
    Affiliation,
    GroupId,
    GroupKind,
    MemberId,
    MessageId,
    Role,
    Stretch,
    UserId,
)

Show = Literal["", "away", "xa", "dnd", "chat"]
"""Availability of a person (RFC 6121 §4.7.2.1); "" is plainly available."""

ChatState = Literal["active", "composing", "paused", "inactive"]
"""What a person is doing in a group just now (XEP-0085)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, with an id that changes when and only when its bytes do."""

    id: str
    data: bytes
    media_type: str = "image/png"


@dataclass(frozen=True, slots=True)
class Hat:
    """A badge beside a name, such as a title or "bot" (XEP-0317)."""

    uri: str
    title: str
    hue: str = ""
    """A colour as an angle in degrees, from 0 to 360; "" if it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in a group, as of now.

    `role` None lets the gateway derive it from the affiliation and the group's configuration.
    `user` is set if this person is the account of somebody registered with the gateway.
    `present` False keeps them on the member list without showing them in the room.
    """

    id: MemberId
    name: str
    affiliation: Affiliation = Affiliation.MEMBER
    role: Role | None = None
    user: UserId | None = None
    present: bool = True
    show: Show = ""
    status: str = ""
    hats: tuple[Hat, ...] = ()
    picture: Picture | None = None
    photo: str = ""
    """The SHA-1 of their picture, in hexadecimal digits, where a network tells that beforehand:
    `LegacyAccount.person` is asked for the picture itself once somebody wants to see it."""
    sees: tuple[Stretch, ...] | None = None
    """When what this person may read was said; None is all of it. Only asked of users."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupConfig:
    """How a group is set up. None says that the network has no such setting."""

    name: str | None = None
    description: str | None = None
    public: bool | None = None
    """Listed for those who are not in it."""
    members_only: bool | None = None
    moderated: bool | None = None
    """Only those given a voice may speak."""
    password: str | None = None
    """"" is none."""
    max_users: int | None = None
    """0 is no limit."""
    members_may_invite: bool | None = None
    members_may_change_subject: bool | None = None
    private_messages: Literal["anyone", "participants", "moderators", "none"] | None = None
    anonymous: bool | None = None
    """Only moderators see identities."""
    language: str | None = None
    """A BCP 47 tag, "" if none is set."""
    public_log: bool | None = None
    """Anybody may read what is said, without being in it; see `Group.log_url`."""
    history_visible: bool | None = None
    """Who comes later may read what was said before; see `Member.sees` for what follows of it."""
    shown_roles: frozenset[Role] | None = None
    """Of MODERATOR, PARTICIPANT and VISITOR, those whose coming, going and looks others see."""
    list_readers: frozenset[Role] | None = None
    """Of the same, those who may ask for the list of members; who runs the group always may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a group is about now. `by` and `at` are None if the network does not tell."""

    text: str
    by: MemberId | None = None
    by_name: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group, without its members and messages."""

    id: GroupId
    kind: GroupKind
    config: GroupConfig
    subject: Subject | None = None
    """None if nobody has set one."""
    member_count: int | None = None
    picture: Picture | None = None
    log_url: str = ""
    """Where anybody can read what is said, "" if nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file in a message, to be had at `url`. `size` in bytes, 0 if unknown."""

    url: str
    name: str = ""
    media_type: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The message that another one answers. `body` and `author_name` "" if not at hand."""

    id: MessageId
    author: MemberId | None = None
    author_name: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Somebody who is named in a text: from character `start` up to `end`, which is behind it."""

    member: MemberId
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message in a group, as the network has it.

    `author` None is the network or the group itself speaking. `at` is aware (UTC).
    `origin` repeats `Draft.origin` if this network can carry it, else "".
    """

    id: MessageId
    author: MemberId | None
    author_name: str
    at: datetime
    body: str
    reply_to: Quote | None = None
    attachments: tuple[Attachment, ...] = ()
    thread: str = ""
    origin: str = ""
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message on its way to the network.

    `origin` is an id of the sender's; a network that can carry it hands it back in
    `Message.origin`, so that the sender's own words are recognised when they return.
    """

    body: str
    origin: str = ""
    reply_to: Quote | None = None
    attachments: tuple[Attachment, ...] = ()
    thread: str = ""
    mentions: tuple[Mention, ...] = ()
    """Members whose names stand in the body, in its order."""


class LoginState(Enum):
    """Where one login stands. A closed set: shown to its user, exported as a metric."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    BACKFILLING = "backfilling"
    TRANSIENT_DISCONNECT = "transient-disconnect"
    BAD_CREDENTIALS = "bad-credentials"
    LOGGED_OUT = "logged-out"
    UNKNOWN_ERROR = "unknown-error"

    @property
    def needs_user(self) -> bool:
        """Whether nothing goes on until the user does something."""
        return self in (LoginState.BAD_CREDENTIALS, LoginState.LOGGED_OUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginField:
    """One thing that registration asks. `private` is not shown while it is typed."""

    name: str
    label: str
    required: bool = True
    private: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A group that may be found without being in it."""

    id: GroupId
    name: str
    description: str = ""
    member_count: int | None = None
    kind: GroupKind = GroupKind.PUBLIC
    languages: tuple[str, ...] = field(default=())
