"""Rooms that lead back to a gateway are refused."""

from __future__ import annotations

import asyncio

import pytest
from slixmpp import JID

from legacy_backend import LegacyError
from legacy_backend.xmpp.loops import Loops
from tests.xmpp.line import ROOM, Line

INFO = """
    <iq type='result' from='rooms.example' id='{{id}}'>
      <query xmlns='http://jabber.org/protocol/disco#info'>{}</query>
    </iq>"""
ASKED = "<iq type='get' to='rooms.example'/>"


async def refused(line: Line, answer: str) -> str:
    loops = Loops("gateway.example")
    checking = asyncio.create_task(loops.check(line.client.wire, ROOM))
    await line.is_asked(ASKED, answer)
    with pytest.raises(LegacyError) as no:
        await checking
    assert no.value.condition == "not-acceptable"
    with pytest.raises(LegacyError):
        await loops.check(line.client.wire, ROOM)  # remembered: asks nothing
    return no.value.text


@pytest.mark.requirement("TRAP-15")
async def test_the_own_rooms_are_refused_without_a_question(line: Line) -> None:
    with pytest.raises(LegacyError, match="this very gateway"):
        await Loops("Gateway.example").check(line.client.wire, JID("hall@gateway.example"))
    await line.sends_nothing()


@pytest.mark.requirement("TRAP-15")
async def test_a_service_that_is_a_gateway_is_refused(line: Line) -> None:
    both = (
        "<identity category='conference' type='text'/>"
        "<identity category='gateway' type='webchat' name='Sluice'/>"
    )
    assert "rooms.example is a gateway itself (Sluice)" in await refused(line, INFO.format(both))


async def test_a_service_of_rooms_is_not(line: Line) -> None:
    loops = Loops("gateway.example")
    checking = asyncio.create_task(loops.check(line.client.wire, ROOM))
    await line.is_asked(ASKED, INFO.format("<identity category='conference' type='text'/>"))
    await checking
    await loops.check(line.client.wire, ROOM)


@pytest.mark.requirement("TRAP-15")
async def test_the_puppets_are_nobody_elsewhere_and_may_be_in_one_room(line: Line) -> None:
    loops = Loops("gateway.example", "Puppets.example")
    with pytest.raises(LegacyError, match="this very gateway"):
        await loops.check(line.client.wire, JID("hall@puppets.example"))
    assert loops.is_own("puppets.example")
    loops.check_people(ROOM, [JID("ada@puppets.example/x"), JID("bao@puppets.example/x")])
    assert not Loops("").is_own("")


async def test_a_room_that_the_gateway_is_in_already_is_refused() -> None:
    loops = Loops("gateway.example")
    loops.check_people(ROOM, [JID("bao@example.org/x")])
    with pytest.raises(LegacyError, match=r"is in hall@rooms\.example already"):
        loops.check_people(ROOM, [JID("bao@example.org/x"), JID("bot@gateway.example/y")])
