"""What comes of the questions that the gateway asks (RFC 6120 §8.1.3)."""

from __future__ import annotations

import asyncio
from xml.etree import ElementTree as ET

from conformance.client import PATIENCE
from tests.stage import NS, Stage

ODD = "<query xmlns='jabber:iq:roster'><item jid='" + "9" * 2000 + "'/></query>"


async def _asked(stage: Stage) -> tuple[str, asyncio.Future[object]]:
    """The id of a question that somebody is asked, and what will come of it."""
    stage.gateway.session_bind_event.set()  # as with a real stream
    iq = stage.gateway.make_iq_get(ito="ada@example.org/phone", ifrom="gw.example.org")
    iq.enable("ping")
    return iq["id"], iq.send()


def _comes(stage: Stage, id: str, sender: str, payload: str = "") -> None:
    stage.gateway._spawn_event(
        ET.fromstring(
            f"<iq xmlns='{NS}' type='result' id='{id}' from='{sender}' to='gw.example.org'>"
            f"{payload}</iq>"
        )
    )


async def test_who_asks_gets_the_answer_whatever_is_in_it(stage: Stage) -> None:
    id, answer = await _asked(stage)
    await stage.settled()
    before = len(stage.wire.stanzas)
    _comes(stage, id, "ada@example.org/phone", ODD)
    await asyncio.wait_for(answer, PATIENCE)
    await stage.settled()
    assert not stage.wire.stanzas[before:]


async def test_the_answer_of_another_is_none(stage: Stage) -> None:
    id, answer = await _asked(stage)
    _comes(stage, id, "mallory@example.org/phone")
    await stage.settled()
    assert not answer.done()
    _comes(stage, id, "ada@example.org/phone")
    await asyncio.wait_for(answer, PATIENCE)
    _comes(stage, id, "ada@example.org/phone")  # once more: nobody waits for that
    await stage.settled()
    assert all(s.get("type") != "error" for s in stage.wire.stanzas)
