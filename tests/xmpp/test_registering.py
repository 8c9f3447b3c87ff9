"""Asking a room to be a member of it (XEP-0045 §7.10)."""

from __future__ import annotations

import asyncio

import pytest
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from legacy_backend import LegacyError
from legacy_backend.xmpp.registering import register
from tests.xmpp.line import Line

ROOM = JID("hall@rooms.example")
ASKED = "<iq type='get' to='{room}'><query xmlns='jabber:iq:register'/></iq>"
ANSWER = (
    "<iq type='result' from='{{room}}' id='{{id}}'>"
    "<query xmlns='jabber:iq:register'>{}</query></iq>"
)
FORM = (
    "<x xmlns='jabber:x:data' type='{}'><field var='FORM_TYPE' type='hidden'>"
    "<value>http://jabber.org/protocol/muc#register</value></field>"
    "<field var='muc#register_roomnick'><required/>{}</field>{}</x>"
)
DONE = "<iq type='result' from='{room}' id='{id}'/>"
NO = (
    "<iq type='error' from='{room}' id='{id}'><error type='cancel'>"
    "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
)


async def test_the_form_of_the_room_comes_back_with_the_name(line: Line) -> None:
    asking = asyncio.create_task(register(line.client.wire, ROOM, "Ada"))
    await line.is_asked(ASKED, ANSWER.format(FORM.format("form", "", "")))
    filled = FORM.format("submit", "<value>Ada</value>", "").replace("<required/>", "")
    submitted = (
        f"<iq type='set' to='{{room}}'><query xmlns='jabber:iq:register'>{filled}</query></iq>"
    )
    await line.is_asked(submitted.replace(" type='hidden'", ""), DONE)
    await asking


async def test_a_member_is_one_already(line: Line) -> None:
    asking = asyncio.create_task(register(line.client.wire, ROOM, "Ada"))
    await line.is_asked(ASKED, ANSWER.format("<registered/><username>Ada</username>"))
    await asking
    await line.sends_nothing()


async def test_a_room_that_wants_to_know_more_is_not_answered(line: Line) -> None:
    asking = asyncio.create_task(register(line.client.wire, ROOM, "Ada"))
    more = "<field var='muc#register_first'><required/></field>"
    await line.is_asked(ASKED, ANSWER.format(FORM.format("form", "", more)))
    with pytest.raises(LegacyError, match="directly"):
        await asking
    await line.sends_nothing()


async def test_its_no_is_told(line: Line) -> None:
    asking = asyncio.create_task(register(line.client.wire, ROOM, "Ada"))
    await line.is_asked(ASKED, NO)
    with pytest.raises(XMPPError) as no:
        await asking
    assert no.value.condition == "conflict"
