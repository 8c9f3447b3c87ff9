"""`LegacyParticipant`: a plugin's handle on an occupant (seed API: slidge.group.LegacyParticipant).

What it says goes through slidge's own message mixins, which know attachments, replies, previews
and the rest; where those would look ids up in a database, ours are computed, and where they would
send to one resource after another, ours hand a finished stanza to the room.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import slidge.group.participant
from slidge.util.types import Hat, LegacyContactType, MucAffiliation, MucRole
from slidge.util.util import SubclassableOnce
from slixmpp import JID, Message

from gateway.group.people import photo_of
from gateway.group.posting import Posting, ident_of
from gateway.render.xml import bearable
from gateway.room import presence as showing
from gateway.room.nick import free_nick, rename
from gateway.room.removal import remove
from gateway.room.standing import set_affiliation, set_role
from gateway.room.state import Appearance, Delivery, Occupant, Show
from gateway.room.state import Hat as RoomHat
from legacy_backend.terms import Affiliation, Role

if TYPE_CHECKING:
    from gateway.group.muc import LegacyMUC

    _Base = slidge.group.participant.LegacyParticipant[LegacyContactType]
else:
    _Base = slidge.group.participant.LegacyParticipant


class LegacyParticipant(Posting, _Base[LegacyContactType], SubclassableOnce):  # type: ignore[misc]
    """Somebody in a group of the network, or the group itself speaking (`is_system`).

    Obtained from a room: `get_participant`, `get_participant_by_contact`, `get_user_participant`,
    `get_system_participant`. There is one for each occupant of a room.
    """

    muc: LegacyMUC[Any]

    def __init__(
        self,
        muc: LegacyMUC[Any],
        nickname: str | None = None,
        is_user: bool = False,
        is_system: bool = False,
        role: MucRole = "participant",
        affiliation: MucAffiliation = "member",
        *,
        occupant: Occupant | None = None,
        contact: LegacyContactType | None = None,
    ) -> None:
        self.muc = muc
        self.session = muc.session
        self.xmpp = muc.session.xmpp
        self.is_system = is_system
        self.contact = contact
        self.occupant = occupant or muc.new_occupant(
            nickname, is_user=is_user, is_system=is_system,
            role=Role[role.upper()], affiliation=Affiliation[affiliation.upper()],
        )  # fmt: skip
        # past slidge's own constructor, which would make a database row of us
        super(_Base, self).__init__()

    def __repr__(self) -> str:
        return f"<Participant {self.nickname!r} of {self.muc.jid}>"

    def __hash__(self) -> int:
        return hash(self.jid)

    @property
    def log(self) -> logging.Logger:  # type: ignore[override]
        """Made when it is asked for: a room may have ten thousand of us."""
        return logging.getLogger(f"{self.user_jid.bare}:{self.jid}")

    # Who they are

    @property
    def stored(self) -> Occupant:  # type: ignore[override]
        """What slidge keeps in its database: here, the occupant."""
        return self.occupant

    @property
    def is_user(self) -> bool:
        return self.occupant.user is not None and self.occupant.user == self.user_jid.bare

    @is_user.setter
    def is_user(self, value: bool) -> None:
        self.muc.mark_user(self.occupant, value)

    @property
    def jid(self) -> JID:
        jid = JID(self.muc.jid)
        if not self.is_system:
            jid.resource = self.occupant.nick
        return jid

    @jid.setter
    def jid(self, _: JID) -> None:
        raise AttributeError("An occupant JID follows from the nickname.")

    @property
    def occupant_id(self) -> str:
        return "room" if self.is_system else self.occupant.id

    @property
    def nickname(self) -> str:
        return "" if self.is_system else self.occupant.nick

    @nickname.setter
    def nickname(self, nick: str) -> None:
        room = self.muc.room
        nick = free_nick(room, nick, self.occupant, self.occupant.member)
        self._tell(rename(room, self.occupant, nick))

    @property
    def name(self) -> str:  # type: ignore[override]
        """As contacts have it; slidge leaves it open."""
        return self.nickname

    @property
    def nickname_no_illegal(self) -> str:
        return self.nickname

    # Rank and looks

    @property
    def affiliation(self) -> MucAffiliation:
        return cast(MucAffiliation, self.occupant.affiliation.word)

    @affiliation.setter
    def affiliation(self, affiliation: MucAffiliation) -> None:
        rank = Affiliation[affiliation.upper()]
        given = self.occupant.given_role  # plugins say in any order what somebody is
        self._tell(set_affiliation(self.muc.room, self.occupant, rank, role=given))

    @property
    def role(self) -> MucRole:
        usual = self.muc.room.default_role(self.occupant.affiliation)
        given = self.occupant.given_role
        return cast(MucRole, (usual if given is None else given).word)

    @role.setter
    def role(self, role: MucRole) -> None:
        if role == "none":
            self.offline()
        else:
            self._tell(set_role(self.muc.room, self.occupant, Role[role.upper()]))

    @property
    def hats(self) -> list[Hat]:
        return [Hat(hat.uri, hat.title) for hat in self.occupant.hats]

    def set_hats(self, hats: list[Hat]) -> None:
        """Give them these badges, and no others (XEP-0317)."""
        new = tuple(RoomHat(hat.uri, hat.title) for hat in hats)
        if new != self.occupant.hats:
            self.occupant.hats = new
            self._show_again()

    # Coming, being there, going

    def send_initial_presence(
        self,
        full_jid: JID | None = None,
        nick_change: bool = False,
        presence_id: str | None = None,
        mav_until: str | None = None,
    ) -> None:
        """Show them to one full JID, or, without one, to everyone as having come in."""
        if full_jid is None:
            self.appear()
            return
        face = self.muc.room.face(self.occupant)
        codes = (210,) if nick_change else ()
        fact = Appearance(face, codes=codes, stanza_id=presence_id or "")
        self.muc.live.show_to(str(full_jid), fact)

    def appear(self) -> None:
        """Be in the room, if that is not so already."""
        if self.occupant.here or not self._is_known:
            return
        self.occupant.present = True
        self._show_again()

    def _show_again(self) -> None:
        room = self.muc.room
        room.version += 1
        shown = room.to_all(Appearance(room.face(self.occupant))) if self.occupant.here else []
        self._tell(shown)

    @property
    def _is_known(self) -> bool:
        """Whether the room has them in its books: not the room itself, nor who has left."""
        return self.muc.room.people.get(self.occupant.member) is self.occupant

    def _tell(self, shown: list[Delivery]) -> None:
        self.muc.tell(self.occupant, shown)

    def _show(self, show: Show, status: str | None, last_seen: datetime | None) -> None:
        if last_seen is not None and last_seen.tzinfo is None:
            last_seen = last_seen.astimezone(UTC)
        if not self._is_known:
            return
        was_here = self.occupant.here
        shown = showing.appear(self.muc.room, self.occupant, show, status or "", last_seen)
        if was_here or not self.muc.is_filling:  # else shown when all of them is said
            self._tell(shown)

    def online(self, status: str | None = None, last_seen: datetime | None = None) -> None:
        self._show("", status, last_seen)

    def away(self, status: str | None = None, last_seen: datetime | None = None) -> None:
        self._show("away", status, last_seen)

    def extended_away(self, status: str | None = None, last_seen: datetime | None = None) -> None:
        self._show("xa", status, last_seen)

    def busy(self, status: str | None = None, last_seen: datetime | None = None) -> None:
        self._show("dnd", status, last_seen)

    def offline(self, status: str | None = None, last_seen: datetime | None = None) -> None:
        """Be out of the room, and still on its list."""
        if self._is_known:
            self._tell(remove(self.muc.room, self.occupant))

    def send_last_presence(self, force: bool = False, no_cache_online: bool = False) -> None:
        if self.contact is not None:
            self.occupant.photo = photo_of(self.contact)
        self._show_again()

    def leave(self) -> None:
        """They left the group."""
        self.muc.remove_participant(self)

    def kick(self, reason: str | None = None) -> None:
        """They were kicked from the group."""
        self.muc.remove_participant(self, kick=True, reason=reason)

    def ban(self, reason: str | None = None) -> None:
        """They were banned from the group."""
        self.muc.remove_participant(self, ban=True, reason=reason)

    def displayed(self, legacy_msg_id: str, **kwargs: Any) -> None:
        """They have read up to a message (XEP-0333); of the user, their own clients learn too."""
        if self.is_user and self.muc.is_marked(str(legacy_msg_id)):
            return
        if self.occupant.here:
            carbon = bool(kwargs.get("carbon"))
            self._send(self._make_marker(legacy_msg_id, "displayed", carbon=carbon), **kwargs)
        if self.is_user:
            self.session.create_task(self.muc.read_elsewhere(str(legacy_msg_id)))

    def set_thread_subject(
        self, thread: str, subject: str | None, when: datetime | None = None
    ) -> None:
        """They say what a thread is about; None for nothing any more."""
        super().set_thread_subject(self.muc.thread_of(thread), subject, when)

    # What slidge's database mixin offers

    def commit(self) -> None:
        self.muc.live.keeping.changed()

    def merge(self) -> None:
        """Nothing: the occupant is in memory."""

    # What the mixins would build with a database

    def _recipient_pk(self) -> int:
        return self.muc.live.id

    def _legacy_to_xmpp(self, legacy_id: str) -> list[str]:
        return [self.muc.stanza_id(str(legacy_id))]

    def _replace_id(self, legacy_msg_id: str) -> str:
        return self._original_id(str(legacy_msg_id))

    def _make_message(  # type: ignore[override]
        self, *args: Any, thread: str | None = None, **kwargs: Any
    ) -> Message:
        if kwargs.get("mbody"):
            kwargs["mbody"] = bearable(kwargs["mbody"])
        message = super()._make_message(*args, **kwargs)
        if thread:
            message["thread"] = bearable(self.muc.thread_of(thread))
        return message

    def _set_msg_id(self, msg: Message, legacy_msg_id: str | None = None) -> None:
        ident = ident_of(msg)
        ident.legacy_id = None if legacy_msg_id is None else str(legacy_msg_id)
        ident.stanza_id = self.muc.stanza_id(ident.legacy_id)
        msg.set_id(ident.stanza_id)

    def _add_delay(self, msg: Message, when: datetime | None) -> None:
        if when is not None:
            ident_of(msg).when = when if when.tzinfo else when.astimezone(UTC)

    # What the user asks of them

    async def on_set_affiliation(
        self, affiliation: MucAffiliation, reason: str | None, nickname: str | None
    ) -> None:
        """The user wants this person's affiliation changed. By default: the room's own callback."""
        await self.muc.on_set_affiliation(self.contact, affiliation, reason, nickname)

    async def on_kick(self, reason: str | None) -> None:
        """The user wants this person out. By default: the room's own callback."""
        await self.muc.on_kick(self.contact, reason)

    async def on_set_role(self, role: MucRole, reason: str | None) -> None:
        """The user wants this person's role changed. By default: the room's own callback."""
        await self.muc.on_set_role(self, role, reason)

    async def on_rename(self, nickname: str) -> str:
        """The user wants this person called otherwise in the group, "" as they are elsewhere;
        answers with the name they got."""
        raise NotImplementedError

    async def on_invitation(self, reason: str | None) -> None:
        """The user invites this person; by default that makes them a member."""
        await self.on_set_affiliation("member", reason, None)
