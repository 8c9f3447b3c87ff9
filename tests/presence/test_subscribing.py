"""Users who want to see somebody's presence, and the other way round (RFC 6121 §3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.presence.policy import Policy
from gateway.presence.probed import ANSWER_SECONDS
from gateway.presence.standing import Standing
from legacy_backend.events import SubscriptionAnswered
from legacy_backend.terms import MemberId, UserId
from tests.fake_network import FakeNetwork
from tests.presence.watching import CYD, DAN, Watcher, registered, subscribes
from tests.stage import DOMAIN, Stage, on_stage

ADA = UserId("ada@example.org")
CYD_THERE = f"{CYD}/sluice"


def standing(stage: Stage, local: str = "", user: str = ADA) -> Standing:
    found: Standing = stage.gateway.ledger.get(user, local) or Standing.NONE
    return found


def policy(stage: Stage, wanted: Policy) -> None:
    stage.gateway.auto_authorize = wanted.auto_authorize
    stage.gateway.auto_subscribe = wanted.auto_subscribe
    assert stage.gateway.desk.subscribing.contacts is wanted


@pytest.mark.requirement("SUB-02", "SUB-10", "S-012", "S-013", "S-014", "S-038", "S-020", "GW-11")
async def test_a_contact_is_shown_to_whoever_asks(stage: Stage) -> None:
    watcher = await registered(stage)
    stage.feed(f"<presence to='{CYD}/x' type='subscribe'/>", f"{ADA}/phone")
    assert await watcher.told() == [(CYD, "subscribed"), (CYD_THERE, "available")]
    assert standing(stage, "cyd").word == "from"


@pytest.mark.requirement("SUB-02", "SUB-04", "S-035")
async def test_asking_again_is_answered_again_and_asks_nobody(
    stage: Stage, network: FakeNetwork
) -> None:
    watcher = await registered(stage)
    network.holds("allow_subscription")
    subscribes(stage, CYD)
    (await network.is_asked("allow_subscription", "cyd", "")).agrees(True)
    await watcher.told()
    for _ in range(20):
        subscribes(stage, CYD)
    assert await watcher.told() == [(CYD, "subscribed"), (CYD_THERE, "available")] * 20
    network.was_not_asked()


@pytest.mark.requirement("S-021", "S-037", "S-027", "SUB-02")
async def test_nobody_of_the_network_is_shown_to_nobody(stage: Stage) -> None:
    watcher = await registered(stage)
    subscribes(stage, f"nobody@{DOMAIN}")
    assert await watcher.told() == [(f"nobody@{DOMAIN}", "unsubscribed")]
    assert stage.gateway.ledger.get(ADA, "nobody") is None


@pytest.mark.requirement("S-021", "S-027", "S-036")
async def test_the_policy_may_be_to_reject_and_the_gateway_is_another_matter(stage: Stage) -> None:
    watcher = await registered(stage)
    policy(stage, Policy.REJECT)
    subscribes(stage, CYD)
    subscribes(stage, DOMAIN)
    assert await watcher.told() == [
        (CYD, "unsubscribed"),
        (DOMAIN, "subscribed"),
        (DOMAIN, "chat"),
    ]


@pytest.mark.requirement("S-020", "S-024", "S-026", "S-023", "S-025", "S-039", "SUB-03", "SUB-14")
@pytest.mark.parametrize(
    ("wanted", "back"), [(Policy.ACCEPT, []), (Policy.MUTUAL, [(CYD, "subscribe")])]
)
async def test_who_was_asked_may_ask_back_once(
    stage: Stage, network: FakeNetwork, wanted: Policy, back: list[tuple[str, str]]
) -> None:
    watcher = await registered(stage)
    network.holds("allow_subscription")
    policy(stage, wanted)
    subscribes(stage, CYD)
    stanzas = await watcher.stanzas()
    told = [(s.get("from", ""), s.get("type", "available")) for s in stanzas]
    assert told == [(CYD, "subscribed"), (CYD_THERE, "available"), *back]
    network.was_not_asked()
    if back:
        assert stanzas[-1].findtext("{http://jabber.org/protocol/nick}nick") == "cyd"
        assert Standing.ASKING in standing(stage, "cyd")
    subscribes(stage, CYD)
    assert (CYD, "subscribe") not in await watcher.told()


@pytest.mark.requirement("S-011", "S-010", "S-040", "S-055", "SUB-03", "SUB-08")
async def test_a_yes_to_our_question_is_answered_with_presence_and_a_probe(stage: Stage) -> None:
    watcher = await registered(stage)
    policy(stage, Policy.MUTUAL)
    subscribes(stage, CYD)
    await watcher.told()
    subscribes(stage, CYD, "subscribed")
    assert await watcher.told() == [(CYD_THERE, "available"), (CYD, "probe")]
    assert standing(stage, "cyd").word == "both"


@pytest.mark.requirement("SUB-04", "S-035")
@pytest.mark.parametrize("kind", ["subscribed", "unsubscribed", "unsubscribe"])
async def test_what_answers_nothing_is_swallowed(stage: Stage, kind: str) -> None:
    watcher = await registered(stage)
    for _ in range(10):
        subscribes(stage, CYD, kind)
    assert await watcher.told() == []
    assert standing(stage, "cyd") is Standing.NONE


@pytest.mark.requirement("S-035", "SUB-03", "S-034")
async def test_two_automatic_ends_come_to_rest(stage: Stage) -> None:
    """The other end answers each "subscribe" with both, and each "subscribed" with another."""
    watcher = await registered(stage)
    policy(stage, Policy.MUTUAL)
    subscribes(stage, CYD)
    told = []
    for _ in range(50):
        news = [kind for origin, kind in await watcher.told() if origin == CYD]
        told += news
        for kind in news:
            if kind == "subscribe":
                subscribes(stage, CYD, "subscribed")
                subscribes(stage, CYD)
            elif kind == "subscribed" and len(told) < 30:
                subscribes(stage, CYD, "subscribe")
        if not news:
            break
    assert told.count("subscribe") == 1
    assert standing(stage, "cyd") is Standing.BOTH


@pytest.mark.requirement("SUB-05", "S-012")
async def test_who_does_not_want_to_see_any_more_is_told_so_much(
    stage: Stage, network: FakeNetwork
) -> None:
    watcher = await registered(stage)
    subscribes(stage, CYD)
    await watcher.told()
    network.holds("end_subscription")
    subscribes(stage, CYD, "unsubscribe")
    assert await watcher.told() == [(CYD, "unsubscribed"), (CYD_THERE, "unavailable")]
    (await network.is_asked("end_subscription", "cyd")).agrees()
    assert standing(stage, "cyd") is Standing.NONE


@pytest.mark.requirement("SUB-06")
async def test_who_is_not_to_be_seen_any_more_is_not_assumed_to_be_there(stage: Stage) -> None:
    watcher = await registered(stage)
    policy(stage, Policy.MUTUAL)
    subscribes(stage, CYD)
    subscribes(stage, CYD, "subscribed")
    await watcher.told()
    subscribes(stage, CYD, "unsubscribed")
    assert await watcher.told() == [(CYD, "unsubscribe")]
    assert standing(stage, "cyd").word == "from"


@pytest.mark.requirement("S-022", "S-028", "S-036")
async def test_the_network_may_decide_for_each_contact(stage: Stage, network: FakeNetwork) -> None:
    watcher = await registered(stage)
    network.holds("allow_subscription")
    stage.feed(f"<presence to='{CYD}' type='subscribe'><status>It is me</status></presence>", ADA)
    asked = await network.is_asked("allow_subscription", "cyd", "It is me")
    assert await watcher.told() == []
    asked.agrees(False)
    assert await watcher.told() == [(CYD, "unsubscribed")]
    subscribes(stage, DAN)
    (await network.is_asked("allow_subscription", "dan", "")).agrees(True)
    assert await watcher.told() == [(DAN, "subscribed"), (f"{DAN}/sluice", "available")]


@pytest.mark.requirement("S-022", "S-028")
async def test_the_network_may_refuse_with_an_error(stage: Stage, network: FakeNetwork) -> None:
    watcher = await registered(stage)
    network.holds("allow_subscription")
    subscribes(stage, CYD)
    (await network.is_asked("allow_subscription", "cyd", "")).refuses("forbidden", "No.")
    assert await watcher.told() == [(CYD, "unsubscribed")]


@pytest.mark.requirement("S-022", "SUB-01", "S-034")
@pytest.mark.parametrize(("allowed", "answer"), [(True, "subscribed"), (False, "unsubscribed")])
async def test_the_network_may_decide_later_whatever_happens_meanwhile(
    tmp_path: Path, database: Path, allowed: bool, answer: str
) -> None:
    async with on_stage(tmp_path, database) as stage:
        await registered(stage)
        stage.network.holds("allow_subscription")
        subscribes(stage, CYD)
        (await stage.network.is_asked("allow_subscription", "cyd", "")).agrees(None)
        await stage.settled()
        assert Standing.ASKED in standing(stage, "cyd")
    async with on_stage(tmp_path, database) as stage:
        stage.group("ada", "cyd", "dan")
        await stage.starts()
        await stage.settled()
        watcher = Watcher(stage)
        stage.network.holds("allow_subscription")
        subscribes(stage, CYD)  # servers repeat it
        assert await watcher.told() == []
        stage.network.was_not_asked()
        await stage.network.tells(SubscriptionAnswered(to=ADA, by=MemberId("cyd"), allowed=allowed))
        assert (await watcher.told())[0] == (CYD, answer)
        assert standing(stage, "cyd").word == ("from" if allowed else "none")


@pytest.mark.requirement("SUB-01", "S-034")
async def test_how_things_stand_is_remembered(tmp_path: Path, database: Path) -> None:
    async with on_stage(tmp_path, database) as stage:
        await registered(stage)
        policy(stage, Policy.MUTUAL)
        subscribes(stage, CYD)
        subscribes(stage, DAN)
        subscribes(stage, DAN, "subscribed")
        subscribes(stage, DOMAIN, "subscribed")
        await stage.settled()
    async with on_stage(tmp_path, database) as stage:
        assert standing(stage, "cyd") == Standing.FROM | Standing.ASKING
        assert standing(stage, "dan") == Standing.BOTH
        assert standing(stage) == Standing.BOTH
        await stage.starts()
        await stage.settled()
        watcher = Watcher(stage)
        policy(stage, Policy.MUTUAL)
        subscribes(stage, CYD)
        assert (CYD, "subscribe") not in await watcher.told()


@pytest.mark.requirement("GW-02", "SUB-14", "SUB-03", "S-004", "S-010")
async def test_the_gateway_asks_whoever_registers_and_approves_them(stage: Stage) -> None:
    stage.group("ada")
    await stage.person("ada").joins()
    watcher = Watcher(stage)
    asked = [s for s in stage.wire.stanzas if s.get("type") == "subscribe"]
    assert [(s.get("from"), s.get("to")) for s in asked] == [(DOMAIN, ADA)]
    assert asked[0].findtext("{http://jabber.org/protocol/nick}nick") == "Fake"
    subscribes(stage, DOMAIN)
    assert await watcher.told() == [(DOMAIN, "subscribed"), (DOMAIN, "chat")]
    await stage.starts()
    assert (DOMAIN, "subscribe") not in await watcher.told()


@pytest.mark.requirement("GW-02", "SUB-08")
async def test_a_denied_probe_is_no_answer_to_a_question(stage: Stage) -> None:
    """A server denies us the presence of a user whom we have asked meanwhile."""
    watcher = await registered(stage)
    stage.gateway.ledger.put(ADA, "", Standing.FROM)
    stage.gateway.send_presence(pto=ADA, ptype="probe")
    stage.gateway.send_presence_subscription(pto=ADA)
    stage.gateway.send_presence(pto=ADA, ptype="probe")
    assert await watcher.told() == [(DOMAIN, "probe"), (DOMAIN, "subscribe")]
    subscribes(stage, DOMAIN, "unsubscribed")
    await stage.settled()
    assert Standing.ASKING in standing(stage)
    subscribes(stage, DOMAIN, "unsubscribed")
    await stage.settled()
    assert Standing.ASKING not in standing(stage)
    assert standing(stage).word == "from"


@pytest.mark.requirement("GW-02", "SUB-08")
@pytest.mark.parametrize("answer", ["nothing", "presence"])
async def test_a_probe_that_is_not_denied_takes_no_answer_away(stage: Stage, answer: str) -> None:
    """The user says no to what was asked after it."""
    await registered(stage)
    stage.gateway.ledger.put(ADA, "", Standing.FROM)
    now = 0.0
    stage.gateway.desk.subscribing.probed.clock = lambda: now
    stage.gateway.send_presence(pto=ADA, ptype="probe")
    stage.gateway.send_presence_subscription(pto=ADA)
    assert Standing.ASKING in standing(stage)
    if answer == "presence":
        stage.feed(f"<presence to='{DOMAIN}'/>", f"{ADA}/phone")
        await stage.settled()
    else:
        now = ANSWER_SECONDS + 1
    subscribes(stage, DOMAIN, "unsubscribed")
    await stage.settled()
    assert standing(stage).word == "from"
    assert Standing.ASKING not in standing(stage)


@pytest.mark.requirement("S-021", "SUB-02")
@pytest.mark.parametrize("address", [DOMAIN, CYD])
async def test_strangers_see_nobody(stage: Stage, address: str) -> None:
    await registered(stage)
    watcher = Watcher(stage, "eve@example.com")
    for kind in ("subscribe", "subscribed", "unsubscribe", "unsubscribed"):
        stage.feed(f"<presence to='{address}' type='{kind}'/>", "eve@example.com")
    assert await watcher.told() == [(address, "unsubscribed")]
    stage.feed(f"<presence to='{address}' type='probe'/>", "eve@example.com/phone")
    assert await watcher.told() == [(address, "unsubscribed")]
    assert "eve@example.com" not in {user for user, _ in stage.gateway.ledger.shown()}


async def test_somebody_who_asks_for_too_many_gets_no_answer(
    stage: Stage, network: FakeNetwork
) -> None:
    watcher = await registered(stage)
    stage.gateway.rates.per_minute["subscriptions"] = 3
    network.holds("allow_subscription")
    policy(stage, Policy.ACCEPT)
    for number in range(10):
        subscribes(stage, f"n{number}@{DOMAIN}")
    assert len(await watcher.told()) == 3


@pytest.mark.requirement("SUB-02")
async def test_a_question_that_cannot_be_answered_now_may_be_asked_again(
    stage: Stage, network: FakeNetwork
) -> None:
    watcher = await registered(stage)
    session = stage.gateway.sessions()[0]
    session._logged = False
    subscribes(stage, CYD)
    assert await watcher.told() == []
    session._logged = True
    subscribes(stage, CYD)
    assert (await watcher.told())[0] == (CYD, "subscribed")
