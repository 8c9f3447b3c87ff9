"""Probes, both ways (RFC 6121 §4.3), and presence that comes by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from legacy_backend.events import LoginStateChanged, MemberChanged
from legacy_backend.terms import GroupId, MemberId, UserId
from legacy_backend.values import LoginState
from tests.fake_network import FakeNetwork
from tests.presence.watching import CYD, Watcher, kind, registered, subscribes
from tests.stage import DOMAIN, Stage

ADA = UserId("ada@example.org")


def becomes(network: FakeNetwork, name: str, **more: object) -> MemberChanged:
    """Somebody of g1 is otherwise now."""
    members = network.groups[GroupId("g1")].members
    members[MemberId(name)] = replace(members[MemberId(name)], **more)  # type: ignore[arg-type]
    return MemberChanged(group=GroupId("g1"), member=members[MemberId(name)])


@pytest.mark.requirement("S-050", "S-051", "S-053", "S-063", "S-062", "SUB-07", "GW-11")
async def test_a_contact_answers_with_its_state_to_whoever_probed(
    stage: Stage, network: FakeNetwork
) -> None:
    watcher = await registered(stage)
    subscribes(stage, CYD)
    await network.tells(becomes(network, "cyd", show="dnd", status="Busy studying XMPP"))
    await watcher.told()
    for address in (CYD, f"{CYD}/sluice", f"{CYD}/whatever"):
        stage.feed(f"<presence to='{address}' type='probe'/>", f"{ADA}/phone")
        (answer,) = await watcher.stanzas()
        assert answer.get("to") == f"{ADA}/phone"
        assert answer.get("from") == f"{CYD}/sluice"
        assert kind(answer) == "dnd"
        assert answer.findtext("{*}status") == "Busy studying XMPP"
        assert answer.find("{*}priority") is None


@pytest.mark.requirement("SUB-07")
async def test_who_is_not_shown_to_the_prober_says_so(stage: Stage) -> None:
    watcher = await registered(stage)
    stage.feed(f"<presence to='{CYD}' type='probe'/>", f"{ADA}/phone")
    (answer,) = await watcher.stanzas()
    assert (answer.get("from"), answer.get("to")) == (CYD, ADA)
    assert kind(answer) == "unsubscribed"


@pytest.mark.requirement("SUB-07")
async def test_who_is_away_is_unavailable(stage: Stage, network: FakeNetwork) -> None:
    watcher = await registered(stage)
    subscribes(stage, CYD)
    await network.tells(becomes(network, "cyd", present=False))
    assert (await watcher.told())[-1] == (f"{CYD}/sluice", "unavailable")
    subscribes(stage, CYD, "probe")
    assert await watcher.told() == [(f"{CYD}/sluice", "unavailable")]


@pytest.mark.requirement("SUB-07", "GW-03")
async def test_whose_login_is_lost_sees_nobody_of_the_network(
    stage: Stage, network: FakeNetwork
) -> None:
    watcher = await registered(stage)
    subscribes(stage, CYD)
    await watcher.told()
    await network.tells(LoginStateChanged(to=ADA, state=LoginState.LOGGED_OUT))
    told = await watcher.told()
    assert (CYD, "unavailable") in told
    assert (DOMAIN, "dnd") in told
    subscribes(stage, CYD, "probe")
    assert await watcher.told() == [(CYD, "unavailable")]
    subscribes(stage, DOMAIN, "probe")
    assert await watcher.told() == [(DOMAIN, "dnd")]


@pytest.mark.requirement("S-050", "S-051", "GW-03", "SUB-07")
async def test_the_gateway_answers_with_the_state_of_the_login(stage: Stage) -> None:
    watcher = await registered(stage)
    stage.feed(f"<presence to='{DOMAIN}' type='probe'/>", f"{ADA}/phone")
    (answer,) = await watcher.stanzas()
    assert (answer.get("from"), answer.get("to")) == (DOMAIN, f"{ADA}/phone")
    assert kind(answer) == "chat"
    assert answer.findtext("{*}status") == "Connected as ada"


@pytest.mark.requirement("S-063")
async def test_a_change_of_a_person_is_shown_to_those_who_may_see(
    stage: Stage, network: FakeNetwork
) -> None:
    ada = await registered(stage, "ada", "bao")
    bao = Watcher(stage, "bao@example.org")
    subscribes(stage, CYD)
    await ada.told()
    await network.tells(becomes(network, "cyd", show="away", status="At lunch"))
    (news,) = await ada.stanzas()
    assert (kind(news), news.findtext("{*}status")) == ("away", "At lunch")
    assert await bao.told() == []
    await network.tells(becomes(network, "cyd", show="away", status="At lunch"))
    assert await ada.told() == []


@pytest.mark.requirement("S-055", "S-054", "SUB-08")
async def test_after_registration_a_probe_fetches_the_users_presence(stage: Stage) -> None:
    stage.group("ada")
    watcher = Watcher(stage)
    await stage.person("ada").joins()
    told = await watcher.told()
    assert (DOMAIN, "subscribe") in told
    assert (DOMAIN, "probe") not in told, "Prosody would take our request for denied"
    subscribes(stage, DOMAIN, "subscribed")
    assert (DOMAIN, "probe") in await watcher.told()
    stage.feed(f"<presence to='{DOMAIN}'/>", f"{ADA}/phone")
    await stage.settled()
    assert stage.gateway.desk.online.is_online(ADA)


@pytest.mark.requirement("SUB-12")
@pytest.mark.parametrize("address", [DOMAIN, CYD])
async def test_an_error_is_never_answered(stage: Stage, address: str) -> None:
    watcher = await registered(stage)
    for sender in (f"{ADA}/phone", "eve@example.com/x"):
        stage.feed(
            f"<presence to='{address}' type='error'><error type='cancel'>"
            "<remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
            "</presence>",
            sender,
        )
    assert await watcher.told() == []
    assert await Watcher(stage, "eve@example.com").told() == []


@pytest.mark.requirement("SUB-13", "PRIV-07")
async def test_presence_without_a_subscription_counts_and_is_not_answered(stage: Stage) -> None:
    watcher = await registered(stage)
    stage.feed(f"<presence to='{DOMAIN}'/>", f"{ADA}/phone")
    assert await watcher.told() == []
    assert stage.gateway.desk.online.is_online(ADA)


@pytest.mark.requirement("SUB-09")
async def test_presence_that_comes_at_each_contact_counts_once(stage: Stage) -> None:
    await registered(stage)
    online = stage.gateway.desk.online
    for address in (DOMAIN, CYD, f"dan@{DOMAIN}"):
        for client in ("phone", "laptop"):
            stage.feed(f"<presence to='{address}'/>", f"{ADA}/{client}")
    await stage.settled()
    assert online._clients[ADA] == {f"{ADA}/phone", f"{ADA}/laptop"}
    for address in (CYD, DOMAIN):
        stage.feed(f"<presence to='{address}' type='unavailable'/>", f"{ADA}/phone")
    assert online.is_online(ADA)
    stage.feed(f"<presence to='{CYD}' type='unavailable'/>", f"{ADA}/laptop")
    assert not online.is_online(ADA)


async def test_presence_of_strangers_leaves_nothing_behind(stage: Stage) -> None:
    await registered(stage)
    before = len(stage.gateway.roster._rosters)
    for number in range(50):
        stage.feed(f"<presence to='n{number}@{DOMAIN}'/>", f"eve{number}@example.com/x")
    await stage.settled()
    assert len(stage.gateway.roster._rosters) == before
    assert not stage.gateway.desk.online.is_online("eve1@example.com")
