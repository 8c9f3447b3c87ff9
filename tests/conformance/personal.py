"""The web chat as a network that shows each of its users a room of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from legacy_backend.events import Event, EventSink
from legacy_backend.terms import UserId
from legacy_backend.webchat.account import WebChatAccount
from legacy_backend.webchat.backend import WebChatBackend


class Each:
    """A sink that is told everything once for each login, as a network without sharing does."""

    def __init__(self, sink: EventSink) -> None:
        self._sink = sink
        self.users: set[UserId] = set()

    async def put(self, event: Event) -> None:
        for user in [event.to] if event.to is not None else sorted(self.users):
            await self._sink.put(replace(event, to=user))


class PersonalWebChat(WebChatBackend):
    SHARED: ClassVar[bool] = False

    async def start(self, events: EventSink | None) -> None:
        assert events is not None
        self._each = Each(events)
        await super().start(self._each)

    async def login(self, user: UserId, credentials: Mapping[str, str]) -> WebChatAccount:
        self._each.users.add(user)
        return await super().login(user, credentials)
