"""What a room does not keep is not read either, to be deleted again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.archive.gap import State
from legacy_backend import GroupId, UserId
from legacy_backend.events import LoginStateChanged
from legacy_backend.values import LoginState
from tests.fake_network import FakeNetwork
from tests.stage import Stage

G1 = GroupId("g1")
ADA = UserId("ada@example.org")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEPT = 5
"""Days."""


@pytest.fixture(autouse=True)
def june(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    host = stage.gateway.rooms.host
    monkeypatch.setattr(host, "now", lambda: NOW)
    monkeypatch.setattr(host.limits, "backfill_page", 2)
    monkeypatch.setattr(host.limits, "backfill_first", 4)


def says(network: FakeNetwork, *days: int) -> None:
    """Something was said so many days ago."""
    for ago in days:
        network.says("g1", "CYD", f"{ago}", at=NOW - timedelta(days=ago))


async def away(network: FakeNetwork) -> None:
    await network.tells(LoginStateChanged(to=ADA, state=LoginState.TRANSIENT_DISCONNECT))


async def back(network: FakeNetwork) -> None:
    await network.tells(LoginStateChanged(to=ADA, state=LoginState.CONNECTED))


async def bodies(stage: Stage) -> list[str]:
    live = stage.gateway.rooms.of("", G1)
    return [c.entry.body async for some in live.host.archive.copies(live.id) for c in some]


async def test_a_first_sight_ends_where_the_room_would_not_keep_it(
    stage: Stage, network: FakeNetwork
) -> None:
    stage.group("ada", "CYD")
    live = await stage.gateway.rooms.obtain("", G1, "g1")
    await live.host.retention.put(live.id, KEPT)
    says(network, 40, 30, 20, 10, 3, 2, 1)
    ada = stage.person("ada")
    await ada.joins()
    await stage.settled()
    assert await bodies(stage) == ["3", "2", "1"]
    assert await live.host.gaps.all() == []


async def test_an_outage_longer_than_what_is_kept(stage: Stage, network: FakeNetwork) -> None:
    """It is read from its end, and no further than the room keeps it."""
    stage.group("ada", "CYD")
    says(network, 90)
    ada = stage.person("ada")
    await ada.joins()
    await stage.settled()
    assert await bodies(stage) == ["90"]
    live = stage.gateway.rooms.of("", G1)
    await away(network)
    await stage.settled()
    await live.host.retention.put(live.id, KEPT)
    says(network, *range(80, 5, -1), 4, 3, 2, 1)
    network.holds("history")
    await back(network)
    for _ in range(3):  # of the two that come next, neither would be kept
        (await network.is_asked("history", "g1")).agrees()
    await stage.settled()
    network.was_not_asked()
    assert (await bodies(stage))[-4:] == ["4", "3", "2", "1"]
    assert set(await bodies(stage)) <= {"90", "4", "3", "2", "1"}
    assert await live.host.gaps.all() == []


async def test_what_is_further_back_is_no_gap_once_it_would_not_be_kept(
    stage: Stage, network: FakeNetwork
) -> None:
    stage.group("ada", "CYD")
    says(network, 40, 30, 20, 10, 9, 8, 7)
    ada = stage.person("ada")
    await ada.joins()
    await stage.settled()
    live = stage.gateway.rooms.of("", G1)
    (gap,) = await live.host.gaps.all()
    assert gap.state is State.FURTHER
    await live.host.retention.put(live.id, KEPT)
    await stage.settled()
    assert await bodies(stage) == []
    assert await live.host.gaps.all() == []
    assert live.gaps == {}
