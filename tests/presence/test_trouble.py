"""A network that cannot be reached when the gateway starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.bridge import gateway as module
from legacy_backend import EventSink
from tests.fake_network import FakeNetwork
from tests.presence.watching import Watcher, kind, registered
from tests.stage import DOMAIN, on_stage


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the network cannot be reached from now on; each pause that follows is noted."""
    left = [0]
    start = FakeNetwork.start

    async def fail(self: FakeNetwork, events: EventSink) -> None:
        if left[0]:
            left[0] -= 1
            raise ConnectionRefusedError("nobody listens")
        await start(self, events)

    def pause(count: int, longest: float) -> float:
        left.append(count)
        return 0.01

    monkeypatch.setattr(FakeNetwork, "start", fail)
    monkeypatch.setattr(module, "pause", pause)
    return left


@pytest.mark.requirement("GW-03")
async def test_it_is_logged_told_and_tried_again(
    tmp_path: Path, database: Path, failures: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    async with on_stage(tmp_path, database) as stage:
        await registered(stage)
    failures[0] = 3
    async with on_stage(tmp_path, database) as stage:
        assert "the network cannot be reached" in caplog.text
        stage.group("ada", "cyd", "dan")
        watcher = Watcher(stage)
        assert stage.gateway.trouble
        await stage.starts()
        told = await watcher.stanzas()
        assert (kind(told[0]), told[0].findtext("{*}status")) == (
            "dnd",
            "The network cannot be reached: nobody listens",
        )
        assert not [s for s in stage.wire.stanzas if s.tag.endswith("message")], "once is enough"
        assert stage.gateway._opening is not None
        await stage.gateway._opening
        assert failures[1:] == [1, 2, 3], "more and more rarely"
        assert (await watcher.told())[-1] == (DOMAIN, "chat")
        await stage.person("ada").joins()


async def test_nobody_can_register_meanwhile(
    tmp_path: Path, database: Path, failures: list[int]
) -> None:
    failures[0] = 1000
    async with on_stage(tmp_path, database) as stage:
        stage.group("ada")
        ada = stage.person("ada")
        ada.sends("<presence to='{room}/a'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
        (no,) = await ada.receives("<presence type='error'/>")
        assert no.find(".//{*}remote-server-timeout") is not None
        assert not stage.gateway.is_user("ada@example.org")


@pytest.mark.requirement("GW-01")
@pytest.mark.parametrize(
    "query",
    [
        "<query xmlns='http://jabber.org/protocol/disco#info'/>",
        "<query xmlns='http://jabber.org/protocol/disco#items'/>",
        "<vCard xmlns='vcard-temp'/>",
    ],
)
async def test_who_may_be_registered_by_joining_may_look_first(
    tmp_path: Path, database: Path, query: str
) -> None:
    async with on_stage(tmp_path, database) as stage:
        stage.group("ada")
        ada = stage.person("ada")
        ada.sends(f"<iq type='get' id='q' to='{{room}}'>{query}</iq>")
        await ada.receives("<iq type='result' id='q'/>")
        eve = stage.person("eve", domain="example.com")
        eve.sends(f"<iq type='get' id='q' to='{{room}}'>{query}</iq>")
        (no,) = await eve.receives("<iq type='error' id='q'/>")
        assert no.find(".//{*}not-allowed") is not None
