"""The web chat without its web: what the REST routes and the gateway's accounts both act on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import quote

import sqlalchemy as sa

from legacy_backend.events import Event, EventSink, GroupAdded, GroupChanged, Invited
from legacy_backend.terms import GroupId, MemberId, Role
from legacy_backend.values import Group
from legacy_backend.webchat import times
from legacy_backend.webchat.acts import accounts, rules
from legacy_backend.webchat.database import Database
from legacy_backend.webchat.feed import Feed
from legacy_backend.webchat.happenings import Happening
from legacy_backend.webchat.hub import Hub, Roster
from legacy_backend.webchat.presence import Presence
from legacy_backend.webchat.settings import Settings
from legacy_backend.webchat.store import groups, places
from legacy_backend.webchat.work import Work

P = ParamSpec("P")
T = TypeVar("T")


class Located:
    """A sink that learns of groups with the addresses of their logs."""

    def __init__(self, sink: EventSink, located: Callable[[Group], Group]) -> None:
        self._sink = sink
        self._located = located

    async def put(self, event: Event) -> None:
        if isinstance(event, (GroupAdded, GroupChanged, Invited)):
            event = replace(event, info=self._located(event.info))
        await self._sink.put(event)


class Network:
    """Runs acts: `act` those that change something, `look` those that only read."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = times.now) -> None:
        self.settings = settings
        self.clock = clock
        self.base = ""
        """Where browsers find the page, once it is served."""
        self.hub = Hub()
        self.feed = Feed(settings.pending_events, self.hub.take)
        self.database = Database(settings.database, self.feed.put)
        self.presence = Presence(self._show_presence)
        self._slow = ThreadPoolExecutor(2, "webchat-slow")

    async def open(self, sink: EventSink | None) -> None:
        await self.database.open()
        self.hub.load(await self.database.read(_rosters))
        self.feed.start(None if sink is None else Located(sink, self.located))
        await self.act(accounts.sweep)

    async def close(self) -> None:
        """Finish what was begun. Nothing is told after this returned."""
        await self.presence.stop()
        await self.database.close()
        await self.feed.stop()
        self._slow.shutdown(wait=False)

    def located(self, group: Group) -> Group:
        """A group as the gateway is told of it: with the address of its log, if it has one."""
        if not group.config.public_log or not self.base:
            return group
        return replace(group, log_url=f"{self.base}/logs/{quote(group.id, safe='')}")

    async def act(
        self, act: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do one act in a transaction; once this returns it is committed, and being told."""

        def run(conn: sa.Connection) -> tuple[T, Sequence[Happening]]:
            work = Work(conn, self.clock(), self.settings, self.presence.is_online)
            return act(work, *args, **kwargs), work.told

        return await self.database.write(run)

    async def look(
        self, act: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self.database.read(lambda conn: act(conn, *args, **kwargs))

    async def aside(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what takes long and needs no database on a thread of its own."""
        return await asyncio.get_running_loop().run_in_executor(
            self._slow, lambda: call(*args, **kwargs)
        )

    async def _show_presence(self, person: MemberId) -> None:
        await self.act(accounts.show_presence, person)


def _rosters(conn: sa.Connection) -> dict[GroupId, Roster]:
    people: dict[GroupId, set[MemberId]] = {}
    moderators: dict[GroupId, set[MemberId]] = {}
    configs = {}
    for id, place in places.everyone(conn):
        if id not in configs:
            row = groups.find(conn, id)
            assert row is not None
            configs[id] = row.config
        if place is not None:
            people.setdefault(id, set()).add(place.person)
            if rules.role_of(place, configs[id]) >= Role.MODERATOR:
                moderators.setdefault(id, set()).add(place.person)
    return {
        id: Roster(
            frozenset(people.get(id, ())), frozenset(moderators.get(id, ())), bool(config.anonymous)
        )
        for id, config in configs.items()
    }
