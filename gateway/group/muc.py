"""`LegacyMUC`: a user's handle on a room (seed API: slidge.group.LegacyMUC)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import slidge.group.room
from slidge.contact import LegacyContact
from slidge.util.types import LegacyParticipantType, Mention, MucAffiliation, MucRole, MucType
from slidge.util.util import SubclassableOnce
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.archive import Kind, NewEntry, StanzaId
from gateway.group.avatar import RoomAvatar
from gateway.group.bookmarking import Bookmarking
from gateway.group.history import History
from gateway.group.live import LiveRoom, Post
from gateway.group.mentions import mentions_in
from gateway.group.participant import LegacyParticipant
from gateway.group.people import People
from gateway.group.posting import sid
from gateway.group.reading import Reading
from gateway.group.tombstone import tombstone
from gateway.render.message import subject as subject_stanza
from gateway.render.presence import occupant_id
from gateway.render.xml import bearable
from gateway.room.config import configure
from gateway.room.nick import free_nick, rename
from gateway.room.removal import close, empty, remove
from gateway.room.seating import rise, sit
from gateway.room.state import Destroyed, Occupant, RoomConfig, Subject
from gateway.room.state import Hat as RoomHat
from legacy_backend.terms import Affiliation, GroupId, GroupKind, MemberId, MessageId

if TYPE_CHECKING:
    _Base = slidge.group.room.LegacyMUC[LegacyParticipantType]
else:
    _Base = slidge.group.room.LegacyMUC

KINDS = {
    MucType.GROUP: GroupKind.PRIVATE,
    MucType.CHANNEL: GroupKind.ANONYMOUS,
    MucType.CHANNEL_NON_ANONYMOUS: GroupKind.PUBLIC,
}
TYPES = {kind: muc_type for muc_type, kind in KINDS.items()}


class StoredRoom:
    """What plugins find at `muc.stored`, where slidge has a database row."""

    def __init__(self, muc: LegacyMUC[Any]) -> None:
        self._muc = muc
        self.updated = False
        self.space: Any = None

    @property
    def id(self) -> int:
        return self._muc.live.id

    @property
    def legacy_id(self) -> str:
        return self._muc.legacy_id

    @property
    def jid(self) -> JID:
        return self._muc.jid

    @property
    def extra_attributes(self) -> Any:
        return self._muc.live.keeping.extra.get("attributes")

    @extra_attributes.setter
    def extra_attributes(self, value: Any) -> None:
        self._muc.live.keeping.extra["attributes"] = value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._muc, name)


class LegacyMUC(  # type: ignore[misc]  # slidge's have fewer arguments
    People[Any],
    History,
    RoomAvatar,
    Bookmarking,
    Reading,
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

    CONFIG_FIELDS: ClassVar[frozenset[str]] = frozenset({"name", "description"})
    """The fields of RoomConfig that `on_set_room_config` can change; the form offers those."""

    SHOWN_FIELDS: ClassVar[frozenset[str]] = frozenset({"name", "description"})
    """The fields that the network has, settable or not; the form shows those."""

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
        self._set_logger()
        self._init_people()
        self._init_history()
        # past slidge's own constructor, which wants a database row
        super(_Base, self).__init__()

    def __repr__(self) -> str:
        return f"<MUC {self.legacy_id!r} at {self.live.room.jid}>"

    def __hash__(self) -> int:
        return hash((self.user_jid.bare, self.live.id))

    def _set_logger(self) -> None:
        self.log = logging.getLogger(f"{self.session.user_jid.bare}:muc:{self.live.room.group}")

    # What it is

    @property
    def jid(self) -> JID:
        return JID(self.room.jid)

    @jid.setter
    def jid(self, _: JID) -> None:
        raise AttributeError("The address of a room never changes.")

    @property
    def legacy_id(self) -> GroupId:
        return self.room.group

    @property
    def user_jid(self) -> JID:
        return cast(JID, self.session.user_jid)

    @property
    def type(self) -> MucType:
        return TYPES[self.room.kind]

    @type.setter
    def type(self, type_: MucType) -> None:
        self.room.kind = KINDS[type_]
        self._configure(
            members_only=type_ is MucType.GROUP,
            public=type_ is not MucType.GROUP,
            anonymous=type_ is MucType.CHANNEL,
        )

    @property
    def is_anonymous(self) -> bool:
        return self.room.config.anonymous

    @property
    def name(self) -> str | None:
        return self.room.config.name or None

    @name.setter
    def name(self, name: str | None) -> None:
        self._configure(name=name or "")

    @property
    def DISCO_NAME(self) -> str:  # type: ignore[override]  # noqa: N802  (slidge's name)
        return self.name or str(self.legacy_id)

    @property
    def description(self) -> str:
        return self.room.config.description

    @description.setter
    def description(self, description: str | None) -> None:
        self._configure(description=description or "")

    @property
    def n_participants(self) -> int | None:
        return self.room.member_count

    @n_participants.setter
    def n_participants(self, count: int | None) -> None:
        self.room.member_count = count
        self.live.keeping.changed()

    @property
    def config(self) -> RoomConfig:
        """How the room is set up; to be changed with `set_config`."""
        return self.room.config

    def set_config(self, config: RoomConfig) -> None:
        """Say how the network has the group set up; those in the room are told what is new."""
        self.live.show(configure(self.room, config))

    def _configure(self, **changes: Any) -> None:
        self.set_config(replace(self.room.config, **changes))

    # Its subject

    @property
    def subject(self) -> str:
        return self.room.subject.text

    @subject.setter
    def subject(self, text: str | None) -> None:
        self.set_subject(text or "", by=self.room.subject.by, at=self.room.subject.at)

    @property
    def subject_date(self) -> datetime | None:
        return self.room.subject.at

    @subject_date.setter
    def subject_date(self, when: datetime | None) -> None:
        if when is not None and when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        self.room.subject = replace(self.room.subject, at=when)
        self.live.keeping.changed()

    @property
    def subject_setter(self) -> str | None:
        return self.room.subject.by or None

    @subject_setter.setter
    def subject_setter(self, setter: Any) -> None:
        if isinstance(setter, LegacyContact):
            setter = setter.name
        elif isinstance(setter, LegacyParticipant):
            setter = setter.nickname
        self.room.subject = replace(self.room.subject, by=setter or "")
        self.live.keeping.changed()

    def set_subject(
        self, text: str, *, by: str = "", at: datetime | None = None, again: bool = False
    ) -> None:
        """Say what the group is about now; `by` is a nickname.

        Shown and archived if it is new, or said `again` by a user who waits to see it.
        """
        text = bearable(text)
        if text == self.room.subject.text and not again:
            if by or at:
                self.room.subject = Subject(text, by, at, self.room.subject.lang)
                self.live.keeping.changed()
            return
        now = self.live.host.now()
        self.room.subject = Subject(text, by, at or now, self.live.subject_lang)
        self.live.keeping.changed()
        if not self._updating_info:
            self._announce_subject(at or now)

    def _announce_subject(self, at: datetime) -> None:
        stanza_id = self.stanza_id(None)
        message_id, self.live.subject_id = self.live.subject_id or stanza_id, ""
        setter = self.room.nicks.get(self.room.subject.by)
        known = occupant_id(setter.id) if setter is not None else ""
        stanza = subject_stanza(
            self.room.jid,
            self.room.subject,
            message_id=message_id,
            extra=known + sid(stanza_id, self.room.jid),
        )
        entry = NewEntry(
            stanza_id=StanzaId(stanza_id),
            message_id=message_id,
            at=at,
            nick=self.room.subject.by,
            author="",
            stanza=stanza,
            kind=Kind.SUBJECT,
            body=self.room.subject.text,
        )
        self.live.post(Post(entry))

    @contextmanager
    def answering_subject(self, message_id: str, lang: str) -> Iterator[None]:
        """While the user's change of subject is with the network: id and language are kept."""
        self.live.subject_id, self.live.subject_lang = message_id, lang
        try:
            yield
        finally:
            self.live.subject_id = self.live.subject_lang = ""

    # The user in it

    @property
    def user_nick(self) -> str:
        me = self.me()
        if me is not None:
            return me.nick
        return self._user_nick or self.session.bookmarks.user_nick or self.user_jid.node

    @user_nick.setter
    def user_nick(self, nick: str) -> None:
        self._user_nick = nick
        self.live.keeping.extra["user_nick"] = nick
        me = self.me()
        if me is not None:
            self.live.show(rename(self.room, me, free_nick(self.room, nick, me, me.member)))
        self.live.keeping.changed()

    @property
    def user_muc_jid(self) -> JID:
        jid = JID(self.room.jid)
        jid.resource = self.user_nick
        return jid

    def user_full_jids(self) -> Iterator[JID]:
        """The user's full JIDs that have joined."""
        bare = self.user_jid.bare
        return (JID(seat.jid) for seat in list(self.room.seats.values()) if seat.user == bare)

    def get_user_resources(self) -> set[str]:
        return {jid.resource for jid in self.user_full_jids()}

    def add_user_resource(self, resource: str) -> None:
        """Seat one of the user's clients without telling it anything (for tests of plugins)."""
        me = self.me() or self.new_occupant(self.user_nick, is_user=True)
        jid = f"{self.user_jid.bare}/{resource}"
        _, shown = sit(self.room, me, jid, self.live.host.now())
        self.live.show(shown)

    def remove_user_resource(self, resource: str) -> None:
        """Forget one of the user's clients, telling only the others."""
        seat = self.room.seats.get(f"{self.user_jid.bare}/{resource}")
        if seat is not None:
            self.live.show(rise(self.room, seat)[1:])

    async def kick_resource(self, r: str) -> None:
        """Put one of the user's clients out, telling it that something went wrong (333)."""
        seat = self.room.seats.get(f"{self.user_jid.bare}/{r}")
        if seat is not None:
            self.live.show(rise(self.room, seat, codes=(333,)))

    def shutdown(self) -> None:
        """The network is out of reach: tell the user's clients that the room is gone for now
        (332), and forget their seats. What is said meanwhile has to be asked for."""
        if self.room.owner is not None:
            self.live.lost_sight()
        for jid in list(self.user_full_jids()):
            own, *others = rise(self.room, self.room.seats[str(jid)])
            gone = replace(own, fact=replace(cast(Any, own.fact), codes=(332,)))
            self.live.show([gone, *others])

    def show_removed(self, reason: str, codes: tuple[int, ...]) -> None:
        """Tell the user's clients that they are out of the group."""
        if self.room.owner is not None:
            self.live.show(close(self.room, codes=codes, reason=reason))
            return
        me = self.me()
        if me is not None:
            gone = remove(
                self.room, me, codes=codes, reason=reason,
                affiliation=Affiliation.NONE, forget=True,
            )  # fmt: skip
            self.live.show(gone)

    def show_destroyed(self, reason: str = "", alternate: str = "") -> None:
        """Tell everyone in the room that it is no more (XEP-0045 §10.9)."""
        self.live.show(empty(self.room, Destroyed(alternate, reason)))

    # Ids

    def stanza_id(self, legacy_id: str | None) -> str:
        """The archive's id of a message of the network's; a fresh one for None."""
        return self.live.host.ids.stanza_id(self.live.key, legacy_id)

    def bury(self, legacy_id: str, how: str) -> None:
        """Leave of a message only that it was taken back (XEP-0424 §5). `how` is further XML."""
        tombstone(self.live, MessageId(legacy_id), how)

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
        if not self._updating_info:
            self.live.keeping.extra["attributes"] = self.serialize_extra_attributes()
            self.live.keeping.changed()

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

    # Callbacks: what the user asks of the group. Each raises XMPPError with the network's no.

    async def on_set_affiliation(
        self,
        contact: Any,
        affiliation: MucAffiliation,
        reason: str | None,
        nickname: str | None,
    ) -> None:
        """The user wants somebody's affiliation changed; `contact` None where they are none."""
        raise NotImplementedError

    async def on_kick(self, contact: Any, reason: str | None) -> None:
        """The user wants somebody put out for now."""
        raise NotImplementedError

    async def on_set_role(
        self, participant: LegacyParticipantType, role: MucRole, reason: str | None
    ) -> None:
        """The user gives or takes a voice, or makes a moderator."""
        raise NotImplementedError

    async def on_set_room_config(self, changes: dict[str, Any]) -> None:
        """The user changes settings: names of RoomConfig's fields and their new values.

        By default asks `on_set_config`, which knows name and description; what is not changed is
        handed to it as it is.
        """
        await self.on_set_config(
            changes.get("name", self.name),
            changes.get("description", self.description) if self.HAS_DESCRIPTION else None,
        )

    async def on_join(self, nick: str, password: str) -> None:
        """A client of the user's is about to enter, the first one: become a member if need be.

        Not to be confused with `join`, which is slidge's. By default everybody whose group it is
        may enter.
        """

    async def on_register(self, nick: str) -> str:
        """The user registers with a room that is open: becomes a member, who is to be called
        `nick`. Answers with the name they got; by default as on joining, and on `on_nick_change`.
        """
        await self.on_join(nick, "")
        return await self.on_nick_change(nick) if self.can("on_nick_change") else self.user_nick

    async def on_register_request(self, nick: str) -> None:
        """The user asks to be let into a room for members, and to be called `nick` there."""
        raise NotImplementedError

    async def on_register_answer(self, member: MemberId, accept: bool) -> None:
        """The user, an admin, answers somebody whom `applicants.applies` has told of."""
        raise NotImplementedError

    async def on_nick_change(self, nick: str) -> str:
        """The user wants another name in this group; answers with the one they got."""
        raise NotImplementedError

    async def on_private_message(self, participant: LegacyParticipantType, text: str) -> None:
        """The user writes to one participant alone."""
        raise NotImplementedError

    async def on_voice_request(self) -> None:
        """The user, who has no voice, asks for one."""
        raise NotImplementedError

    async def on_invite(self, contact: Any, reason: str | None) -> None:
        """The user invites somebody of the network; by default makes them a member."""
        await self.on_set_affiliation(contact, "member", reason, None)

    async def on_decline(self, inviter: str, reason: str | None) -> None:
        """The user declines an invitation."""
        raise NotImplementedError

    async def on_hats(self) -> Sequence[RoomHat]:
        """The hats that there are in this group, worn by anybody or not."""
        raise NotImplementedError

    async def on_put_hat(self, hat: RoomHat) -> None:
        """The user makes a hat, or changes the one with its URI."""
        raise NotImplementedError

    async def on_remove_hat(self, uri: str) -> None:
        """The user does away with a hat."""
        raise NotImplementedError

    async def on_give_hat(self, participant: LegacyParticipantType, uri: str) -> None:
        """The user gives somebody a hat."""
        raise NotImplementedError

    async def on_take_hat(self, participant: LegacyParticipantType, uri: str) -> None:
        """The user takes a hat away from somebody."""
        raise NotImplementedError

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
