"""Whom a room handle knows, and the handles on them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from slidge.contact import LegacyContact
from slixmpp import JID

from gateway.group.handle import Handle
from gateway.room.nick import carried, free_nick
from gateway.room.people import Person, seen
from gateway.room.state import Face, Occupant, OccupantId
from legacy_backend.terms import Affiliation, MemberId, Role, UserId

if TYPE_CHECKING:
    from gateway.group.participant import LegacyParticipant

P = TypeVar("P", bound="LegacyParticipant[Any]")

ME = MemberId("slidge-user")
"""The user's member id where the network's own is not known (`contacts.user_legacy_id`)."""


class Occupants(Handle, Generic[P]):
    """The part of a room handle that knows who is in the room's books, and puts them there."""

    _participant_cls: type[P]
    user_nick: str

    def _init_people(self) -> None:
        self._from_the_past: list[Occupant] | None = None
        self._by_given_id: dict[str, MemberId] = {}
        """Those of the ids by which plugins ask for people that are not the people's own."""
        self._filling: dict[MemberId, tuple[bool, Face]] | None = None

    @property
    def my_member_id(self) -> MemberId:
        """The user's id on the network."""
        return MemberId(str(self.session.contacts.user_legacy_id or ME))

    def me(self) -> Occupant | None:
        """The occupant standing for the user, if the room knows them."""
        return self.room.person_of(UserId(self.session.user_jid.bare))

    @property
    def is_mine(self) -> bool:
        """Whether the user is in the group, as far as is known."""
        return self.me() is not None or not self.live.people_known

    def new_occupant(
        self,
        nickname: str | None,
        *,
        is_user: bool = False,
        is_system: bool = False,
        role: Role = Role.PARTICIPANT,
        affiliation: Affiliation = Affiliation.MEMBER,
        member: MemberId | None = None,
        jid: str | None = None,
        keep: bool = True,
    ) -> Occupant:
        """An occupant, in the room's books unless it is the room itself. `keep` False forgets them
        with the process.

        They are not shown before they do something, so that a plugin can first say what they are.
        """
        if is_system:
            return Occupant(MemberId(""), OccupantId("room"), "")
        if member is None and is_user:
            member = self.my_member_id
        elif member is None:
            member = self._member_called(nickname)
        known = self.room.people.get(member)
        if known is not None:
            return known
        nick = free_nick(self.room, nickname or member, None, member)
        occupant = Occupant(
            member=member,
            id=self.live.host.ids.occupant_id(self.live.key, member),
            nick=nick,
            affiliation=affiliation,
            given_role=None if role is Role.PARTICIPANT else role,
            user=UserId(self.session.user_jid.bare) if is_user else None,
            jid=jid,
            present=False,
        )
        self.room.file(occupant)
        if self._from_the_past is not None and not is_user:
            self._from_the_past.append(occupant)
        if keep:
            self.live.keeping.changed()
        else:
            self.live.keeping.passing.add(member)
        return occupant

    def _member_called(self, nickname: str | None) -> MemberId:
        """The id of somebody of whom nothing but a name is known: that, unless it is another's."""
        if nickname is None:
            return MemberId(uuid.uuid4().hex)
        known = self.room.people.get(MemberId(nickname))
        if known is None or is_called(known, nickname):
            return MemberId(nickname)
        return MemberId(uuid.uuid4().hex)

    def mark_user(self, occupant: Occupant, value: bool) -> None:
        """Say whether an occupant stands for the user."""
        occupant.user = UserId(self.session.user_jid.bare) if value else None

    def handle_of(self, occupant: Occupant, contact: LegacyContact | None = None) -> P:
        """The participant for an occupant: the same one while anybody holds it."""
        handles = self.live.host.handles
        known: P | None = handles.of(self, occupant.member)
        if known is not None and known.occupant is occupant:
            if contact is not None:
                known.contact = contact
            return known
        if contact is None and occupant.jid and occupant.user is None:
            contact = self.session.contacts.by_jid_only_if_exists(JID(JID(occupant.jid).bare))
        make: Any = self._participant_cls
        handle: P = make(self, occupant=occupant, contact=contact)
        handles.add(self, occupant.member, handle)
        return handle

    def _forget_handle(self, member: MemberId) -> None:
        """The next handle on somebody is to be a new one."""
        self.live.host.handles.forget(self, member)

    def see(self, person: Person, *, actor: str = "", reason: str = "") -> Occupant:
        """Bring one person up to date, as the network describes them, and show what is new."""
        occupant, shown = seen(self.room, person, actor=actor, reason=reason)
        self.live.show(shown)
        return occupant

    def stranger(self, person: Person) -> Occupant:
        """Somebody the network knows, filed without any standing and without being shown."""
        occupant = self.new_occupant(
            person.name, member=person.member, jid=person.jid, affiliation=Affiliation.NONE
        )
        occupant.user, occupant.photo = person.user, person.photo
        return occupant


def is_called(person: Occupant, nickname: str) -> bool:
    """Whether that is still the name of somebody filed under it, as far as XMPP can carry it."""
    wish = carried(nickname)
    return not wish or person.nick == wish or person.nick.startswith(f"{wish} (")
