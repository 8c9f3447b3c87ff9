"""The component for a backend: registration and logins by what the backend asks."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

from slidge.command import FormField
from slidge.db.meta import JSONSerializable
from slixmpp import JID

from gateway.bridge.bookmarks import BridgeBookmarks
from gateway.bridge.contact import BridgeContact, BridgeRoster
from gateway.bridge.events import Events
from gateway.bridge.muc import BridgeMUC
from gateway.bridge.participant import BridgeParticipant
from gateway.bridge.refusals import refusals
from gateway.bridge.session import BridgeSession
from gateway.component import Gateway
from legacy_backend import LegacyBackend, UserId

log = logging.getLogger(__name__)


class BridgeGateway(Gateway[BridgeSession]):
    """A gateway to the network of `backend`, which `of` has set before there is an instance."""

    backend: ClassVar[LegacyBackend]

    COMPONENT_NAME = "Sluice"
    COMPONENT_TYPE = "sluice"

    @classmethod
    def of(cls, backend: LegacyBackend, name: str = "") -> type[BridgeGateway]:
        """Describe the gateway as the one to a network; `name` overrides what it is called."""
        cls.backend = backend
        cls.COMPONENT_NAME = name or backend.NAME
        cls.COMPONENT_TYPE = backend.NAME.lower().replace(" ", "") or "sluice"
        cls.REGISTRATION_FIELDS = [
            FormField(
                var=field.name, label=field.label, required=field.required,
                private=field.private, value=field.default,
            )
            for field in backend.LOGIN_FIELDS
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

    async def open_network(self) -> None:
        """Connect to the network."""
        await self.backend.start(self.events)

    async def stop(self) -> None:
        await super().stop()
        await self.backend.stop()
        await self.events.drained()

    async def validate(
        self, user_jid: JID, registration_form: dict[str, str | None]
    ) -> JSONSerializable | None:
        """Try the credentials; what works is kept."""
        credentials = {name: value or "" for name, value in registration_form.items()}
        with refusals():
            account = await self.backend.login(UserId(user_jid.bare), credentials)
        await account.close()
        return dict[str, Any](credentials)

    async def unregister(self, session: Any) -> None:
        await super().unregister(session)
        with refusals():
            await self.backend.forget(UserId(session.user_jid.bare))
