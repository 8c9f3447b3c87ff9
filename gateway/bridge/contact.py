"""People of a backend's network outside of groups: slidge's contacts, on the interface."""

from __future__ import annotations

from dataclasses import replace

from slidge.contact import LegacyContact, LegacyRoster
from slidge.contact.roster import ContactIsUser
from slidge.util.types import Avatar, XMPPMessage
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.bridge.drafts import draft_of
from gateway.bridge.refusals import refusals
from gateway.group.addresses import Addresses
from legacy_backend import LegacyAccount, LegacyError, Member, MemberId


class BridgeContact(LegacyContact):
    """Somebody on the network."""

    RESOURCE = "sluice"
    CORRECTION = False
    REACTION = False
    RETRACTION = False
    MARKS = False
    PROPAGATE_PRESENCE_TO_GROUPS = False
    participants = ()  # type: ignore[assignment]  # how members look is told of each group by itself

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
        self.show(replace(person, present=True))  # that is about groups

    def show(self, person: Member) -> None:
        """Have the user see how the person is, if they may."""
        status = person.status or None
        if not person.present:
            self.offline(status)
        elif person.show == "away":
            self.away(status)
        elif person.show == "xa":
            self.extended_away(status)
        elif person.show == "dnd":
            self.busy(status)
        else:
            self.online(status)

    async def on_friend_delete(self, text: str = "") -> None:
        with refusals():
            await self.account.end_subscription(self.member)

    async def on_message(self, message: XMPPMessage) -> str | None:
        with refusals():
            return await self.account.send_direct(self.member, draft_of(message, ""))


class OwnContact(ContactIsUser, XMPPError):
    """The contact whom a user asks for is themselves: slidge's way to say so, and an answer.

    COMPAT: slidge 0.4.2 does not expect its own where pictures are asked for.
    """

    def __init__(self) -> None:
        XMPPError.__init__(self, "not-allowed", "That is yourself on the other network.")


class BridgeRoster(LegacyRoster[BridgeContact]):
    """The people whom a user has met."""

    async def by_jid(self, contact_jid: JID) -> BridgeContact:
        try:
            return await super().by_jid(contact_jid)
        except ContactIsUser:
            raise OwnContact from None

    @property
    def addresses(self) -> Addresses:
        addresses: Addresses = self.session.xmpp.rooms.host.addresses  # type: ignore[attr-defined]
        return addresses

    async def legacy_id_to_jid_username(self, legacy_id: str) -> str:
        return self.addresses.localpart(MemberId(legacy_id))

    async def jid_username_to_legacy_id(self, jid_username: str) -> str:
        return self.addresses.member(jid_username)
