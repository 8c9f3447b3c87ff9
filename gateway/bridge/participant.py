"""What a user asks of one member of a backend's group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slidge.util.types import MucAffiliation, MucRole

from gateway.bridge.refusals import refusals
from gateway.group import LegacyParticipant
from legacy_backend import Affiliation, Role

if TYPE_CHECKING:
    from gateway.bridge.muc import BridgeMUC


class BridgeParticipant(LegacyParticipant[Any]):
    """A member of a group."""

    muc: BridgeMUC

    async def on_kick(self, reason: str | None) -> None:
        with refusals():
            await self.muc.account.kick(self.muc.legacy_id, self.occupant.member, reason or "")

    async def on_set_affiliation(
        self, affiliation: MucAffiliation, reason: str | None, nickname: str | None
    ) -> None:
        with refusals():
            await self.muc.account.set_affiliation(
                self.muc.legacy_id,
                self.occupant.member,
                Affiliation[affiliation.upper()],
                reason or "",
            )

    async def on_rename(self, nickname: str) -> str:
        with refusals():
            return await self.muc.account.rename_member(
                self.muc.legacy_id, self.occupant.member, nickname
            )

    async def on_set_role(self, role: MucRole, reason: str | None) -> None:
        with refusals():
            await self.muc.account.set_role(
                self.muc.legacy_id, self.occupant.member, Role[role.upper()], reason or ""
            )

    async def on_invitation(self, reason: str | None) -> None:
        with refusals():
            await self.muc.account.invite(self.muc.legacy_id, self.occupant.member, reason or "")
