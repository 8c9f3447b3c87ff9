"""People of a backend's network outside of groups: slidge's contacts, on the interface."""

from __future__ import annotations

from slidge.contact import LegacyContact, LegacyRoster
from slidge.util.types import Avatar, XMPPMessage
from slixmpp.exceptions import XMPPError

from gateway.bridge.drafts import draft_of
from gateway.bridge.refusals import refusals
from legacy_backend import LegacyAccount, LegacyError, MemberId


class BridgeContact(LegacyContact):
    """Somebody on the network."""

    RESOURCE = "sluice"
    CORRECTION = False
    REACTION = False
    RETRACTION = False
    MARKS = False

    @property
    def member(self) -> MemberId:
        return MemberId(self.legacy_id)

    @property
    def account(self) -> LegacyAccount:
        account: LegacyAccount = self.session.account  # type: ignore[attr-defined]
        return account

    async def update_info(self) -> None:
        try:
            person = await self.account.person(self.member)
        except LegacyError as no:
            raise XMPPError(no.condition, no.text) from no
        self.name = person.name
        if person.picture is not None:
            picture = Avatar(data=person.picture.data, unique_id=person.picture.id)
            await self.set_avatar(picture)

    async def on_message(self, message: XMPPMessage) -> str | None:
        with refusals():
            return await self.account.send_direct(self.member, draft_of(message, ""))


class BridgeRoster(LegacyRoster[BridgeContact]):
    """The people whom a user has met."""
