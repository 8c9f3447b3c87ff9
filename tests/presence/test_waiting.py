"""Presences while the server is away or slow: the latest of each, and not all at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.link.outbox import HIGH_WATER, Outbox
from gateway.presence.waiting import Waiting
from legacy_backend.terms import UserId
from tests.presence.watching import CYD, DAN, Watcher, registered, subscribes
from tests.stage import DOMAIN, NS, Stage, on_stage

ADA = UserId("ada@example.org")


class Pipe:
    """The way to the server."""

    def __init__(self) -> None:
        self.text = b""

    def write(self, data: bytes) -> None:
        self.text += data

    def get_write_buffer_size(self) -> int:
        return 0


def cut(stage: Stage) -> None:
    """The stream is gone."""
    stage.gateway._session_started = False
    stage.gateway.outbox.disconnected()


async def back(stage: Stage) -> None:
    """The stream is there again."""
    stage.gateway._session_started = True
    stage.gateway.outbox.connected(stage.wire)
    await stage.gateway._on_session_start(None)
    await stage.gateway.desk.waiting.told()
    await stage.settled()


@pytest.mark.requirement("GW-03")
async def test_after_the_server_was_away_everybody_is_told_how_things_stand_once(
    tmp_path: Path, database: Path
) -> None:
    async with on_stage(tmp_path, database, more="[presence]\nper_second = 100") as stage:
        ada = await registered(stage, "ada", "bao")
        bao = Watcher(stage, "bao@example.org")
        subscribes(stage, CYD)
        subscribes(stage, DAN)
        subscribes(stage, DOMAIN, "subscribed")
        await ada.told()
        cut(stage)
        session = next(s for s in stage.gateway.sessions() if s.user_jid == ADA)
        contact = await session.contacts.by_legacy_id("cyd")
        for number in range(50):
            contact.away(f"Away {number}")
            session.send_gateway_status(f"State {number}", show="dnd")
        assert await ada.told() == []
        assert len(stage.gateway.desk.waiting) == 2
        await back(stage)
        stanzas = await ada.stanzas()
        told = sorted(
            (s.get("from", ""), s.findtext("{*}status") or s.get("type")) for s in stanzas
        )
        assert told == [
            (f"{CYD}/sluice", "Away 49"),
            (f"{DAN}/sluice", None),
            (DOMAIN, "State 49"),
            (DOMAIN, "probe"),
        ]
        assert await bao.told() == [(DOMAIN, "chat")]


async def test_not_all_are_told_at_once() -> None:
    outbox = Outbox(1 << 20, lambda: None)
    outbox.connected(Pipe())
    told: list[int] = []
    waiting = Waiting(outbox, per_second=200)
    for number in range(60):
        waiting.put(("gw", f"u{number}"), lambda number=number: told.append(number))  # type: ignore[misc]
    started = asyncio.get_running_loop().time()
    await waiting.told()
    took = asyncio.get_running_loop().time() - started
    assert told == list(range(60))
    assert took >= 0.2, "60 at 200 a second take a quarter of a second"


async def test_what_is_newer_takes_the_place_of_what_waits() -> None:
    outbox = Outbox(1 << 20, lambda: None)
    told: list[str] = []
    waiting = Waiting(outbox, per_second=1000)
    assert waiting.holds(("a", "b"))
    waiting.put(("a", "b"), lambda: told.append("old"))
    waiting.put(("a", "b"), lambda: told.append("new"))
    waiting.put_if_none(("a", "b"), lambda: told.append("oldest"))
    waiting.put(("c", "d"), lambda: 1 / 0)  # type: ignore[arg-type,return-value]
    waiting.put(("e", "f"), lambda: told.append("after a failure"))
    outbox.connected(Pipe())
    assert waiting.holds(("a", "b"))
    assert not waiting.holds(("x", "y"))
    waiting.go_on()
    await waiting.told()
    assert told == ["new", "after a failure"]
    waiting.stop()


@pytest.mark.requirement("TRAP-10")
async def test_trap_10_a_slow_server_gets_messages_first_and_presences_when_it_can(
    stage: Stage,
) -> None:
    watcher = await registered(stage)
    subscribes(stage, CYD)
    await watcher.told()
    (session,) = stage.gateway.sessions()
    contact = await session.contacts.by_legacy_id("cyd")
    outbox = stage.gateway.outbox
    outbox.pause()
    for number in range(1000):
        contact.away(f"Away {number}")
        if number % 100 == 0:
            contact.send_text(f"Message {number}")
    await stage.settled()
    assert len(stage.gateway.desk.waiting) == 1, "only the latest of each counts"
    assert outbox.size < HIGH_WATER
    since = len(stage.wire.stanzas)
    outbox.resume()
    await stage.gateway.desk.waiting.told()
    await stage.settled()
    told = [
        s.findtext(f"{{{NS}}}body") or s.findtext(f"{{{NS}}}status")
        for s in stage.wire.stanzas[since:]
    ]
    assert told == [*(f"Message {n}" for n in range(0, 1000, 100)), "Away 999"]


@pytest.mark.requirement("TRAP-10")
async def test_trap_10_what_cannot_wait_is_bounded(stage: Stage) -> None:
    await registered(stage)
    outbox = stage.gateway.outbox
    outbox._limit = 100_000
    (session,) = stage.gateway.sessions()
    contact = await session.contacts.by_legacy_id("cyd")
    cut(stage)
    for _ in range(500):
        contact.send_text("x" * 1000)
        assert outbox.size <= 100_000
    await stage.settled()
    assert stage.gateway.waiting_queue.empty()


@pytest.mark.requirement("COMP-04", "SUB-10", "SUB-11")
async def test_comp_04_whatever_is_sent_is_from_us_and_to_somebody(stage: Stage) -> None:
    ada, _ = await stage.seated("ada:owner", "bao", "CYD")
    stage.network.obeys("send")
    ada.sends("<message to='{room}' type='groupchat' id='m1'><body>Hello</body></message>")
    ada.sends("<iq type='get' id='q1' to='{gw}'><query xmlns='jabber:iq:register'/></iq>")
    ada.sends("<iq type='get' id='q2' to='nobody@{gw}'><query xmlns='urn:example:what'/></iq>")
    ada.sends("<presence to='nobody@{gw}' type='probe'/>")
    ada.sends("<presence to='{gw}' type='subscribe'/>")
    await stage.settled()
    assert len(stage.wire.stanzas) > 15
    for stanza in stage.wire.stanzas:
        origin = stanza.get("from", "").partition("/")[0]
        assert origin == DOMAIN or origin.endswith(f"@{DOMAIN}"), origin
        assert stanza.get("to")
        if stanza.get("type") in ("subscribe", "subscribed", "unsubscribe", "unsubscribed"):
            assert "/" not in f"{stanza.get('from')}{stanza.get('to')}"
            assert origin != stage.room, "rooms have no subscriptions"


@pytest.mark.requirement("SM-03", "SM-04", "COMP-07")
async def test_sm_03_what_was_lost_in_the_gap_can_be_sent_and_read_again(stage: Stage) -> None:
    """A message of a user's that got lost with the stream is sent again by their client; what
    others said meanwhile goes out when the stream is back, and is in the archive at once."""
    ada, bao = await stage.seated("ada", "bao")
    stage.network.obeys("send")
    cut(stage)
    ada.sends("<message to='{room}' type='groupchat' id='m1'><body>Into the gap</body></message>")
    await stage.settled()
    assert not [s for s in stage.wire.stanzas if s.get("id") == "m1"]
    live = next(iter(stage.gateway.rooms))
    found = await live.host.archive.history(live.id, limit=10)
    assert ["Into the gap" in entry.stanza for entry in found] == [True]
    await back(stage)
    for person in (ada, bao):
        await person.receives("<message id='m1'><body>Into the gap</body></message>")
    await bao.joins()  # a client that was told nothing of us may well take itself for out
