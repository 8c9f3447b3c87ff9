"""The component for a backend: registration and logins by what the backend asks."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Sequence
from typing import Any, ClassVar

from slidge.command import FormField
from slidge.db.meta import JSONSerializable
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.bridge.bookmarks import BridgeBookmarks
from gateway.bridge.contact import BridgeContact, BridgeRoster
from gateway.bridge.events import Events
from gateway.bridge.muc import BridgeMUC
from gateway.bridge.participant import BridgeParticipant
from gateway.bridge.people import found_of
from gateway.bridge.refusals import refusals
from gateway.bridge.session import BridgeSession
from gateway.component import Gateway
from gateway.group.found import Found
from gateway.link.backoff import pause
from legacy_backend import LegacyBackend, Member, UserId

log = logging.getLogger(__name__)


class BridgeGateway(Gateway[BridgeSession]):
    """A gateway to the network of `backend`, which `of` has set before there is an instance."""

    backend: ClassVar[LegacyBackend]

    COMPONENT_NAME = "Sluice"
    COMPONENT_TYPE = "sluice"
    SEARCH_FIELDS = [FormField(var="id", label="Their id on the network", required=True)]  # noqa: RUF012
    SEARCH_TITLE = "Find a person"
    SEARCH_INSTRUCTIONS = "Enter somebody's id on the network to have their address."

    @classmethod
    def of(cls, backend: LegacyBackend, name: str = "") -> type[BridgeGateway]:
        """Describe the gateway as the one to a network; `name` overrides what it is called."""
        cls.backend = backend
        cls.COMPONENT_NAME = name or backend.NAME
        cls.COMPONENT_TYPE = backend.NAME.lower().replace(" ", "") or "sluice"
        cls.registration_url = backend.LOGIN_URL
        cls.REGISTRATION_FIELDS = [
            FormField(
                var=field.name, label=field.label, required=field.required,
                private=field.private, value=field.default,
            )
            for field in backend.login_fields(backend.options)
        ]  # fmt: skip
        cls.REGISTRATION_INSTRUCTIONS = (
            backend.LOGIN_INSTRUCTIONS or f"Register to use {cls.COMPONENT_NAME} from here."
        )
        return cls

    def __init__(self) -> None:
        super().__init__()
        self._session_cls = BridgeSession
        for cls, name, value in (
            (BridgeSession, "_bookmarks_cls", BridgeBookmarks),
            (BridgeSession, "_roster_cls", BridgeRoster),
            (BridgeRoster, "_contact_cls", BridgeContact),
            (BridgeBookmarks, "_muc_cls", BridgeMUC),
            (BridgeMUC, "_participant_cls", BridgeParticipant),
            (BridgeSession, "xmpp", self),
            (BridgeContact, "xmpp", self),
            (BridgeMUC, "xmpp", self),
        ):
            setattr(cls, name, value)
        BridgeMUC.describe(self.backend)
        self.get_session_from_stanza = BridgeSession.from_stanza
        self.get_session_from_user = BridgeSession.from_user
        self.events = Events(self)
        self.trouble = ""
        """Why the network cannot be reached at all, "" if it can."""
        self._opening: asyncio.Task[None] | None = None

    async def open_network(self) -> None:
        """Connect to the network. If that fails, users are told, and it is tried again."""
        if not await self._opened():
            self._opening = asyncio.create_task(self._keep_opening())

    async def _opened(self) -> bool:
        try:
            await self.backend.start(self.events)
        except Exception as error:
            log.exception("the network cannot be reached")
            self.trouble = f"The network cannot be reached: {error}"
            return False
        self.trouble = ""
        return True

    async def _keep_opening(self) -> None:
        for failures in itertools.count(1):
            await asyncio.sleep(pause(failures, self.reconnect_max))
            if await self._opened():
                break
        log.info("the network can be reached now")
        await self.log_in_all([session.user for session in self.sessions()])

    async def login_wrap(self, session: BridgeSession) -> str:
        if self.trouble:
            session.send_gateway_status(self.trouble, show="dnd")
            return self.trouble
        return await super().login_wrap(session)

    async def allow_subscription(self, session: Any, contact: Any, text: str) -> bool | None:
        """Ask the network whether a user may see the presence of a person."""
        if contact is None:
            return True
        with refusals():
            allowed: bool | None = await session.account.allow_subscription(contact.member, text)
        return allowed

    def show_person(self, person: Member, to: UserId | None) -> None:
        """Have those who see a person's presence see how they are now; `to` alone, if not None."""
        localpart = self.rooms.host.addresses.localpart(person.id)
        for user in self.ledger.watchers(localpart):
            session = self.known_session(user)
            if session is None or not session.logged or to not in (None, user):
                continue
            address = JID(f"{localpart}@{self.boundjid.bare}")
            contact = session.contacts.by_jid_only_if_exists(address)
            if contact is not None:
                contact.show(person)

    async def stop(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
        await super().stop()
        await self.backend.stop()
        await self.events.drained()

    async def search_groups(self, session: BridgeSession, words: str) -> Sequence[Found]:
        """What the network's directory has, if it has one."""
        if type(self.backend).search_groups is LegacyBackend.search_groups:
            return await super().search_groups(session, words)
        listed = await self.backend.search_groups(words)
        bookmarks: Any = session.bookmarks
        known = {found.address: found for found in self.public_rooms()}
        found = []
        for group in listed:
            address = await bookmarks.address_of(group.id)
            known_here = known.get(address)
            found.append(known_here or found_of(group, address))
        return found

    async def validate(
        self, user_jid: JID, registration_form: dict[str, str | None]
    ) -> JSONSerializable | None:
        """Try the credentials; what works is kept."""
        if self.trouble:
            raise XMPPError("remote-server-timeout", self.trouble)
        credentials = {name: value or "" for name, value in registration_form.items()}
        credentials = {**self._notes(user_jid), **credentials}
        with refusals():
            account = await self.backend.login(UserId(user_jid.bare), credentials)
        await account.close()
        return dict[str, Any](credentials)

    def _notes(self, user: JID) -> dict[str, str]:
        """What the network has noted for a user's logins, other than their own answers."""
        session = self.known_session(user.bare)
        kept = {} if session is None else session.user.legacy_module_data
        asked = {field.var for field in self.REGISTRATION_FIELDS}
        return {name: value for name, value in kept.items() if name not in asked}

    async def unregister(self, session: Any) -> None:
        await super().unregister(session)
        with refusals():
            await self.backend.forget(UserId(session.user_jid.bare))
