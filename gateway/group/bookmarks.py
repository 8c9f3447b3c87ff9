"""`LegacyBookmarks`: the groups of one user (seed API: slidge.group.LegacyBookmarks)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import slidge.group.bookmarks
from slidge.util.types import LegacyMUCType, SpaceMetadata
from slidge.util.util import SubclassableOnce
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.escaping import escape, unescape
from gateway.group.lasting import lasting
from gateway.group.live import LiveRoom
from gateway.group.rooms import SHARED, Rooms
from gateway.store.address import is_plain
from legacy_backend.terms import Affiliation, GroupId, MemberId, UserId

if TYPE_CHECKING:
    _Base = slidge.group.bookmarks.LegacyBookmarks[LegacyMUCType]
else:
    _Base = slidge.group.bookmarks.LegacyBookmarks

AS_PEOPLE = 10
"""As how many people a room counts that stays."""


class LegacyBookmarks(_Base[LegacyMUCType], SubclassableOnce):
    """The groups that a user is in. To be subclassed once by a plugin, which overrides `fill`."""

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._mucs: dict[GroupId, LegacyMUCType] = {}
        self._opening: dict[GroupId, asyncio.Future[LegacyMUCType]] = {}

    @property
    def rooms(self) -> Rooms:
        """All rooms of the gateway."""
        return cast(Rooms, cast(Any, self.xmpp).rooms)

    @property
    def owner(self) -> UserId:
        """Whose the rooms are that this user joins: their own, or everyone's."""
        return SHARED if cast(Any, self._muc_cls).SHARED else UserId(self.user_jid.bare)

    def __iter__(self) -> Iterator[LegacyMUCType]:
        return iter(list(self._mucs.values()))

    def known(self, group: GroupId) -> LegacyMUCType | None:
        """The user's room for a group, if it is open."""
        return self._mucs.get(group)

    def drop(self, group: GroupId) -> None:
        """Forget that the user is in a group; the room itself stays."""
        self._mucs.pop(group, None)

    def from_store(self, stored: Any) -> LegacyMUCType:
        return self._mucs[stored.legacy_id]

    # Addresses

    async def legacy_id_to_jid_username(self, legacy_id: str) -> str:
        """The localpart that a group would like: its id, escaped (XEP-0106).

        A plugin may override this, and may raise XMPPError for what is no group. Where the wish
        cannot be had (letter case, length, taken), another is made up, once and for all.
        """
        return escape(str(legacy_id))

    async def jid_username_to_legacy_id(self, jid_username: str) -> str:
        """The group that a localpart stands for, if it is not one that was made up."""
        return unescape(jid_username)

    async def by_jid(self, jid: JID) -> Any:
        """The user's room at an address.

        Raises XMPPError: "item-not-found" if there is no such group for this user.
        """
        if not jid.node:
            raise XMPPError("item-not-found", "This is no room.")
        live = self.rooms.at(UserId(self.user_jid.bare), jid.node)
        if live is not None:
            return await self.by_legacy_id(live.room.group)
        return await self.by_legacy_id(await self.jid_local_part_to_legacy_id(jid.node))

    async def address_of(self, group: GroupId) -> str:
        """Where the user finds a group that they need not be in yet."""
        live = self.rooms.of(self.owner, group)
        if live is None:
            wish = await self.legacy_id_to_jid_local_part(group)
            taken = self.rooms.at(UserId(self.user_jid.bare), wish) is not None
            back = await self.jid_local_part_to_legacy_id(wish)
            if not taken and is_plain(wish) and back == group:
                return f"{wish}@{self.rooms.host.domain}"
            live = await self.rooms.obtain(self.owner, group, wish)
        return live.room.jid

    def by_jid_only_if_exists(self, jid: JID) -> LegacyMUCType | None:
        live = self.rooms.at(UserId(self.user_jid.bare), jid.node)
        return None if live is None else self._mucs.get(live.room.group)

    async def by_legacy_id(self, legacy_id: Any, create: bool = True) -> Any:
        """The user's room for a group, described by `LegacyMUC.update_info` when it is new here.

        `create` False answers None for a group that was not seen yet. Raises what `update_info`
        raises: a group that it refuses is not the user's.
        """
        group = GroupId(str(legacy_id))
        muc = self._mucs.get(group)
        if muc is not None and (muc.stored.updated or not self.session.logged):
            return muc
        if not create:
            return None
        opening = self._opening.get(group)
        if opening is None:
            opening = asyncio.ensure_future(self._open(group))
            self._opening[group] = opening
            opening.add_done_callback(lambda _: self._opening.pop(group, None))
        return await asyncio.shield(opening)

    async def _open(self, group: GroupId) -> LegacyMUCType:
        known = self.rooms.of(self.owner, group)
        wish = "" if known else await self.legacy_id_to_jid_local_part(group)
        live = known or await self.rooms.obtain(self.owner, group, wish)
        make: Any = self._muc_cls
        muc: LegacyMUCType = self._mucs.get(group) or make(self.session, live)
        try:
            if known is None or self.session.logged or not self._was_in(known):
                await self._describe(muc)
        except BaseException:
            if known is None and not live.room.people and not self._shared_by_others(live):
                await self.rooms.forget(live)
            raise
        self._mucs[group] = muc
        if live.keeping.extra.pop("quit", None):
            live.keeping.changed()
        lasting.came(AS_PEOPLE)
        return muc

    async def _describe(self, muc: LegacyMUCType) -> None:
        try:
            with muc.updating_info():
                await muc.update_info()
        except NotImplementedError:
            muc.stored.updated = True
        except XMPPError:
            raise
        except Exception as error:
            self.log.exception("update_info failed for %s", muc)
            raise XMPPError("internal-server-error", "The group could not be read.") from error

    def _was_in(self, live: LiveRoom) -> bool:
        """Whether the user was in a group when the network was last heard of: as long as it is
        out of reach, their room can still be read."""
        user = UserId(self.user_jid.bare)
        if live.room.owner is not None:
            return live.room.owner == user and not live.keeping.extra.get("quit")
        person = live.room.person_of(user)
        return person is not None and person.affiliation is not Affiliation.OUTCAST

    def _shared_by_others(self, live: Any) -> bool:
        return live.room.owner is None and bool(live.room.seats)

    # Coming and going

    async def on_create(self, localpart: str) -> GroupId:
        """The user joins a room that is not there: make a group of which they are the owner.

        Answers with its legacy id. By default there are no groups of users' own making.
        """
        raise XMPPError("item-not-found", "There is no such group.")

    def catch_up(self) -> None:
        """Have every room read what it missed while nobody listened, when its turn comes."""
        for muc in self:
            self.rooms.host.filler.add(cast(Any, muc))

    async def remove(
        self,
        muc: Any,
        reason: str = "You left this group from the official client.",
        kick: bool = True,
    ) -> None:
        """The user is no longer in a group: delete everything about it.

        `kick` tells the user's clients, with `reason`; False where that was done elsewhere. The
        archive of a room that others share stays theirs.
        """
        if kick:
            muc.show_removed(reason, (307,))
        self.left(muc, None)
        if muc.room.owner is not None:
            await self.rooms.forget(muc.live)

    def left(self, muc: Any, member: MemberId | None) -> None:
        """The user is no longer in a group, where they were this member, but may be again: their
        archive of it waits for them, and what is said meanwhile is missing from it."""
        self.drop(muc.legacy_id)
        self.session.create_task(muc.remove_from_bookmarks())
        if muc.room.owner is not None:
            if member is not None:
                muc.live.keeping.was(muc.room.owner, member)
            self.rooms.leave(muc.live)
        elif not any(s.bookmarks.known(muc.legacy_id) for s in cast(Any, self.xmpp).sessions()):
            muc.live.lost_sight()

    async def fetch_space_metadata(self, legacy_id: str) -> SpaceMetadata:
        raise NotImplementedError
