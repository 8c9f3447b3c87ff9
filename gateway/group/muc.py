"""`LegacyMUC`: a user's handle on a room (seed API: slidge.group.LegacyMUC)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import slidge.group.room
from slidge.util.archive_msg import HistoryMessage
from slidge.util.types import LegacyParticipantType, Mention
from slidge.util.util import SubclassableOnce
from slixmpp.exceptions import XMPPError

from gateway.group.avatar import RoomAvatar
from gateway.group.bookmarking import Bookmarking
from gateway.group.callbacks import Callbacks
from gateway.group.config import Configuration
from gateway.group.history import History
from gateway.group.live import LiveRoom
from gateway.group.mentions import mentions_in
from gateway.group.participant import LegacyParticipant
from gateway.group.parts import Parts
from gateway.group.people import People
from gateway.group.reading import Reading
from gateway.group.space import InSpace
from gateway.group.stored import StoredRoom
from gateway.group.subject import RoomSubject
from gateway.group.threads import Threads
from gateway.group.tombstone import tombstone
from gateway.group.user import RoomUser
from gateway.room.state import Occupant
from legacy_backend.terms import MessageId

if TYPE_CHECKING:
    _Base = slidge.group.room.LegacyMUC[LegacyParticipantType]
else:
    _Base = slidge.group.room.LegacyMUC


class LegacyMUC(  # type: ignore[misc, override]  # slidge's are narrower
    Callbacks,
    RoomUser,
    People[Any],
    Configuration,
    RoomSubject,
    History,
    RoomAvatar,
    Bookmarking,
    Reading,
    Threads,
    InSpace,
    Parts,
    _Base[LegacyParticipantType],
    SubclassableOnce,
):
    """A group of the network, as one user sees it.

    Obtained from `LegacyBookmarks.by_legacy_id`. To be subclassed once by a plugin. Setting an
    attribute here says that the network has it so: it is shown to whoever is in the room.
    """

    SHARED: ClassVar[bool] = False
    """Whether all users of a group share one room and one archive. Everybody in the group must
    then be shown the same, as `legacy_backend.LegacyBackend.SHARED` explains."""

    STABLE_ARCHIVE = True
    """Whether ids of the archive stay what they are. They do, since it is never thrown away."""

    ABILITIES: ClassVar[frozenset[str] | None] = None
    """Names of callbacks that are to count as overridden; None asks the class itself."""

    archive: Any = None
    is_group: Literal[True] = True

    def __init__(self, session: Any, live: LiveRoom) -> None:
        self.session = session
        self.xmpp = session.xmpp
        self.live = live
        self.stored = cast(Any, StoredRoom(self))
        self._user_nick: str | None = live.keeping.extra.get("user_nick")
        self._init_people()
        self._init_history()
        self._init_reading()
        # past slidge's own constructor, which wants a database row
        super(_Base, self).__init__()

    def __repr__(self) -> str:
        return f"<MUC {self.legacy_id!r} at {self.live.room.jid}>"

    def __hash__(self) -> int:
        return hash((self.user_jid.bare, self.live.id))

    @property
    def log(self) -> logging.Logger:  # type: ignore[override]
        """Made when it is asked for: a thousand users with twenty rooms have twenty thousand."""
        return logging.getLogger(f"{self.session.user_jid.bare}:muc:{self.live.room.group}")

    def _set_logger(self) -> None:
        """As slidge has it, which sets `log` here."""

    # Its messages

    def bury(self, legacy_id: str, how: str, *, author: str | None = None) -> asyncio.Task[None]:
        """Leave of a message only that it was taken back (XEP-0424 §5). `how` is further XML.
        What is not by `author` stays; None is anybody. Nobody has to wait for it."""
        parts = self.parts_of(legacy_id)
        return tombstone(self.live, MessageId(legacy_id), how, parts, author=author)

    def mention(self, occupant: Occupant, start: int, end: int) -> Mention | None:
        """That somebody is named in a text; None for those who are no contact."""
        contact = self.handle_of(occupant).contact
        return None if contact is None else Mention(contact=contact, start=start, end=end)

    async def parse_mentions(self, text: str | None) -> tuple[Mention, ...]:
        await self.ensure_people()
        return mentions_in(self, text or "")

    # What slidge's database mixins offer

    def orm(self, **kwargs: Any) -> Any:
        return self.xmpp.store.session(**kwargs)

    def merge(self) -> None:
        """Nothing: what is here is in memory."""

    def refresh(self, attrs: list[str] | None = None) -> None:
        """Nothing: what is here is in memory."""

    def commit(self) -> None:
        if self._updating_info:
            return
        keeping, attributes = self.live.keeping, self.serialize_extra_attributes()
        if keeping.extra.get("attributes") != attributes:
            keeping.extra["attributes"] = deepcopy(attributes)  # the plugin goes on with its own
            keeping.changed()

    def update_stored_attribute(self, **kwargs: object) -> None:
        for name, value in kwargs.items():
            setattr(self, name, value)

    @contextmanager
    def updating_info(self) -> Iterator[None]:
        """While the plugin describes the group: what changed is shown at the end."""
        subject = self.room.subject.text
        self._updating_info = True
        try:
            yield
        finally:
            self._updating_info = False
        self.stored.updated = True
        self.commit()
        if self.room.subject.text != subject and self.room.seats:
            self._announce_subject(self.room.subject.at or self.live.host.now())

    def get_archived_messages(self, msg_id: str) -> Iterator[HistoryMessage]:
        """The archived messages with an id, of the network's or of XMPP's. Blocks for as long as
        it takes to look three indices up: slidge's plugins do not await it."""
        for entry in self.live.host.archive.find_now(self.live.id, str(msg_id)):
            stanza = entry.stanza.replace("<message", '<message xmlns="jabber:client"', 1)
            yield HistoryMessage(stanza, entry.at)

    # What is offered

    @property
    def heeds_nicknames(self) -> bool:
        """Whether a nickname that the user gives to somebody else can get anywhere: to `on_rename`
        or, as slidge has it, to a plugin's `on_set_affiliation`."""
        return self.can("on_rename") or self.ABILITIES is None

    def can(self, callback: str) -> bool:
        """Whether this network has a callback, so that clients may be offered it."""
        if self.ABILITIES is not None:
            return callback in self.ABILITIES
        base: Any = LegacyMUC if hasattr(LegacyMUC, callback) else LegacyParticipant
        own: Any = type(self) if base is LegacyMUC else self._participant_cls
        if getattr(own, callback) is not getattr(base, callback):
            return True
        followers = {
            "on_kick": LegacyParticipant,
            "on_set_affiliation": LegacyParticipant,
            "on_set_role": LegacyParticipant,
        }
        shared = followers.get(callback)
        return shared is not None and (
            getattr(self._participant_cls, callback) is not getattr(shared, callback)
        )

    # Slidge's own, done otherwise here

    async def join(self, join_presence: Any) -> None:
        """The first of the user's clients is about to join, and has said so by this presence.

        For plugins that override slidge's method, and call it: the gateway does the joining.
        """

    async def echo(self, msg: Any, legacy_msg_id: str | None = None) -> str:
        raise XMPPError("feature-not-implemented", "The gateway reflects messages itself.")
