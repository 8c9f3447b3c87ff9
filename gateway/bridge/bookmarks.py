"""The groups of a backend's account."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from slixmpp.exceptions import XMPPError

from gateway.bridge.muc import BridgeMUC
from gateway.database.sql import portions
from gateway.group import LegacyBookmarks
from legacy_backend import Group, GroupConfig, GroupId, LegacyError

if TYPE_CHECKING:
    from gateway.bridge.session import BridgeSession

AT_ONCE = 8
"""Groups that are read beside each other after a login."""

MADE_AT_ONCE = 500
"""Groups for which rooms are made beside each other: many in one transaction."""


class BridgeBookmarks(LegacyBookmarks[BridgeMUC]):
    """The groups that a user is in."""

    session: BridgeSession

    def __init__(self, session: BridgeSession) -> None:
        super().__init__(session)
        self.told: dict[GroupId, Group] = {}
        """What the network has just said of groups that are about to be opened."""

    async def fill(self) -> None:
        """Open every group of the account."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(group: Group) -> None:
            async with gate:
                muc = await self.described(group)
                await muc.ensure_people(urgent=False)
                if muc.get_user_resources():
                    self.session.xmpp.attendance.tell(muc, True)

        for groups in portions(await self.session.account.groups(), MADE_AT_ONCE):
            await asyncio.gather(*map(self._make_room, groups), return_exceptions=True)
            results = await asyncio.gather(*map(one, groups), return_exceptions=True)
            for failed in results:
                if isinstance(failed, BaseException):
                    self.log.error("a group could not be opened", exc_info=failed)

    async def _make_room(self, group: Group) -> None:
        """Have the room of a group, if it is seen for the first time."""
        if self.rooms.of(self.owner, group.id) is None:
            wish = await self.legacy_id_to_jid_local_part(group.id)
            await self.rooms.obtain(self.owner, group.id, wish)

    async def described(self, group: Group) -> BridgeMUC:
        """The room of a group that the network has just described as one of the user's."""
        muc = self._mucs.get(group.id)
        if muc is None:
            self.told[group.id] = group
            try:
                muc = await self.by_legacy_id(group.id)
            finally:
                unheard = self.told.pop(group.id, None)
            if unheard is not None:  # somebody else was just opening it
                muc.take(group)
        else:
            muc.take(group)
        muc.listed = True
        return muc

    async def on_create(self, localpart: str) -> GroupId:
        """Have the network make a group for an address that somebody joins (XEP-0045 §10.1)."""
        if "create_group" not in BridgeMUC.abilities:
            return await super().on_create(localpart)
        wish = await self.jid_local_part_to_legacy_id(localpart)
        try:
            group = await self.session.make_group(wish, GroupConfig(name=wish))
        except LegacyError as no:
            raise XMPPError(no.condition, no.text) from no
        return group.id
