"""The web chat as a network that shows each of its users a room of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from legacy_backend.events import Event, EventSink, GroupAdded
from legacy_backend.terms import GroupId, UserId
from legacy_backend.webchat.account import WebChatAccount
from legacy_backend.webchat.backend import WebChatBackend


class Each:
    """A sink that is told everything once for each login, as a network without sharing does."""

    def __init__(self, sink: EventSink) -> None:
        self._sink = sink
        self.accounts: dict[UserId, WebChatAccount] = {}

    async def put(self, event: Event) -> None:
        for user in [event.to] if event.to is not None else sorted(self.accounts):
            # Logins do not hear of groups that theirs is not in.
            if not isinstance(event, GroupAdded) or await self._is_in(user, event.group):
                await self._sink.put(replace(event, to=user))

    async def _is_in(self, user: UserId, group: GroupId) -> bool:
        return group in {one.id for one in await self.accounts[user].groups()}


class PersonalWebChat(WebChatBackend):
    SHARED: ClassVar[bool] = False

    async def start(self, events: EventSink | None) -> None:
        assert events is not None
        self._each = Each(events)
        await super().start(self._each)

    async def login(self, user: UserId, credentials: Mapping[str, str]) -> WebChatAccount:
        account = await super().login(user, credentials)
        self._each.accounts[user] = account
        return account
