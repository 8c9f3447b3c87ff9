"""What is told is committed, in order, complete, and a slow gateway slows the network."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from legacy_backend.events import MessagePosted
from legacy_backend.terms import LegacyError, UserId
from legacy_backend.values import Draft, GroupConfig
from legacy_backend.webchat import WebChatAccount, WebChatBackend
from tests.webchat.conftest import Sink


async def test_order_is_kept_when_all_talk_at_once(romeo: WebChatAccount, sink: Sink) -> None:
    group = (await romeo.create_group("g", GroupConfig())).id
    sending = [romeo.send(group, Draft(body=str(number))) for number in range(300)]
    ids = await asyncio.gather(*sending)
    await sink.hears(MessagePosted, count=300)
    told = [event.message for event in sink.all(MessagePosted)]
    assert [one.id for one in told] == ids
    assert [one.body for one in told] == [str(number) for number in range(300)]
    assert [one.id for one in await romeo.history(group, limit=300)] == ids


class TestBusyGateway:
    @pytest.fixture
    def options(self, tmp_path: Path) -> dict[str, Any]:
        url = f"sqlite:///{tmp_path}/chat.sqlite"
        return {"port": 0, "database": url, "rate": 0, "pending_events": 5}

    async def test_posting_waits_for_it_and_nothing_is_lost(
        self, romeo: WebChatAccount, sink: Sink
    ) -> None:
        group = (await romeo.create_group("g", GroupConfig())).id
        sink.pause()
        sending = [
            asyncio.create_task(romeo.send(group, Draft(body=str(number)))) for number in range(30)
        ]
        done, waiting = await asyncio.wait(sending, timeout=0.5)
        assert len(done) <= 10
        assert len(await romeo.history(group, limit=100)) >= len(done)
        sink.go_on()
        await asyncio.gather(*waiting)
        await sink.hears(MessagePosted, count=30)
        told = [event.message.body for event in sink.all(MessagePosted)]
        assert told == [str(number) for number in range(30)]

    async def test_who_gives_up_waiting_has_still_said_it(
        self, romeo: WebChatAccount, sink: Sink
    ) -> None:
        group = (await romeo.create_group("g", GroupConfig())).id
        sink.pause()
        sending = [
            asyncio.create_task(romeo.send(group, Draft(body=str(number)))) for number in range(30)
        ]
        await asyncio.wait(sending, timeout=0.2)
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
        sink.go_on()
        await sink.hears(MessagePosted, count=30)
        assert len(await romeo.history(group)) == 30


async def test_an_event_is_told_after_its_commit(
    romeo: WebChatAccount, options: dict[str, Any], chat: WebChatBackend
) -> None:
    seen: list[int] = []
    group = (await romeo.create_group("g", GroupConfig())).id

    class Reader(Sink):
        async def put(self, event: object) -> None:
            if isinstance(event, MessagePosted):
                seen.append(len(await romeo.history(group)))

    await chat.network.feed.stop()
    chat.network.feed.start(Reader())
    for number in range(5):
        await romeo.send(group, Draft(body=str(number)))
    await chat.network.feed.stop()
    assert len(seen) == 5
    assert all(count >= number for number, count in enumerate(seen, start=1))


async def test_a_refusal_undoes_nobody_else_s_act(romeo: WebChatAccount, sink: Sink) -> None:
    group = (await romeo.create_group("g", GroupConfig())).id
    drafts = [Draft(body="x" * 6000 if number % 3 == 0 else "ok") for number in range(30)]
    results = await asyncio.gather(
        *(romeo.send(group, draft) for draft in drafts), return_exceptions=True
    )
    assert sum(isinstance(one, LegacyError) for one in results) == 10
    assert len(await romeo.history(group)) == 20
    await sink.hears(MessagePosted, count=20)


async def test_all_is_there_after_a_restart(options: dict[str, Any]) -> None:
    first = WebChatBackend(options)
    await first.start(Sink())
    romeo = await first.login(UserId("romeo@example.org"), {})
    await romeo.create_group("g", GroupConfig(name="G", description="d", moderated=True))
    group = await romeo.group((await romeo.groups())[0].id)
    id = await romeo.send(group.id, Draft(body="still here"))
    before = await romeo.members(group.id)
    await first.stop()
    with pytest.raises(LegacyError, match="remote-server-timeout"):
        await romeo.send(group.id, Draft(body="too late"))

    second = WebChatBackend(options)
    await second.start(Sink())
    again = await second.login(UserId("romeo@example.org"), {})
    assert again.member_id == romeo.member_id
    assert await again.group(group.id) == group
    assert [one.id for one in await again.history(group.id)] == [id]
    assert [one.id for one in await again.members(group.id)] == [one.id for one in before]
    await second.stop()


async def test_nothing_is_told_after_stop(options: dict[str, Any]) -> None:
    sink, backend = Sink(), WebChatBackend(options)
    await backend.start(sink)
    romeo = await backend.login(UserId("romeo@example.org"), {})
    group = (await romeo.create_group("g", GroupConfig())).id
    sending = [asyncio.create_task(romeo.send(group, Draft(body="x"))) for _ in range(20)]
    await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
    await backend.stop()
    told = len(sink.events)
    done = await asyncio.gather(*sending, return_exceptions=True)
    said = sum(isinstance(one, str) for one in done)
    assert len(sink.all(MessagePosted)) == said
    assert len(sink.events) == told
