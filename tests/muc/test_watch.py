"""Seats whose holders are gone (XEP-0045 §18.1.2)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gateway.config import Rooms
from gateway.muc import watch
from gateway.muc.watch import ANSWER_SECONDS, PER_SECOND, silent
from gateway.room.state import Seat
from tests.stage import Person, Stage

ANSWER = """
    <iq type='error' id='{id}' to='{to}'>
      <error type='cancel'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>
    </iq>"""
NOW = timedelta(seconds=-1)
"""A silence that everybody has kept for so long."""

PING = "<iq type='get' from='{room}/bao'><ping xmlns='urn:xmpp:ping'/></iq>"
INFO = """<iq type='get' from='{room}/bao'>
    <query xmlns='http://jabber.org/protocol/disco#info'/></iq>"""


async def _answers(person: Person, request: str, condition: str, by: str = "") -> None:
    """Somebody is asked, and answers with an error, or their server does."""
    (asked,) = await person.receives(request)
    answer = person.stage.filled(
        ANSWER, id=asked.get("id", ""), to=asked.get("from", ""), condition=condition
    )
    person.stage.feed(answer, by or person.jid)
    await person.stage.settled()


@pytest.mark.requirement("GHOST-02")
async def test_ghost_02_who_is_gone_is_found_by_asking(stage: Stage) -> None:
    ada, bao = await stage.seated("ada", "bao")
    live = next(iter(stage.gateway.rooms))
    await stage.gateway.watch.look(NOW)
    await _answers(bao, PING, "service-unavailable")
    assert bao.jid in live.room.seats
    await _answers(bao, INFO, "service-unavailable")
    assert bao.jid not in live.room.seats
    await ada.receives(
        "<presence type='unavailable' from='{room}/bao'>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><status code='333'/></x></presence>"
    )


async def test_who_answers_keeps_the_seat(stage: Stage) -> None:
    ada, bao, cyd = await stage.seated("ada", "bao", "cyd")
    live = next(iter(stage.gateway.rooms))
    await stage.gateway.watch.look(NOW)
    (asked,) = await ada.receives("<iq type='get' from='{room}/ada'/>")
    ada.sends("<iq type='result' id='{id}' to='{room}/ada'/>", id=asked.get("id", ""))
    await _answers(bao, PING, "service-unavailable")
    await _answers(bao, INFO, "feature-not-implemented")
    await stage.settled()
    assert {ada.jid, bao.jid, cyd.jid} == set(live.room.seats)
    assert len(stage.gateway.watch) == 1  # Cyd's


async def test_nobody_answers_for_another(stage: Stage) -> None:
    ada, bao = await stage.seated("ada", "bao")
    live = next(iter(stage.gateway.rooms))
    await stage.gateway.watch.look(NOW)
    await _answers(bao, PING, "item-not-found", by=ada.jid)
    assert bao.jid in live.room.seats
    await ada.hears_only("<iq type='get'/>")


@pytest.mark.requirement("SM-07")
async def test_sm_07_who_sleeps_keeps_the_seat_and_is_asked_rarely(stage: Stage) -> None:
    """A client that hibernates (XEP-0198) answers nothing for minutes, and is there still."""
    (ada,) = await stage.seated("ada")
    live = next(iter(stage.gateway.rooms))
    await stage.gateway.watch.look(NOW)
    (asked,) = await ada.has_heard()
    now = stage.gateway.watch.clock() + ANSWER_SECONDS
    stage.gateway.watch.clock = lambda: now
    assert ada.jid in live.room.seats
    assert not silent(live, live.host.now() - timedelta(minutes=Rooms().seat_ping_minutes))
    assert Rooms().seat_ping_minutes >= 15
    await stage.gateway.watch.look(NOW)
    (again,) = await ada.has_heard()
    assert again.get("id") != asked.get("id")
    assert len(stage.gateway.watch) == 1


async def test_many_who_sleep_cost_no_task_each_and_are_asked_at_a_steady_pace(
    stage: Stage,
) -> None:
    assert Rooms().seat_ping_minutes * 60 > 100_000 / PER_SECOND
    (ada,) = await stage.seated("ada")
    live = next(iter(stage.gateway.rooms))
    me = live.room.seats[ada.jid].occupant
    long_ago = live.host.now() - timedelta(days=1)
    count = 15_000
    for number in range(count):
        jid = f"ada@example.org/{number}"
        live.room.seats[jid] = me.seats[jid] = Seat(jid, me, long_ago, long_ago)
    now, most = 0.0, 0
    tasks = len(asyncio.all_tasks())

    async def slept(seconds: float) -> None:
        nonlocal now, most
        now += seconds
        most = max(most, len(stage.gateway.watch))
        assert len(asyncio.all_tasks()) < tasks + 10
        await asyncio.sleep(0)

    stage.gateway.watch.clock = lambda: now
    stage.gateway.watch.sleep = slept
    before = len(stage.wire.stanzas)
    await stage.gateway.watch.look(timedelta(hours=1))
    asked = [stanza.get("to") for stanza in stage.wire.stanzas[before:]]
    assert len(asked) == len(set(asked)) == count
    assert now == pytest.approx(count / PER_SECOND)
    assert most <= PER_SECOND * ANSWER_SECONDS + watch.AT_ONCE
    assert not silent(live, long_ago + timedelta(hours=1))


async def test_somebody_who_cannot_be_asked_does_not_end_the_watch(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.seated("ada", "bao")
    asked: list[str] = []

    def fail(_live: object, seat: Seat, _what: str) -> None:
        asked.append(seat.jid)
        raise OSError("no route")

    monkeypatch.setattr(stage.gateway.watch, "_ask", fail)
    await stage.gateway.watch.look(NOW)
    assert len(asked) == 2
