"""matridge, the slidge plugin for Matrix, unmodified, between Prosody and Synapse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conformance.client import Client
from conformance.xml import condition_of
from tests.gateway_process import GatewayProcess
from tests.plugins.matrix_client import PASSWORD, Event, MatrixPerson, matrix_person
from tests.plugins.synapse import Synapse
from tests.servers.prosody import Prosody

pytestmark = pytest.mark.e2e

REGISTER = """
    <iq type='set' to='{gw}'>
      <query xmlns='jabber:iq:register'>
        <x xmlns='jabber:x:data' type='submit'>
          <field var='homeserver'><value>{homeserver}</value></field>
          <field var='username'><value>{username}</value></field>
          <field var='password'><value>{password}</value></field>
          <field var='device'><value>tests</value></field>
        </x>
      </query>
    </iq>"""

MATRIX = 'plugin = "matridge"\npicture = "none"'


@dataclass
class Matrix:
    """A gateway to a homeserver: ada uses it, as Ada there; Mia uses Matrix itself."""

    gateway: GatewayProcess
    homeserver: str
    ada: Client
    own: MatrixPerson
    """Ada, on Matrix itself."""
    mia: MatrixPerson

    async def registers(self) -> None:
        answer = await self.ada.iq(
            REGISTER,
            homeserver=self.homeserver,
            username=self.own.id.partition(":")[0].removeprefix("@"),
            password=PASSWORD,
        )
        assert answer.get("type") == "result", answer
        await self.ada.expect(
            lambda s: (
                s.tag.endswith("presence")
                and s.get("from") == self.gateway.jid
                and "Logged in as" in (s.findtext("{jabber:client}status") or "")
            ),
        )

    async def rooms(self) -> dict[str, str]:
        """The rooms that the gateway lists: name → JID."""
        answer = await self.ada.iq(
            "<iq type='get' to='{gw}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>"
        )
        return {item.get("name", ""): item.get("jid", "") for item in answer[0]}


@pytest.fixture
async def matrix(
    prosody: Prosody, synapse: Synapse, plugins: Path, tmp_path: Path
) -> AsyncIterator[Matrix]:
    gw = prosody.spare_component()
    tag = gw.partition(".")[0].replace("-", "")
    async with AsyncExitStack() as stack:
        own = await stack.enter_async_context(matrix_person(synapse.url, f"ada{tag}"))
        mia = await stack.enter_async_context(matrix_person(synapse.url, f"mia{tag}"))
        gateway = await stack.enter_async_context(
            GatewayProcess(
                prosody, gw, tmp_path, network=MATRIX, python=plugins, auto_register=False
            )
        )
        ada = await stack.enter_async_context(
            Client(prosody, "ada", resource="desk", names={"gw": gw})
        )
        yield Matrix(gateway, synapse.url, ada, own, mia)


BODY = "{jabber:client}body"
STANZA_ID = "{urn:xmpp:sid:0}stanza-id"
DIRECT = "{jabber:x:conference}x"
REACTIONS = "{urn:xmpp:reactions:0}reactions"


@dataclass
class Garden:
    """A Matrix room that Mia owns, Ada is in, and ada has joined through the gateway."""

    matrix: Matrix
    id: str
    room: str

    async def hears(self, body: str) -> ET.Element:
        """Wait until ada is shown this text; the message."""
        return await self.matrix.ada.expect(
            "<message type='groupchat'><body>{words}</body></message>", words=body
        )

    async def ada_says(self, body: str) -> tuple[ET.Element, Event]:
        """Have ada say something; how she, and Mia, are shown it."""
        await self.matrix.ada.say(self.room, body)
        return await self.hears(body), await self.matrix.mia.hears(body)

    async def does(self, nick: str, what: str) -> ET.Element:
        """Have ada change what somebody may do; the answer."""
        return await self.matrix.ada.iq(
            "<iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'>"
            f"<item {what}/></query></iq>",
            room=self.room,
            nick=nick,
        )


@pytest.fixture
async def garden(matrix: Matrix) -> Garden:
    group = await matrix.mia.makes("Garden", preset="private_chat", topic="Weeds")
    await matrix.mia.does("invite", group, matrix.own.id)
    await matrix.own.joins(group)
    await matrix.mia.says(group, "Before anybody listened")
    await matrix.registers()
    room = (await matrix.rooms())["Garden"]
    joined = await matrix.ada.join(room, "ada")
    assert joined.nicks == {matrix.mia.name, matrix.own.name}
    assert [m.findtext(BODY) for m in joined.history] == ["Before anybody listened"]
    assert joined.subject.findtext("{jabber:client}subject") == "Weeds"
    return Garden(matrix, group, room)


async def test_talk_goes_both_ways_and_is_archived(garden: Garden) -> None:
    ada, mia = garden.matrix.ada, garden.matrix.mia
    await mia.says(garden.id, "Good morning")
    heard = await garden.hears("Good morning")
    assert heard.get("from") == f"{garden.room}/{mia.name}"
    own, seen = await garden.ada_says("And to you")
    assert own.get("from") == f"{garden.room}/{garden.matrix.own.name}"
    assert seen["sender"] == garden.matrix.own.id
    page = await ada.page(garden.room, limit=10)
    assert page.bodies == ["Before anybody listened", "Good morning", "And to you"]


async def test_edits_go_both_ways(garden: Garden) -> None:
    ada, mia = garden.matrix.ada, garden.matrix.mia
    event = await mia.says(garden.id, "Good moaning")
    wrong = await garden.hears("Good moaning")
    await mia.edits(garden.id, event, "Good morning")
    right = await garden.hears("Good morning")
    replaced = right.find("{urn:xmpp:message-correct:0}replace")
    assert replaced is not None
    assert replaced.get("id") == wrong.get("id")

    said, seen = await garden.ada_says("Roes are red")
    await ada.send(
        "<message type='groupchat' to='{room}'><body>Roses are red</body>"
        "<replace xmlns='urn:xmpp:message-correct:0' id='{id}'/></message>",
        room=garden.room,
        id=said.get("id"),
    )
    edit = await mia.sees(lambda e: "m.new_content" in e["content"] and e["sender"] != mia.id)
    assert edit["content"]["m.new_content"]["body"] == "Roses are red"
    assert edit["content"]["m.relates_to"]["event_id"] == seen["event_id"]


async def test_replies_go_both_ways(garden: Garden) -> None:
    ada, mia = garden.matrix.ada, garden.matrix.mia
    said, seen = await garden.ada_says("Where is the spade?")
    relation = {"m.in_reply_to": {"event_id": seen["event_id"]}}
    await mia.says(garden.id, "In the shed", **{"m.relates_to": relation})
    answer = await ada.expect(lambda s: s.find("{urn:xmpp:reply:0}reply") is not None)
    assert (answer.findtext(BODY) or "").endswith("In the shed")
    reply = answer.find("{urn:xmpp:reply:0}reply")
    assert reply is not None
    assert reply.get("id") == _stanza_id(said)

    await ada.send(
        "<message type='groupchat' to='{room}'><body>Found it</body>"
        "<reply xmlns='urn:xmpp:reply:0' id='{id}'/></message>",
        room=garden.room,
        id=_stanza_id(answer),
    )
    found = await mia.hears("Found it")
    assert found["content"]["m.relates_to"]["m.in_reply_to"]["event_id"]


async def test_reactions_go_both_ways(garden: Garden) -> None:
    ada, mia = garden.matrix.ada, garden.matrix.mia
    event = await mia.says(garden.id, "Look, a toad")
    heard = await garden.hears("Look, a toad")
    await mia.reacts(garden.id, event, "\N{FROG FACE}")
    shown = await ada.expect(lambda s: s.find(REACTIONS) is not None)
    assert shown.find(REACTIONS).get("id") == _stanza_id(heard)  # type: ignore[union-attr]
    assert "".join(shown.find(REACTIONS).itertext()) == "\N{FROG FACE}"  # type: ignore[union-attr]

    await ada.send(
        "<message type='groupchat' to='{room}'><reactions xmlns='urn:xmpp:reactions:0' id='{id}'>"
        "<reaction>\N{HEAVY BLACK HEART}</reaction></reactions></message>",
        room=garden.room,
        id=_stanza_id(heard),
    )
    seen = await mia.sees(lambda e: e["type"] == "m.reaction" and e["sender"] != mia.id)
    assert seen["content"]["m.relates_to"]["event_id"] == event


async def test_what_is_taken_back_is_gone_on_the_other_side(garden: Garden) -> None:
    ada, mia = garden.matrix.ada, garden.matrix.mia
    event = await mia.says(garden.id, "Never mind")
    heard = await garden.hears("Never mind")
    await mia.redacts(garden.id, event)
    gone = await ada.expect(lambda s: _retracts(s) == _stanza_id(heard))
    assert gone.get("type") == "groupchat"

    said, seen = await garden.ada_says("Forget it")
    await ada.send(
        "<message type='groupchat' to='{room}'>"
        "<retract xmlns='urn:xmpp:message-retract:1' id='{id}'/></message>",
        room=garden.room,
        id=_stanza_id(said),
    )
    redaction = await mia.sees(lambda e: e["type"] == "m.room.redaction" and e["sender"] != mia.id)
    assert redaction["content"].get("redacts", redaction.get("redacts")) == seen["event_id"]

    said, seen = await garden.ada_says("A rude word")
    await mia.redacts(garden.id, seen["event_id"], "Rude")
    moderated = await ada.expect(lambda s: _retracts(s) == _stanza_id(said))
    assert moderated.find(".//{urn:xmpp:message-moderate:1}moderated") is not None


async def test_names_and_topics_follow_matrix(garden: Garden) -> None:
    ada, mia = garden.matrix.ada, garden.matrix.mia
    await mia.sets(garden.id, "m.room.topic", topic="Tomatoes")
    await ada.expect("<message type='groupchat'><subject>Tomatoes</subject></message>")
    await mia.sets(garden.id, "m.room.name", name="Orchard")
    await ada.expect(
        "<message type='groupchat'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<status code='104'/></x></message>",
    )
    assert "Orchard" in await garden.matrix.rooms()

    # matridge does not offer either from this side, and that is what a client is told.
    await ada.send(
        "<message type='groupchat' to='{room}'><subject>Plums</subject></message>",
        room=garden.room,
    )
    refused = await ada.expect("<message type='error'/>")
    assert condition_of(refused) in ("feature-not-implemented", "forbidden")


async def test_kicks_and_bans_go_both_ways(garden: Garden) -> None:
    ada, mia, own = garden.matrix.ada, garden.matrix.mia, garden.matrix.own
    levels = await mia.state(garden.id, "m.room.power_levels")
    levels["users"][own.id] = 90
    await mia.sets(garden.id, "m.room.power_levels", **levels)
    await ada.expect(
        "<presence from='{room}/{nick}'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<item affiliation='admin' role='moderator'/></x></presence>",
        room=garden.room,
        nick=own.name,
    )
    async with matrix_person(garden.matrix.homeserver, f"kim{own.name.lower()}") as kim:
        for banned in (False, True):
            await mia.does("invite", garden.id, kim.id)
            await kim.joins(garden.id)
            await ada.expect("<presence from='{room}/{nick}'/>", room=garden.room, nick=kim.name)
            jid = await _jid_of(garden, kim.name)
            answer = await garden.does(
                kim.name,
                f"jid='{jid}' affiliation='outcast'" if banned else "nick='{nick}' role='none'",
            )
            assert answer.get("type") == "result", ET.tostring(answer)
            await ada.expect(
                "<presence type='unavailable' from='{room}/{nick}'/>",
                room=garden.room,
                nick=kim.name,
            )
            state = await mia.state(garden.id, "m.room.member", kim.id)
            assert state["membership"] == ("ban" if banned else "leave")


async def test_an_invitation_is_told_and_taken_by_joining(garden: Garden) -> None:
    ada, mia, own = garden.matrix.ada, garden.matrix.mia, garden.matrix.own
    shed = await mia.makes("Shed", own.id, preset="private_chat")
    invitation = await ada.expect(
        lambda s: (x := s.find(DIRECT)) is not None and x.get("jid") != garden.room
    )
    room = invitation.find(DIRECT).get("jid", "")  # type: ignore[union-attr]
    await ada.join(room, "ada")
    await mia.sees(
        lambda e: (
            e["room_id"] == shed
            and e.get("state_key") == own.id
            and e["content"].get("membership") == "join"
        )
    )


@pytest.mark.parametrize("how", ["terminate", "kill"])
async def test_a_restart_in_the_middle_loses_nothing(garden: Garden, how: str) -> None:
    ada, mia, gateway = garden.matrix.ada, garden.matrix.mia, garden.matrix.gateway
    await mia.says(garden.id, "One")
    await garden.hears("One")
    await (gateway.terminate() if how == "terminate" else gateway.kill())
    await mia.says(garden.id, "Two")
    await gateway.start()
    await mia.says(garden.id, "Three")
    await garden.hears("Three")  # the seat is kept: nobody has to join again
    _own, seen = await garden.ada_says("Four")
    assert seen["sender"] == garden.matrix.own.id
    page = await ada.page(garden.room, limit=10)
    assert page.bodies == ["Before anybody listened", "One", "Two", "Three", "Four"]


def _stanza_id(message: ET.Element) -> str:
    """The id that the room gave a message (XEP-0359)."""
    found = message.find(STANZA_ID)
    assert found is not None
    return found.get("id", "")


def _retracts(message: ET.Element) -> str | None:
    """Which message this one takes back, if any."""
    found = message.find("{urn:xmpp:message-retract:1}retract")
    return None if found is None else found.get("id")


async def _jid_of(garden: Garden, nick: str) -> str:
    """The bare JID of somebody in the room, from the list of members."""
    answer = await garden.matrix.ada.iq(
        "<iq type='get' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'>"
        "<item affiliation='member'/></query></iq>",
        room=garden.room,
    )
    return next(i.get("jid", "") for i in answer[0] if i.get("nick") == nick)
