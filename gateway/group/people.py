"""Whom a room handle knows: getting, making and removing participants, and asking for them all."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from slidge.contact import LegacyContact
from slidge.contact.roster import ContactIsUser
from slidge.util.types import MucAffiliation
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.escaping import unescape
from gateway.group.handle import Handle
from gateway.group.lasting import lasting
from gateway.group.turns import Turns
from gateway.room.nick import carried, free_nick
from gateway.room.people import Person, seen
from gateway.room.removal import remove
from gateway.room.state import Appearance, Delivery, Face, Occupant, OccupantId
from legacy_backend.terms import Affiliation, MemberId, Role, UserId

if TYPE_CHECKING:
    from gateway.group.participant import LegacyParticipant

P = TypeVar("P", bound="LegacyParticipant[Any]")

ME = MemberId("slidge-user")
"""The user's member id where the network's own is not known (`contacts.user_legacy_id`)."""


class People(Handle, Generic[P]):
    """The part of a room handle that deals in participants."""

    KEEP_BACKFILLED_PARTICIPANTS = False
    """Whether those who wrote what `backfill` reads are in the room, since `fill_participants`
    does not know everybody. Otherwise they are forgotten unless they turn up again."""

    _participant_cls: type[P]
    user_nick: str

    def _init_people(self) -> None:
        self._participants: dict[MemberId, P] = {}
        self._from_the_past: list[Occupant] | None = None
        self._by_given_id: dict[str, MemberId] = {}
        self._filling: dict[MemberId, tuple[bool, Face]] | None = None

    @property
    def participants_filled(self) -> bool:
        return self.live.people_known

    # Occupants

    @property
    def my_member_id(self) -> MemberId:
        """The user's id on the network."""
        return MemberId(str(self.session.contacts.user_legacy_id or ME))

    def me(self) -> Occupant | None:
        """The occupant standing for the user, if the room knows them."""
        return self.room.person_of(UserId(self.session.user_jid.bare))

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
        if known is None or _is_called(known, nickname):
            return MemberId(nickname)
        return MemberId(uuid.uuid4().hex)

    def mark_user(self, occupant: Occupant, value: bool) -> None:
        """Say whether an occupant stands for the user."""
        occupant.user = UserId(self.session.user_jid.bare) if value else None

    def handle_of(self, occupant: Occupant, contact: LegacyContact | None = None) -> P:
        """The participant for an occupant; always the same one."""
        known = self._participants.get(occupant.member)
        if known is not None and known.occupant is occupant:
            if contact is not None:
                known.contact = contact
            return known
        if contact is None and occupant.jid and occupant.user is None:
            contact = self.session.contacts.by_jid_only_if_exists(JID(JID(occupant.jid).bare))
        make: Any = self._participant_cls
        handle: P = make(self, occupant=occupant, contact=contact)
        self._participants[occupant.member] = handle
        return handle

    @property
    def is_filling(self) -> bool:
        """Whether the plugin is just yielding who is in the group."""
        return self._filling is not None

    def tell(self, occupant: Occupant, shown: list[Delivery]) -> None:
        """Show what has changed of somebody."""
        self.live.show(shown)
        if shown and self._filling is not None:
            self._filling[occupant.member] = (occupant.here, self.room.face(occupant))

    def _announce_later(self, handle: P) -> None:
        """Show a new participant once the plugin, which made it just now, has described it."""
        if self._filling is None and self.participants_filled and not self._backfill_runs:
            asyncio.get_running_loop().call_soon(self._announce, handle)

    def _announce(self, handle: P) -> None:
        occupant = handle.occupant
        if self.room.people.get(occupant.member) is occupant:
            handle.appear()

    @property
    def _backfill_runs(self) -> bool:
        return False

    @contextmanager
    def meeting_the_past(self) -> Iterator[None]:
        """While the history is read: what becomes of those who are new in it."""
        met: list[Occupant] = []
        self._from_the_past = met
        try:
            yield
        finally:
            self._from_the_past = None
            for occupant in met:
                if self.room.people.get(occupant.member) is not occupant or occupant.here:
                    continue
                if self.KEEP_BACKFILLED_PARTICIPANTS:
                    self.handle_of(occupant).appear()
                elif not self.is_filling:
                    self._participants.pop(occupant.member, None)
                    self.room.unfile(occupant)
            self.live.keeping.changed()

    # The plugin API

    async def get_participant(
        self,
        nickname: str | None = None,
        raise_if_not_found: bool = False,
        fill_first: bool = False,
        store: bool = True,
        *,
        create: bool = True,
        is_user: bool = False,
        occupant_id: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """A participant by nickname, or by an id of the network's; made if nobody has it.

        In groups where people are contacts, `get_participant_by_contact` is what is wanted.
        `raise_if_not_found` raises item-not-found instead of making one, `create` False answers
        None. `store` False forgets a new one with the process. Other arguments are those of
        `LegacyParticipant`.
        """
        if nickname is None and occupant_id is None:
            raise TypeError("get_participant wants a nickname or an occupant_id")
        if fill_first:
            await self.ensure_people()
        occupant = self._known(nickname, occupant_id, is_user)
        if occupant is not None:
            if store:
                self.live.keeping.passing.discard(occupant.member)
            handle = self.handle_of(occupant)
            if handle.contact is None and occupant.jid and occupant.user is None:
                handle.contact = await self._contact_at(JID(occupant.jid))
            return self._renamed(handle, nickname, occupant_id)
        if raise_if_not_found:
            raise XMPPError("item-not-found", f"Nobody in this group is called {nickname}.")
        if not create:
            return None
        member = MemberId(occupant_id) if occupant_id and not is_user else None
        new = self.new_occupant(
            nickname or occupant_id,
            is_user=is_user,
            member=member,
            keep=store,
            role=Role[kwargs.get("role", "participant").upper()],
            affiliation=Affiliation[kwargs.get("affiliation", "member").upper()],
        )
        if occupant_id:
            self._by_given_id[occupant_id] = new.member
        handle = self.handle_of(new)
        if store and not is_user:
            self._announce_later(handle)
        return handle

    def _known(self, nickname: str | None, given: str | None, is_user: bool) -> Occupant | None:
        if is_user and (me := self.me()) is not None:
            return me
        if given is not None:
            member = self._by_given_id.get(given, MemberId(given))
            return self.room.people.get(member)
        assert nickname is not None
        known = self.room.nicks.get(nickname)
        if known is None:
            known = self.room.people.get(MemberId(nickname))
            known = known if known is not None and _is_called(known, nickname) else None
        return known

    async def _contact_at(self, jid: JID) -> LegacyContact | None:
        """The contact whose address somebody has, of whom the last process may have known."""
        if jid.domain != self.live.host.domain:
            return None
        try:
            contact: LegacyContact = await self.session.contacts.by_jid(jid)
        except (XMPPError, ContactIsUser):
            return None
        return contact

    def _renamed(self, handle: P, nickname: str | None, given: str | None) -> P:
        if given and nickname and handle.nickname != nickname and not handle.is_user:
            handle.nickname = nickname
        return handle

    async def get_user_participant(self, **kwargs: Any) -> P:
        """The participant standing for the gateway's user."""
        handle: P = await self.get_participant(self.user_nick, is_user=True, **kwargs)
        return handle

    def get_system_participant(self) -> P:
        """The group itself, for what nobody in it said."""
        make: Any = self._participant_cls
        system: P = make(self, is_system=True)
        return system

    async def get_participant_by_contact(
        self,
        c: LegacyContact,
        *,
        create: bool = True,
        occupant_id: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """The participant who is a contact, so that their JID shows in groups that show JIDs."""
        await self.session.contacts.ready
        member = MemberId(str(c.legacy_id))
        occupant = self.room.people.get(member)
        if occupant is None and occupant_id is not None:
            occupant = self.room.people.get(self._by_given_id.get(occupant_id, MemberId("")))
        if occupant is not None:
            occupant.jid = str(c.jid)
            return self.handle_of(occupant, c)
        if not create:
            return None
        name = c.name or unescape(c.jid.node)
        new = self.new_occupant(name, member=member, jid=str(c.jid))
        new.photo = photo_of(c)
        if occupant_id:
            self._by_given_id[occupant_id] = member
        handle = self.handle_of(new, c)
        self._announce_later(handle)
        return handle

    async def get_participant_by_legacy_id(
        self, legacy_id: str, *, occupant_id: str | None = None, create: bool = True
    ) -> Any:
        """The participant whom the network knows by an id; the user's own for the user's."""
        try:
            contact = await self.session.contacts.by_legacy_id(legacy_id)
        except ContactIsUser:
            return await self.get_user_participant(occupant_id=occupant_id)
        return await self.get_participant_by_contact(
            contact, create=create, occupant_id=occupant_id
        )

    async def get_participants(self, affiliation: MucAffiliation | None = None) -> AsyncIterator[P]:
        """Everyone on the group's list, or those of one affiliation."""
        await self.ensure_people()
        for occupant in list(self.room.people.values()):
            if affiliation is None or occupant.affiliation.word == affiliation:
                yield self.handle_of(occupant)

    def remove_participant(
        self, p: P, kick: bool = False, ban: bool = False, reason: str | None = None
    ) -> None:
        """Somebody left the group, was kicked from it, or was banned."""
        if kick and ban:
            raise TypeError("Somebody is either kicked or banned.")
        codes = (307,) if kick else (301,) if ban else ()
        rank = Affiliation.OUTCAST if ban else Affiliation.NONE
        self.live.show(
            remove(
                self.room, p.occupant, codes=codes, reason=reason or "",
                affiliation=rank, forget=not ban,
            )
        )  # fmt: skip
        self._participants.pop(p.occupant.member, None)

    def rename_participant(self, old_nickname: str, new_nickname: str) -> None:
        """Somebody is called otherwise now; nothing if nobody had the old name."""
        occupant = self.room.nicks.get(old_nickname)
        if occupant is not None:
            self.handle_of(occupant).nickname = new_nickname

    # Asking the network for everyone

    async def fill_participants(self) -> AsyncIterator[P]:
        """Yield all members of the group, described. To be overridden."""
        nobody: tuple[P, ...] = ()
        for participant in nobody:
            yield participant

    async def ensure_people(self) -> None:
        """Have the whole list, asking the network once in the life of the process."""
        if self.live.people_known:
            return
        async with self.live.filling:
            if not self.live.people_known:
                await self._fetch_people()
                self.live.people_known = True

    async def _fetch_people(self) -> None:
        room, turns = self.room, Turns()
        watched = room.people.items() if room.seats else ()
        before = {member: (person.here, room.face(person)) for member, person in watched}
        self._filling = before
        listed: set[MemberId] = set()
        try:
            async for handle in self.fill_participants():
                listed.add(handle.occupant.member)
                handle.occupant.present = handle.occupant.affiliation is not Affiliation.OUTCAST
                await turns.pause()
        finally:
            self._filling = None
        if self.me() is None:
            self.new_occupant(self.user_nick, is_user=True)
        room.version += 1
        for member, occupant in list(room.people.items()):
            await turns.pause()
            if room.people.get(member) is not occupant:
                continue
            unlisted = listed and member not in listed and occupant.user is None
            if unlisted and not self.KEEP_BACKFILLED_PARTICIPANTS:
                self.live.show(
                    remove(self.room, occupant, affiliation=Affiliation.NONE, forget=True)
                )
            elif room.seats and occupant.here:
                face = room.face(occupant)
                if before.get(member) != (True, face):
                    self.live.show(room.to_all(Appearance(face)))
        lasting.came(len(listed))
        self.live.keeping.changed()

    # People whom the room does not know yet

    async def person_for(self, jid: JID) -> Occupant | None:
        """Somebody of the network by the JID of their contact; None if nobody is there."""
        if jid.domain != self.live.host.domain:
            return None
        try:
            contact = await self.session.contacts.by_jid(jid)
        except XMPPError:
            return None
        name = contact.name or unescape(jid.node)
        member = MemberId(str(contact.legacy_id))
        return self.new_occupant(
            name, member=member, jid=str(contact.jid), affiliation=Affiliation.NONE
        )

    def stranger(self, person: Person) -> Occupant:
        """Somebody the network knows, filed without any standing and without being shown."""
        occupant = self.new_occupant(
            person.name, member=person.member, jid=person.jid, affiliation=Affiliation.NONE
        )
        occupant.user, occupant.photo = person.user, person.photo
        return occupant

    async def invite_person(self, person: Occupant, reason: str | None) -> None:
        """Have the network invite somebody."""
        handle = self.handle_of(person)
        await handle.on_invitation(reason)

    async def picture_of(self, occupant: Occupant) -> bytes | None:
        """The picture of an occupant, as PNG; None if they have none."""
        contact = self.handle_of(occupant).contact
        cached = None if contact is None else contact.get_cached_avatar()
        return None if cached is None else await asyncio.to_thread(cached.path.read_bytes)

    def see(self, person: Person, *, actor: str = "", reason: str = "") -> Occupant:
        """Bring one person up to date, as the network describes them, and show what is new."""
        occupant, shown = seen(self.room, person, actor=actor, reason=reason)
        self.live.show(shown)
        return occupant


def _is_called(person: Occupant, nickname: str) -> bool:
    """Whether that is still the name of somebody filed under it, as far as XMPP can carry it."""
    wish = carried(nickname)
    return not wish or person.nick == wish or person.nick.startswith(f"{wish} (")


def photo_of(contact: LegacyContact) -> str | None:
    """The hash of a contact's picture, None if it is not known to have one."""
    avatar = contact.get_cached_avatar()
    return None if avatar is None else avatar.hash
