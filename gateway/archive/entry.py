"""What an archive holds: one message, as it comes in and as it is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple, NewType

from legacy_backend.terms import MessageId

StanzaId = NewType("StanzaId", str)
"""An id that a room gave out (XEP-0359); pages are asked for by it."""


class Kind(Enum):
    """What an entry is about. The numbers are in the database."""

    MESSAGE = 0
    SUBJECT = 1
    EDIT = 2
    RETRACTION = 3
    REACTION = 4
    MARKER = 5
    OTHER = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """A message to be archived."""

    stanza_id: StanzaId
    message_id: str
    """The `id` attribute that the copies carry."""
    at: datetime
    """When it was said, with a time zone; kept to the microsecond."""
    nick: str
    """The resource of the author's occupant JID, "" for the room itself."""
    author: str
    """What the author is known by through all changes of nick, "" for the room itself."""
    stanza: str
    """The serialised `<message/>`, without `to`."""
    kind: Kind = Kind.MESSAGE
    legacy_id: MessageId | None = None
    """Unique in its room, where there is one."""
    body: str = ""
    """What a search looks through."""
    refers_to: MessageId | None = None
    """The legacy id of what is edited, retracted or reacted to."""
    sole: bool = False
    """Whether no other message can have its stanza id, which was made of the legacy id: the archive
    then goes by that alone."""
    patch: tuple[MessageId, str, str] | None = None
    """(legacy id, placeholder, fallback): the placeholder in the stanza becomes the message id
    of the entry with that legacy id, escaped for an attribute, or `fallback` (as it is) if there
    is none."""


class Entry(NamedTuple):
    """A message of the archive. `seq` orders its room and may change when a gap is filled."""

    seq: int
    stanza_id: StanzaId
    message_id: str
    at: datetime
    nick: str
    author: str
    stanza: str
    kind: Kind
    legacy_id: MessageId | None


class Stored(NamedTuple):
    """The entry that the archive now has. It was there before unless `new`."""

    entry: Entry
    new: bool
