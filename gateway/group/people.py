"""The participants of a room, for plugins: getting, making and removing them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from slidge.contact import LegacyContact
from slidge.contact.roster import ContactIsUser
from slidge.util.types import MucAffiliation
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.escaping import unescape
from gateway.group.everyone import Everyone
from gateway.group.occupants import P, is_called
from gateway.room.removal import remove
from gateway.room.state import Occupant
from legacy_backend.terms import Affiliation, MemberId, Role


class People(Everyone[P]):
    """The part of a room handle that deals in participants."""

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
        if occupant_id and occupant_id != new.member:
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
            known = known if known is not None and is_called(known, nickname) else None
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
            given = self._by_given_id.get(occupant_id, MemberId(occupant_id))
            occupant = self.room.people.get(given)
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
        await self.ensure_people(urgent=False)
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
        self._forget_handle(p.occupant.member)

    def rename_participant(self, old_nickname: str, new_nickname: str) -> None:
        """Somebody is called otherwise now; nothing if nobody had the old name."""
        occupant = self.room.nicks.get(old_nickname)
        if occupant is not None:
            self.handle_of(occupant).nickname = new_nickname

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

    async def invite_person(self, person: Occupant, reason: str | None) -> None:
        """Have the network invite somebody."""
        handle = self.handle_of(person)
        await handle.on_invitation(reason)

    async def picture_of(self, occupant: Occupant) -> bytes | None:
        """The picture of an occupant, as PNG; None if they have none."""
        contact = self.handle_of(occupant).contact
        cached = None if contact is None else contact.get_cached_avatar()
        return None if cached is None else await asyncio.to_thread(cached.path.read_bytes)


def photo_of(contact: LegacyContact) -> str | None:
    """The hash of a contact's picture, None if it is not known to have one."""
    avatar = contact.get_cached_avatar()
    return None if avatar is None else avatar.hash
