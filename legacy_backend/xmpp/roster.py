"""Who is in a room, as members of a group: as it is, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from legacy_backend.events import Departure, MemberChanged, MemberJoined, MemberLeft
from legacy_backend.terms import Affiliation, GroupId, MemberId, Role
from legacy_backend.values import Hat, Member
from legacy_backend.xmpp.muc import LeaveMode, Occupant, Room, RoomState
from legacy_backend.xmpp.puppet import Puppet
from legacy_backend.xmpp.who import Who

_DEPARTURES = {
    LeaveMode.KICKED: Departure.KICKED,
    LeaveMode.BANNED: Departure.BANNED,
    LeaveMode.AFFILIATION_CHANGE: Departure.REMOVED,
    LeaveMode.MODERATION_CHANGE: Departure.REMOVED,
}
"""All others are just gone."""

_AFFILIATIONS: dict[str | None, Affiliation] = {one.word: one for one in Affiliation}
_ROLES: dict[str | None, Role] = {one.word: one for one in Role}


def departure(mode: LeaveMode) -> Departure:
    return _DEPARTURES.get(mode, Departure.LEFT)


class Roster:
    """Of the room that it listens to. What is told during a join is no news."""

    def __init__(self, puppet: Puppet, group: GroupId, who: Who) -> None:
        self._puppet = puppet
        self._group = group
        self._who = who
        self._room: Room | None = None
        self._shown: dict[MemberId, Member] = {}

    def listen(self, room: Room) -> None:
        """From now on to this one, another visit."""
        self._room = room
        room.on_muc_active.connect(self._active)
        room.on_join.connect(self._joined)
        room.on_leave.connect(self._left)
        room.on_presence_changed.connect(lambda one, *_, **__: self._changed(one))
        room.on_nick_changed.connect(self._renamed)
        room.on_muc_affiliation_changed.connect(self._standing)
        room.on_muc_role_changed.connect(self._standing)

    def clear(self) -> None:
        """We are out for good: whoever is here when we come again is told by asking."""
        self._shown.clear()

    async def members(self) -> Sequence[Member]:
        """Who is in the room, and who is on its lists, as far as we may know."""
        room = self._room
        if room is None or not room.muc_joined:
            return []
        here = dict(map(self._member, room.members))
        self._shown = dict(here)
        people = dict(here)
        known = {one.direct_jid.bare for one in room.members if one.direct_jid is not None}
        me = room.me
        if me is None or me.affiliation not in ("member", "admin", "owner"):
            return list(people.values())
        for standing, items in (await self._lists(room)).items():
            for item in items:
                if item.jid is None or item.jid.bare in known or item.jid.bare == self._puppet.me:
                    continue
                id = MemberId(item.jid.bare)
                name = item.nick or item.jid.local or item.jid.domain
                people[id] = Member(id=id, name=name, affiliation=standing, present=False)
        return list(people.values())

    async def _lists(self, room: Room) -> dict[Affiliation, Any]:
        """Who has each affiliation; nobody where the room does not tell us."""
        listed = [one for one in Affiliation if one is not Affiliation.NONE]
        asked = [self._puppet.client.get_affiliated(room.jid, one.word) for one in listed]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        known = zip(listed, answers, strict=True)
        return {one: items for one, items in known if not isinstance(items, BaseException)}

    # What the room signals

    def _active(self, **_: Any) -> None:
        """All who are here are told: what is new of that, compared to when we were here last."""
        if self._room is None:
            return
        here = dict(map(self._member, self._room.members))
        before, self._shown = self._shown, here
        if not before:
            return
        for gone in before.keys() - here.keys():
            self._put(MemberLeft, id=gone)
        for id, member in here.items():
            if id not in before:
                self._put(MemberJoined, member=member)
            elif before[id] != member:
                self._put(MemberChanged, member=member)

    def _joined(self, occupant: Occupant, **_: Any) -> None:
        id, member = self._member(occupant)
        if self._is_settled():
            self._shown[id] = member
            self._put(MemberJoined, member=member)

    def _changed(self, occupant: Occupant, **why: Any) -> None:
        id, member = self._member(occupant)
        if self._is_settled() and self._shown.get(id) != member:
            self._shown[id] = member
            self._put(MemberChanged, member=member, **why)

    def _renamed(self, occupant: Occupant, old: str, new: str, **_: Any) -> None:
        self._who.renamed(old, new)
        self._changed(occupant)

    def _standing(
        self,
        occupant: Occupant,
        *,
        actor: Any = None,
        reason: str | None = None,
        **_: Any,
    ) -> None:
        # A change that a departure carries is told with that.
        if self._room is not None and self._room.occupant(occupant.nick) is occupant:
            self._changed(occupant, by=self.actor(actor), reason=reason or "")

    def _left(
        self,
        occupant: Occupant,
        *,
        muc_leave_mode: LeaveMode,
        muc_actor: Any = None,
        muc_reason: str | None = None,
        **_: Any,
    ) -> None:
        by = self.actor(muc_actor)
        id = self._who.left(occupant.nick)
        if id is None:
            return
        member = self._shown.pop(id, None)
        how = departure(muc_leave_mode)
        stays_listed = occupant.affiliation in ("member", "admin", "owner")
        if how is not Departure.LEFT or not stays_listed:
            self._put(MemberLeft, id=id, how=how, by=by, reason=muc_reason or "")
        if stays_listed and member is not None:
            self._put(MemberChanged, member=replace(member, present=False, role=None))

    def _is_settled(self) -> bool:
        """Whether what is told now is news, and not who was here when we came."""
        return self._room is not None and self._room.muc_state in (
            RoomState.HISTORY,
            RoomState.ACTIVE,
        )

    def _member(self, occupant: Occupant) -> tuple[MemberId, Member]:
        id = self._who.came(occupant)
        state = occupant.presence_state
        return id, Member(
            id=id,
            name=occupant.nick,
            affiliation=_AFFILIATIONS.get(occupant.affiliation, Affiliation.NONE),
            role=_ROLES.get(occupant.role, Role.PARTICIPANT),
            user=self._puppet.user if occupant.is_self else None,
            show=state.show,  # type: ignore[arg-type]
            status=occupant.presence_status.any() or "",
            hats=tuple(Hat(*hat) for hat in occupant.hats),
            photo=occupant.photo,
        )

    def actor(self, actor: Any) -> MemberId | None:
        """Who did it, if the room says so."""
        if actor is None:
            return None
        named = self._who.named(actor.nick)
        if named is None and actor.jid is not None:
            return MemberId(actor.jid.bare)
        return named

    def _put(self, kind: Any, **what: Any) -> None:
        self._puppet.put(kind(to=self._puppet.user, group=self._group, **what))
