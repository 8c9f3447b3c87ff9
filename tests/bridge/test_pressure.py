"""A network that tells faster than the gateway takes is slowed down, and loses nothing."""

from __future__ import annotations

import asyncio

import pytest

from conformance.client import PATIENCE
from gateway.bridge.events import DEPTH
from legacy_backend.events import LoginStateChanged, MemberLeft, MessagePosted
from legacy_backend.terms import GroupId, MemberId, UserId
from legacy_backend.values import LoginState
from tests.fake_network import FakeNetwork
from tests.muc.saying import G1, heard
from tests.stage import Stage

G2 = GroupId("g2")
ADA = UserId("ada@example.org")


async def held_up(stage: Stage, network: FakeNetwork) -> None:
    """Have g1's events wait: for its history, which is being read."""
    await network.tells(MessagePosted(group=G1, message=network.says("g1", "CYD", "Before")))
    await stage.settled()
    network.holds("history")
    await network.tells(LoginStateChanged(to=ADA, state=LoginState.TRANSIENT_DISCONNECT))
    await network.tells(LoginStateChanged(to=ADA, state=LoginState.CONNECTED))


async def test_a_group_whose_line_is_full_makes_the_network_wait(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await held_up(stage, network)
    history = await network.is_asked("history", "g1")
    await ada.has_heard()
    for number in range(DEPTH + 1):  # one is being dealt with
        await asyncio.wait_for(network.tells(heard(network, "CYD", f"{number}")), PATIENCE)
    last = asyncio.create_task(network.tells(heard(network, "CYD", "last")))
    await stage.settled()
    assert not last.done()

    history.agrees()
    await last
    heard_now = await ada.has_heard()
    bodies = [s.findtext("{*}body") for s in heard_now]
    assert bodies == [*(f"{number}" for number in range(DEPTH + 1)), "last"]


async def test_other_groups_go_on_meanwhile(stage: Stage, network: FakeNetwork) -> None:
    stage.group("ada", "CYD", id="g2")
    (ada,) = await stage.seated("ada", "CYD")
    await ada.joins(room="g2@{gw}")
    await ada.has_heard()
    await held_up(stage, network)
    await network.tells(heard(network, "CYD", "Here"))
    await network.tells(heard(network, "CYD", "There", G2))
    await ada.receives("<message from='g2@{gw}/CYD'><body>There</body></message>")


async def test_a_slow_server_makes_the_network_wait(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    stage.gateway.outbox.pause()
    waiting = asyncio.create_task(network.tells(heard(network, "CYD", "Hello")))
    await stage.settled()
    assert not waiting.done()
    stage.gateway.outbox.resume()
    await waiting
    await ada.hears_only("<message><body>Hello</body></message>")


async def test_an_event_that_cannot_be_handled_ends_nothing(
    stage: Stage,
    network: FakeNetwork,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (ada,) = await stage.seated("ada", "CYD")

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("gateway.bridge.happenings._left", broken)
    await network.tells(MemberLeft(group=G1, id=MemberId("CYD")))
    await network.tells(heard(network, "CYD", "Hello"))
    await ada.hears_only("<message><body>Hello</body></message>")
    assert "could not be handled" in caplog.text


async def test_a_hundred_messages_come_in_their_order(stage: Stage, network: FakeNetwork) -> None:
    people = await stage.seated("ada", "bao", "CYD")
    for number in range(100):
        await network.tells(heard(network, "CYD", f"{number}"))
    for person in people:
        bodies = [s.findtext("{*}body") for s in await person.has_heard()]
        assert bodies == [f"{number}" for number in range(100)]
