"""The groups of a backend's account."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from slixmpp.exceptions import XMPPError

from gateway.bridge.muc import BridgeMUC
from gateway.group import LegacyBookmarks
from legacy_backend import Group, GroupConfig, GroupId, LegacyError

if TYPE_CHECKING:
    from gateway.bridge.session import BridgeSession

AT_ONCE = 8
"""Groups that are read beside each other after a login."""


class BridgeBookmarks(LegacyBookmarks[BridgeMUC]):
    """The groups that a user is in."""

    session: BridgeSession

    async def fill(self) -> None:
        """Open every group of the account."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(group: Group) -> None:
            async with gate:
                muc = await self.described(group)
                await muc.ensure_people()

        results = await asyncio.gather(
            *(one(group) for group in await self.session.account.groups()), return_exceptions=True
        )
        for failed in results:
            if isinstance(failed, BaseException):
                self.log.error("a group could not be opened", exc_info=failed)

    async def described(self, group: Group) -> BridgeMUC:
        """The room of a group that the network has just described."""
        muc = self._mucs.get(group.id)
        if muc is None:
            muc = await self.by_legacy_id(group.id)
        muc.take(group)
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
