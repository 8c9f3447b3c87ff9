"""A slidge plugin, as small as one can be, that does what a test tells it to.

`network` is what it is a plugin for; a callback that a test wants is put on `MUC`, `Participant` or
`Bookmarks`, which are made anew for each stage.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from slidge import BaseSession, LegacyBookmarks, LegacyMUC, LegacyParticipant
from slidge.contact import LegacyContact, LegacyRoster
from slidge.core.gateway import BaseGateway
from slidge.util.types import HoleBound
from slixmpp.exceptions import XMPPError


class Network:
    """What there is on the other side: groups by id, with a function that describes each."""

    def __init__(self) -> None:
        self.groups: dict[Any, Callable[[Any], None]] = {}
        self.members: dict[Any, list[str]] = {}
        self.people: set[str] = set()
        self.called: list[tuple[Any, ...]] = []
        self.past: Callable[[Any, HoleBound | None], Any] | None = None
        """What a room's `backfill` does."""

    def has_group(
        self, id: Any, *members: str, describe: Callable[[Any], None] = lambda _: None
    ) -> None:
        """Have a group with these contacts in it."""
        self.groups[str(id)] = describe
        self.members[str(id)] = list(members)
        self.people |= set(members)


class Gateway(BaseGateway[Any]):
    COMPONENT_NAME = "Small"
    COMPONENT_TYPE = "small"
    GROUPS = True
    REGISTRATION_FIELDS = []  # noqa: RUF012  (as slidge has it)
    backend = Network()

    async def validate(self, user_jid: Any, registration_form: Any) -> Any:
        return {}


class Session(BaseSession[Any]):
    async def login(self) -> str:
        self.xmpp.backend.called.append(("login", self.user_jid.bare))  # type: ignore[attr-defined]
        self.contacts.user_legacy_id = f"me-{self.user_jid.node}"
        return "In"

    async def logout(self) -> None:
        pass


class Contact(LegacyContact):
    async def update_info(self) -> None:
        if self.legacy_id not in self.xmpp.backend.people:  # type: ignore[attr-defined]
            raise XMPPError("item-not-found", "There is nobody of that id.")
        self.name = self.legacy_id.capitalize()


class Roster(LegacyRoster[Any]):
    pass


class Participant(LegacyParticipant[Any]):
    pass


class MUC(LegacyMUC[Any]):
    @property
    def network(self) -> Network:
        network: Network = self.session.xmpp.backend
        return network

    async def update_info(self) -> None:
        self.network.called.append(("update_info", self.legacy_id))
        describe = self.network.groups.get(self.legacy_id)
        if describe is None:
            raise XMPPError("item-not-found", "There is no such group.")
        describe(self)

    async def fill_participants(self) -> AsyncIterator[Any]:
        self.network.called.append(("fill_participants", self.legacy_id))
        yield await self.get_user_participant()
        for id in self.network.members.get(self.legacy_id, ()):
            yield await self.get_participant_by_legacy_id(id)

    async def backfill(
        self, after: HoleBound | None = None, before: HoleBound | None = None
    ) -> None:
        self.network.called.append(("backfill", self.legacy_id, after, before))
        if self.network.past is not None:
            await self.network.past(self, after)


class Bookmarks(LegacyBookmarks[Any]):
    async def fill(self) -> None:
        network: Network = self.session.xmpp.backend
        network.called.append(("fill",))
        for id in network.groups:
            await self.by_legacy_id(id)
