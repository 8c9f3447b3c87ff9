"""What tests of rooms elsewhere do again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from xml.etree import ElementTree as ET

from conformance.client import PATIENCE, Client
from tests.e2e.elsewhere import ADMIN, OWNER, ROOM_CONFIG


def stanza_id(message: ET.Element) -> str:
    found = message.find("{urn:xmpp:sid:0}stanza-id")
    assert found is not None, ET.tostring(message)
    return found.get("id", "")


def text_of(stanza: ET.Element) -> str:
    return stanza.findtext(".//{urn:ietf:params:xml:ns:xmpp-stanzas}text") or ""


def value_of(form: ET.Element, name: str) -> str | None:
    for field in form.iter("{jabber:x:data}field"):
        if field.get("var") == f"muc#roomconfig_{name}":
            return field.findtext("{jabber:x:data}value")
    return None


async def set_item(client: Client, room: str, attributes: str, reason: str = "") -> None:
    answer = await client.iq(
        f"<iq type='set' to='{room}'><query xmlns='{ADMIN}'><item {attributes}>"
        f"<reason>{reason}</reason></item></query></iq>"
    )
    assert answer.get("type") == "result", ET.tostring(answer)


async def configured(client: Client, room: str, **settings: str) -> None:
    fields = "".join(
        f"<field var='muc#roomconfig_{name}'><value>{value}</value></field>"
        for name, value in settings.items()
    )
    answer = await client.iq(
        f"<iq type='set' to='{room}'><query xmlns='{OWNER}'><x xmlns='jabber:x:data' type='submit'>"
        f"<field var='FORM_TYPE'><value>{ROOM_CONFIG}</value></field>{fields}</x></query></iq>"
    )
    assert answer.get("type") == "result", ET.tostring(answer)


async def until_said(client: Client, room: str, body: str) -> None:
    """Say something as soon as the room takes it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = _id_is(await client.say(room, body))
            _, said = await client.inbox.expect(answer, 40, what="what becomes of it")
            if said.get("type") != "error":
                return
            await asyncio.sleep(0.5)


def _id_is(id: str) -> Callable[[ET.Element], bool]:
    return lambda one: one.get("id") == id


async def corrected(ada: Client, bao: Client, room: str) -> tuple[ET.Element, ET.Element]:
    """Have Ada say something wrong, and correct it; her first words there and here."""
    mine = await ada.say(room, "Helo")
    there = await bao.expect("<message from='{far}/ada'><body>Helo</body></message>")
    here = await ada.expect("<message from='{room}/ada'><body>Helo</body></message>")
    correction = (
        "<message type='groupchat' {}><body>Hello</body>"
        "<replace xmlns='urn:xmpp:message-correct:0' id='{{id}}'/></message>"
    )
    await ada.send(correction.format("to='{room}'"), id=mine)
    await bao.expect(correction.format("from='{far}/ada'"), id=there.get("id"))
    return there, here
