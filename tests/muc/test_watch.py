"""Seats whose holders are gone (XEP-0045 §18.1.2)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gateway.config import Rooms
from gateway.muc import watch
from gateway.muc.watch import _ask, silent
from gateway.room.state import Seat
from tests.stage import Stage

ERROR = """
    <iq type='error' id='{id}' to='{to}'>
      <error type='cancel'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>
    </iq>"""


@pytest.mark.requirement("GHOST-02")
async def test_ghost_02_who_is_gone_is_found_by_asking(stage: Stage) -> None:
    ada, bao = await stage.seated("ada", "bao")
    live = next(iter(stage.gateway.rooms))
    seat = live.room.seats[bao.jid]
    assert silent(live, live.host.now() + timedelta(seconds=1))

    asking = asyncio.create_task(_ask(stage.gateway, live, seat))
    for condition in ("service-unavailable", "service-unavailable"):
        (asked,) = await bao.receives("<iq type='get' from='{room}/bao'/>")
        assert bao.jid in live.room.seats
        bao.sends(ERROR, id=asked.get("id", ""), to=asked.get("from", ""), condition=condition)
    await asking

    assert bao.jid not in live.room.seats
    await ada.receives(
        "<presence type='unavailable' from='{room}/bao'>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><status code='333'/></x></presence>"
    )


async def test_who_answers_keeps_the_seat(stage: Stage) -> None:
    (ada,) = await stage.seated("ada")
    live = next(iter(stage.gateway.rooms))
    asking = asyncio.create_task(_ask(stage.gateway, live, live.room.seats[ada.jid]))
    (asked,) = await ada.receives("<iq type='get' from='{room}/ada'/>")
    ada.sends("<iq type='result' id='{id}' to='{room}/ada'/>", id=asked.get("id", ""))
    await asking
    assert ada.jid in live.room.seats


@pytest.mark.requirement("SM-07")
async def test_sm_07_who_sleeps_keeps_the_seat_and_is_asked_rarely(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that hibernates (XEP-0198) answers nothing for minutes, and is there still."""
    (ada,) = await stage.seated("ada")
    monkeypatch.setattr(watch, "ANSWER_SECONDS", 0.01)
    live = next(iter(stage.gateway.rooms))
    await _ask(stage.gateway, live, live.room.seats[ada.jid])
    assert ada.jid in live.room.seats
    assert not silent(live, live.host.now() - timedelta(minutes=Rooms().seat_ping_minutes))
    assert Rooms().seat_ping_minutes >= 15


async def test_somebody_who_cannot_be_asked_does_not_end_the_watch(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.seated("ada")
    asked: asyncio.Queue[str] = asyncio.Queue()

    async def fail(_gateway: object, _live: object, seat: Seat) -> None:
        await asked.put(seat.jid)
        raise OSError("no route")

    monkeypatch.setattr(watch, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(watch, "_ask", fail)
    chore = asyncio.create_task(watch.watch(stage.gateway, timedelta(seconds=-1)))
    async with asyncio.timeout(10):
        assert await asked.get() == await asked.get()
    chore.cancel()
