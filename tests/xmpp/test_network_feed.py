"""Events on their way to a gateway that is busy."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from conformance.client import PATIENCE
from legacy_backend import GroupId, MemberId
from legacy_backend.events import Event, MemberLeft
from legacy_backend.xmpp.feed import HIGH, Feed
from legacy_backend.xmpp.flow import Flow


class Busy:
    """Takes events once it is told to."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.news = asyncio.Condition()
        self.taken: list[Event] = []
        self.fails = False

    async def put(self, event: Event) -> None:
        await self.open.wait()
        async with self.news:
            self.taken.append(event)
            self.news.notify_all()
        if self.fails:
            raise RuntimeError("a bug")


class Transport:
    def __init__(self) -> None:
        self.did: list[str] = []

    def pause_reading(self) -> None:
        self.did.append("pause")

    def resume_reading(self) -> None:
        self.did.append("resume")


def flow(transport: Transport | None) -> Flow:
    return Flow(cast(Any, SimpleNamespace(transport=transport)))


def events(count: int) -> list[Event]:
    group = GroupId("hall@rooms.example")
    return [MemberLeft(group=group, id=MemberId(str(number))) for number in range(count)]


async def until(sink: Busy, count: int) -> None:
    async with asyncio.timeout(PATIENCE), sink.news:
        await sink.news.wait_for(lambda: len(sink.taken) >= count)


async def test_a_busy_gateway_slows_the_stream_and_gets_everything_in_order() -> None:
    sink, transport = Busy(), Transport()
    feed = Feed(sink, flow(transport))
    many = events(HIGH + 10)
    for event in many:
        feed.put(event)
    assert transport.did == ["pause"]
    sink.open.set()
    await until(sink, len(many))
    assert sink.taken == many
    assert transport.did == ["pause", "resume"]
    await feed.close()


async def test_a_stream_of_many_is_read_again_when_nobody_is_busy_with_it() -> None:
    sink, transport = Busy(), Transport()
    shared = flow(transport)
    first, second = Feed(sink, shared), Feed(sink, shared)
    for feed in (first, second):
        for event in events(HIGH):
            feed.put(event)
    await first.close()
    assert transport.did == ["pause"]
    await second.close()
    assert transport.did == ["pause", "resume"]


async def test_one_that_nobody_can_take_holds_up_none_of_the_others() -> None:
    sink = Busy()
    sink.open.set()
    sink.fails = True
    feed = Feed(sink, flow(None))
    for event in events(3):
        feed.put(event)
    await until(sink, 3)
    await feed.close()
