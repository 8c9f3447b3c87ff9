"""What is said and done in a room, through a mirror between two real servers, in all ways to
address it (DMUC3, Messages, Administration)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conformance.client import Client
from tests.mirror.scene import WAYS, Scene, scene

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

WORDS = "<message type='groupchat' from='{room}/%s'><body>%s</body></message>"
ADMIN = "<query xmlns='http://jabber.org/protocol/muc#admin'>%s</query>"
OWNER = "<query xmlns='http://jabber.org/protocol/muc#owner'>%s</query>"


@pytest.fixture(params=WAYS)
async def it(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path, request.param) as found:
        await found.everybody()
        yield found


@pytest.fixture(params=WAYS)
async def hasty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path, request.param, hasty=True) as found:
        await found.everybody()
        yield found


def room(client: Client) -> str:
    return str(client.names["room"])


def stanza_id(client: Client, message: object) -> str:
    (sid,) = message.findall("{urn:xmpp:sid:0}stanza-id")  # type: ignore[attr-defined]
    assert sid.get("by") == room(client)
    return str(sid.get("id"))


@pytest.mark.requirement("D-001", "D-080", "D-081", "D-083", "D-084")
async def test_d_080_a_message_crosses_once_each_way_with_the_ids_of_the_room(it: Scene) -> None:
    everybody = (it.scott, it.wayne, it.keith)
    await it.wayne.say(room(it.wayne), "All work and no play")
    heard = [(c, await c.expect(WORDS % ("Wayne", "All work and no play"))) for c in everybody]
    assert len({stanza_id(client, message) for client, message in heard}) == 1
    assert (it.up, it.down) == (["message groupchat"], ["message groupchat"])
    it.forget()
    await it.scott.say(room(it.scott), "Makes Jack")
    for client in everybody:
        await client.expect(WORDS % ("Scott", "Makes Jack"))
    assert (it.up, it.down) == ([], ["message groupchat"])
    await it.wayne.send(
        "<message type='groupchat' to='{room}/Wayne' id='no'><body>!</body></message>"
    )
    no = await it.wayne.expect("<message type='error' id='no'/>")
    assert no.find(".//{*}bad-request") is not None

    page = await it.keith.page(room(it.keith), before="", limit=2)
    assert page.bodies == ["All work and no play", "Makes Jack"]
    assert [stanza_id(it.keith, message) for message in page.messages] == page.ids


@pytest.mark.requirement("D-082", "D-084")
async def test_d_082_where_words_are_shown_at_once_only_their_ids_come_back(hasty: Scene) -> None:
    await hasty.wayne.say(room(hasty.wayne), "A dull boy")
    for client in (hasty.scott, hasty.wayne, hasty.keith):
        await client.expect(WORDS % ("Wayne", "A dull boy"))
    page = await hasty.keith.page(room(hasty.keith), before="", limit=1)
    assert page.bodies == ["A dull boy"]
    assert hasty.up.count("message groupchat") == hasty.down.count("message groupchat") == 1
    assert hasty.both.crossed("A dull boy") == 2  # up, and in the page
    for client in (hasty.scott, hasty.wayne, hasty.keith):
        await client.hears_nothing(WORDS % ("Wayne", "A dull boy"))


async def test_private_messages_reach_one_person(it: Scene) -> None:
    private = "<message type='chat' {way}='{{room}}/{name}'><body>{words}</body></message>"
    for sender, receiver in ((it.wayne, it.scott), (it.scott, it.wayne), (it.wayne, it.keith)):
        words = f"From {sender.name} to {receiver.name}"
        name = receiver.name.capitalize()
        await sender.send(private.format(way="to", name=name, words=words))
        name = sender.name.capitalize()
        await receiver.expect(private.format(way="from", name=name, words=words))
    for client in (it.scott, it.wayne, it.keith):
        await client.hears_nothing("<message type='chat'/>")


@pytest.mark.requirement("D-100", "D-005")
async def test_d_100_a_room_is_administrated_through_the_mirror(it: Scene) -> None:
    await it.promote(it.wayne, "owner")
    for client in (it.scott, it.wayne, it.keith):
        await client.expect(
            "<presence from='{room}/Wayne'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item affiliation='owner' role='moderator'/></x></presence>"
        )
    topic = "<message type='groupchat' {}='{{room}}{}'><subject>Dull boys</subject></message>"
    await it.wayne.send(topic.format("to", ""))
    for client in (it.scott, it.wayne, it.keith):
        await client.expect(topic.format("from", "/Wayne"))

    form = await it.wayne.iq(f"<iq type='get' to='{{room}}'>{OWNER % ''}</iq>")
    fields = {field.get("var", "") for field in form.iterfind(".//{jabber:x:data}field")}
    assert "muc#roomconfig_moderatedroom" in fields
    assert not [var for var in fields if "mirror" in var or "dmuc" in var]
    set_up = (
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
        "<value>http://jabber.org/protocol/muc#roomconfig</value></field>"
        "<field var='muc#roomconfig_moderatedroom'><value>1</value></field></x>"
    )
    done = await it.wayne.iq(f"<iq type='set' to='{{room}}'>{OWNER % set_up}</iq>")
    assert done.get("type") == "result"
    for client in (it.scott, it.keith):
        await client.expect(
            "<message type='groupchat' from='{room}'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'><status code='104'/></x></message>"
        )

    kick = "<item nick='Keith' role='none'><reason>Spam</reason></item>"
    done = await it.wayne.iq(f"<iq type='set' to='{{room}}'>{ADMIN % kick}</iq>")
    assert done.get("type") == "result"
    for client in (it.scott, it.wayne, it.keith):
        await client.expect(
            "<presence type='unavailable' from='{room}/Keith'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'><item role='none'>"
            "<actor nick='Wayne'/><reason>Spam</reason></item><status code='307'/></x></presence>"
        )
    owners = ADMIN % "<item affiliation='owner'/>"
    members = await it.wayne.iq(f"<iq type='get' to='{{room}}'>{owners}</iq>")
    jids = {item.get("jid") for item in members.iterfind(".//{*}item")}
    assert "wayne@raleigh.example" in jids

    destroy = "<destroy><reason>Enough</reason></destroy>"
    await it.wayne.iq(f"<iq type='set' to='{{room}}'>{OWNER % destroy}</iq>")
    for client in (it.scott, it.wayne):
        await client.expect(
            "<presence type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item role='none'/><destroy><reason>Enough</reason></destroy></x></presence>"
        )
