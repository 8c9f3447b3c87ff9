"""Logins that come and go with their users, and what is told when the gateway does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from legacy_backend.events import LoginStateChanged, MessagePosted
from legacy_backend.terms import GroupId, UserId
from legacy_backend.values import LoginState
from tests.fake_network import FakeNetwork
from tests.presence.watching import CYD, DAN, Watcher, kind, registered, subscribes
from tests.stage import DOMAIN, Stage, on_stage

ADA = UserId("ada@example.org")
BY_PRESENCE = '[presence]\nlogin = "online"\nlogout_after_seconds = 0'


@pytest.fixture
async def by_presence(tmp_path: Path, database: Path) -> AsyncIterator[Stage]:
    """Ada is registered, and not there."""
    async with on_stage(tmp_path, database) as stage:
        await registered(stage)
        subscribes(stage, DOMAIN, "subscribed")
        await stage.settled()
    async with on_stage(tmp_path, database, more=BY_PRESENCE) as stage:
        stage.group("ada", "cyd", "dan")
        await stage.starts()
        await stage.settled()
        yield stage


def ada_session(stage: Stage) -> Any:
    (session,) = stage.gateway.sessions()
    return session


def shows(stage: Stage, kind: str = "", to: str = DOMAIN, client: str = "phone") -> None:
    stage.feed(f"<presence to='{to}' type='{kind}'/>" if kind else f"<presence to='{to}'/>",
               f"{ADA}/{client}")  # fmt: skip


@pytest.mark.requirement("GW-03", "S-055")
@pytest.mark.parametrize("to", [DOMAIN, CYD])
async def test_the_first_client_that_is_there_logs_the_user_in(by_presence: Stage, to: str) -> None:
    session = ada_session(by_presence)
    assert not session.logged
    probes = [s for s in by_presence.wire.stanzas if s.get("type") == "probe"]
    assert [probe.get("to") for probe in probes] == [ADA]
    watcher = Watcher(by_presence)
    shows(by_presence, to=to)
    stanzas = await watcher.stanzas()
    assert session.logged
    assert [kind(s) for s in stanzas][-1] == "chat"
    assert stanzas[-1].findtext("{*}status") == "Connected as ada"


@pytest.mark.requirement("GW-05")
async def test_the_last_client_that_goes_logs_the_user_out(by_presence: Stage) -> None:
    session = ada_session(by_presence)
    for client in ("phone", "laptop"):
        shows(by_presence, client=client)
    await by_presence.settled()
    shows(by_presence, "unavailable")
    await by_presence.settled()
    assert session.logged
    watcher = Watcher(by_presence)
    shows(by_presence, "unavailable", client="laptop")
    assert (DOMAIN, "unavailable") in await watcher.told()
    assert not session.logged
    assert session.account_member is None


@pytest.mark.requirement("GW-05")
async def test_logins_last_if_nobody_says_otherwise(stage: Stage) -> None:
    await registered(stage)
    shows(stage)
    shows(stage, "unavailable")
    await stage.settled()
    assert ada_session(stage).logged


async def test_who_joins_a_room_is_logged_in(by_presence: Stage) -> None:
    await by_presence.person("ada").joins()
    assert ada_session(by_presence).logged


@pytest.mark.requirement("GW-07")
async def test_who_unregisters_is_let_go_of_everywhere(stage: Stage) -> None:
    watcher = await registered(stage)
    ada = stage.person("ada")
    subscribes(stage, DAN)
    subscribes(stage, DOMAIN)
    await watcher.told()
    ada.sends("<iq type='set' id='r' to='{gw}'><query xmlns='jabber:iq:register'><remove/>"
              "</query></iq>")  # fmt: skip
    told = await watcher.told()
    own = [kind for origin, kind in told if origin == DOMAIN]
    assert own == ["unsubscribe", "unsubscribed", "unavailable"]
    assert (DAN, "unsubscribed") in told
    await ada.receives(
        "<presence type='unavailable' from='{room}/ada'>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><status code='332'/></x></presence>"
    )
    assert not stage.gateway.is_user(ADA)
    assert stage.gateway.ledger.shown() == []


@pytest.mark.requirement("GW-10")
async def test_at_the_start_everybody_is_told_and_at_the_end_too(
    tmp_path: Path, database: Path
) -> None:
    async with on_stage(tmp_path, database) as stage:
        await registered(stage, "ada", "bao")
        subscribes(stage, CYD)
        await stage.settled()
        watchers = [Watcher(stage), Watcher(stage, "bao@example.org")]

        async def hang_up() -> None:
            pass

        stage.gateway.hang_up = hang_up
        await stage.gateway.stop()
        ada, bao = [await watcher.told() for watcher in watchers]
        assert (DOMAIN, "unavailable") in ada
        assert (f"{CYD}/sluice", "unavailable") in ada
        assert bao == [(DOMAIN, "unavailable")]
    async with on_stage(tmp_path, database) as stage:
        stage.group("ada", "bao", "cyd", "dan")
        watchers = [Watcher(stage), Watcher(stage, "bao@example.org")]
        await stage.starts()
        for watcher in watchers:
            assert (await watcher.told())[-1] == (DOMAIN, "chat")


@pytest.mark.requirement("GW-03")
@pytest.mark.parametrize("state", [LoginState.LOGGED_OUT, LoginState.BAD_CREDENTIALS])
async def test_a_login_that_is_lost_is_no_login(
    stage: Stage, network: FakeNetwork, state: LoginState
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    session = ada_session(stage)
    await network.tells(LoginStateChanged(to=ADA, state=state, text="Log in again."))
    await stage.settled()
    assert not session.logged
    assert session.account_member is None
    await ada.receives("<presence type='unavailable' from='{room}/ada'/>")
    ada.sends("<message to='{room}' type='groupchat' id='m1'><body>Hello?</body></message>")
    await ada.receives("<message type='error' id='m1'/>")

    await network.tells(LoginStateChanged(to=ADA, state=LoginState.CONNECTED))
    await stage.settled()
    assert session.logged
    assert session.account_member == "ada"
    await ada.joins()


@pytest.mark.requirement("GW-13", "SM-04")
async def test_what_is_said_to_who_is_away_is_in_the_archive_and_nowhere_else(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    ada.sends("<presence to='{room}/ada' type='unavailable'/>")
    await ada.has_heard()
    message = network.message("CYD", "While you were out")
    await network.tells(MessagePosted(group=GroupId("g1"), message=message))
    await ada.hears_nothing()
    ada.sends("<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    await ada.receives("<message><body>While you were out</body></message>")
