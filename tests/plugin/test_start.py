"""What a start need not do again, of what the process before has left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from slidge.util.types import MucType

from gateway.group.history import History
from tests.plugin_stage import PluginStage, on_plugin_stage
from tests.presence.watching import Watcher, kind

CAPS = "{http://jabber.org/protocol/caps}c"


def a_channel(muc: Any) -> None:
    muc.type = MucType.CHANNEL
    muc.name, muc.subject, muc.n_participants = "Tea", "Green or black", 3


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("that was not to be done")


async def left_behind(folder: Path, database: Path, **attributes: Any) -> Any:
    """The network of a gateway that has ended, with Ada registered and in g1."""
    async with on_plugin_stage(folder, database, **attributes) as stage:
        stage.network.has_group("g1", describe=a_channel)
        await stage.enters()
        return stage.network


async def test_a_room_that_is_as_it_was_is_not_written_again(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = await left_behind(tmp_path, database)
    async with on_plugin_stage(tmp_path, database, network) as stage:
        (live,) = stage.gateway.rooms
        assert (live.room.config.name, live.room.config.public) == ("Tea", True)
        saved: list[int] = []
        monkeypatch.setattr(live.keeping._store, "save_state", lambda id, _: saved.append(id))
        await stage.starts()
        assert live.keeping._timer is None
        await stage.settled()
        live.keeping.write()
        assert saved == []


async def test_what_is_new_of_a_room_is_written(tmp_path: Path, database: Path) -> None:
    network = await left_behind(tmp_path, database)
    network.has_group("g1", describe=lambda muc: setattr(muc, "type", MucType.GROUP))
    async with on_plugin_stage(tmp_path, database, network) as stage:
        await stage.starts()
    async with on_plugin_stage(tmp_path, database, network) as stage:
        (live,) = stage.gateway.rooms
        assert live.room.kind.value == "private"
        assert live.room.config.members_only


@pytest.mark.parametrize("keeps", [True, False])
async def test_of_a_network_that_keeps_nothing_nothing_is_missing(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch, keeps: bool
) -> None:
    attributes = {} if keeps else {"backfill": History.backfill}
    network = await left_behind(tmp_path, database, **attributes)
    async with on_plugin_stage(tmp_path, database, network, **attributes) as stage:
        (live,) = stage.gateway.rooms
        opened: list[int] = []
        open_gap = live.host.gaps.open
        monkeypatch.setattr(
            live.host.gaps, "open", lambda room, *heard: opened.append(room) or open_gap(room)
        )
        await stage.starts()
        assert live.whole is not keeps
        await stage.person("ada").joins()
        await stage.person("ada").has_heard()
        assert live.whole
        assert opened == ([live.id] if keeps else [])


async def test_a_gap_from_before_is_closed_by_a_network_that_keeps_nothing_any_more(
    tmp_path: Path, database: Path
) -> None:
    network = await left_behind(tmp_path, database)
    async with on_plugin_stage(tmp_path, database, network) as stage:
        (live,) = stage.gateway.rooms
        await live.missing()
    async with on_plugin_stage(tmp_path, database, network, backfill=History.backfill) as stage:
        await stage.starts()
        await stage.person("ada").joins()
        await stage.person("ada").has_heard()
        assert await stage.gateway.rooms.host.gaps.all() == []


async def test_nobody_is_looked_up_whose_presence_comes_before_their_login(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = await left_behind(tmp_path, database)
    async with on_plugin_stage(tmp_path, database, network) as stage:
        await stage.gateway.know_users()
        monkeypatch.setattr(stage.gateway.store, "session", refuse)
        stage.person("ada").sends("<presence to='{gw}'/>")
        assert stage.gateway.desk.online.is_online("ada@example.org")


async def test_a_login_does_not_write_what_is_known_of_the_user(
    stage: PluginStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    user = muc.session.user
    user.preferences = {"sync_avatar": False}
    written: list[Any] = []
    monkeypatch.setattr(stage.gateway.store.users, "update", written.append)
    await stage.gateway.login_wrap(muc.session)
    assert written == []
    user.avatar_hash = "of the picture that the network has been shown"
    await stage.gateway.login_wrap(muc.session)
    assert written == [user]
    assert user.avatar_hash is None


async def test_the_gateways_own_presence_says_what_it_can_do(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    caps = stage.gateway.plugin["xep_0115"]
    await caps.update_caps(jid=stage.gateway.boundjid, broadcast=False)
    muc = await stage.enters()
    ada = Watcher(stage)
    muc.session.send_gateway_status("Well", show="dnd")
    stage.gateway.send_presence(pto="ada@example.org", ptype="unavailable")
    shown, gone = await ada.stanzas()
    assert (kind(shown), kind(gone)) == ("dnd", "unavailable")
    told = shown.find(CAPS)
    assert told is not None
    assert told.get("ver") == await caps.get_verstring(stage.gateway.boundjid)
    assert gone.find(CAPS) is None
