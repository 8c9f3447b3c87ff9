"""The web chat as a network of the gateway."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from legacy_backend.api import LegacyAccount, LegacyBackend
from legacy_backend.events import EventSink
from legacy_backend.terms import UserId
from legacy_backend.values import Listed
from legacy_backend.webchat import settings
from legacy_backend.webchat.account import WebChatAccount
from legacy_backend.webchat.acts import accounts
from legacy_backend.webchat.network import Network
from legacy_backend.webchat.settings import OPTIONS, Settings
from legacy_backend.webchat.store import groups
from legacy_backend.webchat.web.server import Server

log = logging.getLogger(__name__)

_SWEEP_EVERY = 3600.0


class WebChatBackend(LegacyBackend):
    """Has no credentials to ask for: each user of the gateway gets an account of their own."""

    NAME: ClassVar[str] = "Web chat"
    SHARED: ClassVar[bool] = True
    OPTIONS: ClassVar[Mapping[str, tuple[type, Any, str]]] = OPTIONS
    account_class: ClassVar[type[LegacyAccount]] = WebChatAccount

    port: int = 0
    """Where it listens, once started."""
    url: str = ""
    """Where browsers find it, once started; without a slash at the end."""

    @classmethod
    def problems(cls, options: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        return settings.problems(options)

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self.settings = Settings.of(options)
        self.network = Network(self.settings)
        self._server = Server(self.network)
        self._housekeeping: asyncio.Task[None] | None = None

    async def start(self, events: EventSink | None) -> None:
        """Open the database and serve the page. Without `events` it is a chat of its own."""
        await self.network.open(events)
        await self._server.start()
        self.port, self.url = self._server.port, self._server.url
        self._housekeeping = asyncio.create_task(self._keep_house(), name="webchat housekeeping")

    async def stop(self) -> None:
        if self._housekeeping is not None:
            self._housekeeping.cancel()
            await asyncio.gather(self._housekeeping, return_exceptions=True)
        await self._server.stop()
        await self.network.close()

    async def login(self, user: UserId, credentials: Mapping[str, str]) -> WebChatAccount:
        person = await self.network.act(accounts.come_by_gateway, user)
        return WebChatAccount(user, person.id, person.name, self.network)

    async def forget(self, user: UserId) -> None:
        await self.network.act(accounts.depart_by_gateway, user)

    async def search_groups(self, words: str) -> Sequence[Listed]:
        return await self.network.look(groups.listed, words)

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_EVERY)
            try:
                await self.network.act(accounts.sweep)
            except Exception:
                log.exception("could not sweep; trying again later")
