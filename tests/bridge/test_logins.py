"""Where a login stands, what its user is told, and what is caught up with afterwards."""

from __future__ import annotations

import asyncio

import pytest

from conformance.client import PATIENCE
from legacy_backend.events import LoginStateChanged, MessagePosted
from legacy_backend.terms import UserId
from legacy_backend.values import LoginState
from tests.fake_network import FakeNetwork
from tests.muc.reading import find, stanza_id
from tests.muc.saying import G1
from tests.stage import Stage

ADA = UserId("ada@example.org")


def state(state: LoginState, text: str = "") -> LoginStateChanged:
    return LoginStateChanged(to=ADA, state=state, text=text)


def from_gateway(stage: Stage, name: str, since: int) -> list[tuple[str, str]]:
    """What the gateway itself told a user: kind of stanza and its words."""
    told = []
    for stanza in stage.wire.stanzas[since:]:
        if stanza.get("to") == f"{name}@example.org" and "@" not in stanza.get("from", ""):
            kind = stanza.tag.partition("}")[2]
            words = stanza.findtext("{*}body") or stanza.findtext("{*}status") or ""
            told.append((kind, words))
    return told


async def test_bad_credentials_are_told_once(stage: Stage, network: FakeNetwork) -> None:
    await stage.seated("ada", "bao")
    before = len(stage.wire.stanzas)
    for _ in range(3):
        await network.tells(state(LoginState.BAD_CREDENTIALS, "Your password was changed."))
    await stage.settled()
    told = from_gateway(stage, "ada", before)
    assert told.count(("message", "Your password was changed.")) == 1
    assert ("presence", "Your password was changed.") in told
    assert from_gateway(stage, "bao", before) == []


async def test_what_came_right_and_went_wrong_again_is_told_again(
    stage: Stage, network: FakeNetwork
) -> None:
    await stage.seated("ada")
    before = len(stage.wire.stanzas)
    for _ in range(2):
        await network.tells(state(LoginState.LOGGED_OUT, "Log in again."))
        await network.tells(state(LoginState.TRANSIENT_DISCONNECT))
        await network.tells(state(LoginState.LOGGED_OUT, "Log in again."))
        await network.tells(state(LoginState.CONNECTED))
    await stage.settled()
    assert from_gateway(stage, "ada", before).count(("message", "Log in again.")) == 2


@pytest.mark.parametrize(
    ("now", "show"),
    [
        (LoginState.TRANSIENT_DISCONNECT, "away"),
        (LoginState.BACKFILLING, "chat"),
        (LoginState.CONNECTING, "dnd"),
        (LoginState.UNKNOWN_ERROR, "dnd"),
    ],
)
async def test_a_state_that_needs_nobody_is_shown_and_not_told(
    stage: Stage, network: FakeNetwork, now: LoginState, show: str
) -> None:
    await stage.seated("ada")
    before = len(stage.wire.stanzas)
    await network.tells(state(now))
    await stage.settled()
    told = from_gateway(stage, "ada", before)
    assert told == [("presence", now.value.replace("-", " "))]
    assert stage.wire.stanzas[-1].findtext("{*}show") == show


async def test_the_state_of_somebody_unknown_is_nobodys(stage: Stage, network: FakeNetwork) -> None:
    await stage.seated("ada")
    before = len(stage.wire.stanzas)
    nobody = UserId("nobody@example.org")
    await network.tells(LoginStateChanged(to=nobody, state=LoginState.LOGGED_OUT))
    await network.tells(LoginStateChanged(state=LoginState.LOGGED_OUT))
    await stage.settled()
    assert stage.wire.stanzas[before:] == []


async def test_somebody_whom_the_network_refuses_is_not_registered(
    stage: Stage, network: FakeNetwork
) -> None:
    stage.group("ada")
    network.refused_logins.add(ADA)
    ada = stage.person("ada")
    ada.sends("<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    (no,) = await ada.receives("<presence type='error'/>")
    assert find(no, "text").text == "The password is wrong."
    assert not stage.gateway.is_user(ADA)


async def test_a_login_that_is_refused_is_told_once_with_its_reason(
    stage: Stage, network: FakeNetwork
) -> None:
    await stage.seated("ada")
    (session,) = stage.gateway.sessions()
    network.refused_logins.add(ADA)
    before = len(stage.wire.stanzas)
    await session.logout()
    await stage.gateway.login_wrap(session)
    await network.tells(state(LoginState.BAD_CREDENTIALS, "The password is wrong."))
    await stage.settled()
    told = [words for kind, words in from_gateway(stage, "ada", before) if kind == "message"]
    assert len(told) == 1
    assert "The password is wrong." in told[0]


async def away(stage: Stage, network: FakeNetwork) -> None:
    """The network is out of reach, and three messages are sent there."""
    await network.tells(state(LoginState.TRANSIENT_DISCONNECT))
    await stage.settled()
    for number in range(3):
        network.says("g1", "CYD", f"Missed {number}")


MISSED = tuple(f"<message><body>Missed {number}</body></message>" for number in range(3))


async def test_those_who_kept_their_seats_hear_what_was_missed_in_order_and_once(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    await network.tells(MessagePosted(group=G1, message=network.says("g1", "CYD", "Before")))
    await away(stage, network)
    await network.tells(state(LoginState.CONNECTED))
    for person in (ada, bao):
        await person.hears_only("<message><body>Before</body></message>", *MISSED)
    await network.tells(state(LoginState.CONNECTED))
    for message in network.groups[G1].messages:
        await network.tells(MessagePosted(group=G1, message=message))
    for person in (ada, bao):
        await person.hears_nothing()


async def test_what_happens_while_it_is_caught_up_with_comes_after_it(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(MessagePosted(group=G1, message=network.says("g1", "CYD", "Before")))
    await ada.receives("<message><body>Before</body></message>")
    await away(stage, network)
    network.holds("history")
    await network.tells(state(LoginState.CONNECTED))
    asked = await network.is_asked("history", "g1")
    await network.tells(MessagePosted(group=G1, message=network.says("g1", "CYD", "After")))
    await ada.hears_nothing()
    asked.agrees()
    await ada.hears_only(*MISSED, "<message><body>After</body></message>")


async def test_what_is_lost_while_it_is_caught_up_with_is_read_too(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(MessagePosted(group=G1, message=network.says("g1", "CYD", "Before")))
    await ada.receives("<message><body>Before</body></message>")
    network.holds("history")
    await network.tells(state(LoginState.TRANSIENT_DISCONNECT))
    await network.tells(state(LoginState.CONNECTED))
    first = await network.is_asked("history", "g1")
    await away(stage, network)
    first.refuses("remote-server-timeout")
    await stage.settled()
    network.obeys("history")
    await network.tells(state(LoginState.CONNECTED))
    await ada.hears_only(*MISSED)


async def test_the_first_sight_of_a_group_reads_its_past(
    stage: Stage, network: FakeNetwork
) -> None:
    stage.group("ada", "CYD")
    old = [network.says("g1", "CYD", f"Old {number}") for number in range(3)]
    ada = stage.person("ada")
    ada.sends("<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    messages = await ada.receives(*(f"<message><body>{m.body}</body></message>" for m in old))
    assert len({stanza_id(message) for message in messages}) == 3
    await ada.receives("<message><subject/></message>")
    for message in old:
        await network.tells(MessagePosted(group=G1, message=message))
    await ada.hears_nothing()


async def test_a_long_past_is_read_page_by_page(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = stage.gateway.rooms.host.limits
    monkeypatch.setattr(limits, "backfill_page", 3)
    monkeypatch.setattr(limits, "backfill_first", 9)
    stage.group("ada", "CYD")
    for number in range(20):
        network.says("g1", "CYD", f"{number}")
    ada = stage.person("ada")
    ada.sends("<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    await ada.receives(*(f"<message><body>{n}</body></message>" for n in range(11, 20)))
    for number in range(20, 28):
        network.says("g1", "CYD", f"{number}")
    await network.tells(state(LoginState.TRANSIENT_DISCONNECT))
    await network.tells(state(LoginState.CONNECTED))
    await ada.receives(*(f"<message><body>{n}</body></message>" for n in range(20, 28)))
    await ada.hears_nothing()


async def test_many_handles_read_the_past_of_their_room_once(
    stage: Stage, network: FakeNetwork
) -> None:
    people = ("ada", "bao", "cyd", "dan")
    await stage.seated(*people)
    network.holds("history")
    live = stage.gateway.events.handles(G1)[0].live
    live.lost_sight()
    for muc in stage.gateway.events.handles(G1):
        muc.session.create_task(muc.ensure_history(None))
    asked = await network.is_asked("history", "g1")
    await stage.settled()
    network.was_not_asked()
    asked.refuses("forbidden")
    (await network.is_asked("history", "g1")).agrees()
    await stage.settled()
    assert live.history_known


async def test_at_the_end_nobody_waits_for_the_logout_of_another(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.seated("ada", "bao")
    monkeypatch.setattr("gateway.component.lifetime.LOGOUT_SECONDS", 3600)
    hanging, other = stage.gateway.sessions()
    out = asyncio.Event()

    async def go() -> None:
        out.set()

    monkeypatch.setattr(hanging, "logout", out.wait)
    monkeypatch.setattr(other, "logout", go)
    monkeypatch.setattr(stage.gateway, "hang_up", go)
    before = len(stage.wire.stanzas)
    async with asyncio.timeout(PATIENCE):
        await stage.gateway.stop()
    await stage.settled()
    for name in ("ada", "bao"):
        assert ("presence", "The gateway is restarting.") in from_gateway(stage, name, before)


async def test_a_logout_that_never_ends_does_not_keep_the_gateway(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.seated("ada")
    monkeypatch.setattr("gateway.component.lifetime.LOGOUT_SECONDS", 0.01)
    (session,) = stage.gateway.sessions()
    monkeypatch.setattr(session, "logout", asyncio.Event().wait)

    async def hang_up() -> None:
        pass

    monkeypatch.setattr(stage.gateway, "hang_up", hang_up)
    before = len(stage.wire.stanzas)
    async with asyncio.timeout(PATIENCE):
        await stage.gateway.stop()
    assert "could not be logged out" in caplog.text
    await stage.settled()
    assert ("presence", "The gateway is restarting.") in from_gateway(stage, "ada", before)
