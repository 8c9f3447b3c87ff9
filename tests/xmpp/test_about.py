"""What a message is about besides its words: corrected, taken back, reacted to, answered."""

from __future__ import annotations

import asyncio
from xml.etree import ElementTree as ET

import pytest
from slixmpp import JID

from conformance.xml import parse
from legacy_backend.xmpp.muc import About, Moderated, Reactions, Replace, Reply, Retract
from legacy_backend.xmpp.muc.about import MOST_REACTIONS
from tests.xmpp.line import ROOM, Line, present, says

BAO = present("bao", jid="bao@example.org/phone")
SID = "<stanza-id xmlns='urn:xmpp:sid:0' id='{}' by='{}'/>"
FALLBACK = "<fallback xmlns='urn:xmpp:fallback:0' for='{}'>{}</fallback>"
BY_ROOM = f"<message type='groupchat' from='{ROOM}' id='m1'>{{}}</message>"
RETRACT = "<retract xmlns='urn:xmpp:message-retract:1' id='s1'>{}</retract>"


def about(stanza: str) -> About:
    return About.of(parse(stanza, {"room": ROOM}), ROOM)


def test_the_ids_are_those_of_whoever_may_give_them() -> None:
    said = about(
        says(
            "bao",
            "Hello",
            more=SID.format("forged", "eve@example.org")
            + SID.format("s1", ROOM)
            + "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>"
            + "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='who'/>",
        )
    )
    assert (said.stanza_id, said.origin_id, said.occupant_id) == ("s1", "o1", "who")
    assert said.text == "Hello"
    assert about(says("bao", "Hi", more=SID.format("x", "rooms.example"))).stanza_id is None


def test_what_a_message_refers_to() -> None:
    correction = "<replace xmlns='urn:xmpp:message-correct:0' id='m0'/>"
    assert about(says("bao", "Hello", more=correction)).replace == Replace("m0")
    reactions = """<reactions xmlns='urn:xmpp:reactions:0' id='s1'><reaction> 👋 </reaction>
        <reaction>🐢</reaction><reaction>👋</reaction><reaction/></reactions>"""
    assert about(says("bao", "", more=reactions)).reactions == Reactions("s1", ("👋", "🐢"))
    answer = f"<reply xmlns='urn:xmpp:reply:0' id='s1' to='{ROOM}/cyd'/>"
    said = about(says("bao", "Yes", more=answer))
    assert said.reply == Reply("s1", JID(f"{ROOM}/cyd"))
    assert about(says("bao", "x", more=RETRACT.format(""))).retract == Retract(id="s1")


def test_who_moderated_is_the_rooms_to_say() -> None:
    moderated = f"""<moderated xmlns='urn:xmpp:message-moderate:1' by='{ROOM}/cyd'>
        <occupant-id xmlns='urn:xmpp:occupant-id:0' id='who'/></moderated><reason>Spam</reason>"""
    by = Moderated(by=JID(f"{ROOM}/cyd"), occupant_id="who")
    removal = RETRACT.format(moderated)
    assert about(BY_ROOM.format(removal)).retract == Retract(id="s1", moderated=by, reason="Spam")
    assert about(says("eve", "", more=removal)).retract is None

    before = f"""<apply-to xmlns='urn:xmpp:fasten:0' id='s1'>
        <moderated xmlns='urn:xmpp:message-moderate:0' by='{ROOM}/cyd'>
          <retract xmlns='urn:xmpp:message-retract:0'/><reason>Spam</reason>
        </moderated></apply-to>"""
    known = Moderated(by=JID(f"{ROOM}/cyd"))
    assert about(BY_ROOM.format(before)).retract == Retract(id="s1", moderated=known, reason="Spam")
    assert about(says("eve", "", more=before)).retract is None


@pytest.mark.parametrize(
    "tombstone",
    [
        "<retracted xmlns='urn:xmpp:message-retract:1' stamp='2026-01-01T00:00:00Z'/>",
        """<moderated xmlns='urn:xmpp:message-moderate:0' by='x@y/z'>
           <retracted xmlns='urn:xmpp:message-retract:0'/></moderated>""",
    ],
)
def test_what_is_left_of_a_message_is_known(tombstone: str) -> None:
    said = about(f"<message type='groupchat' from='{{room}}/bao'>{tombstone}</message>")
    assert said.is_tombstone
    assert said.retract is None


@pytest.mark.parametrize(
    ("body", "marks", "text"),
    [
        ("> bao\n> Hi\nYes", "<body start='0' end='11'/>", "Yes"),
        ("> bao\n> Hi\nYes", "<body start='0' end='900'/>", ""),
        ("Yes", "", ""),
        ("Yes", "<body/>", ""),
        ("Yes", "<body start='2' end='1'/>", "Yes"),
        ("Yes", "<body start='-1' end='x'/>", "Yes"),
        ("Yes", f"<body start='0' end='{'9' * 5000}'/>", "Yes"),
        ("Yes", "<subject/>", "Yes"),
    ],
)
def test_what_stands_for_an_answer_is_not_of_its_text(body: str, marks: str, text: str) -> None:
    answer = "<reply xmlns='urn:xmpp:reply:0' id='s1'/>"
    for_it = FALLBACK.format("urn:xmpp:reply:0", marks)
    assert about(says("bao", body, more=answer + for_it)).text == text
    # What stands for something that is not there, or that nobody here understands, stays.
    assert about(says("bao", body, more=for_it)).text == body
    unknown = FALLBACK.format("urn:example", marks)
    assert about(says("bao", body, more=answer + unknown)).text == body


@pytest.mark.parametrize(
    "payload",
    [
        "<replace xmlns='urn:xmpp:message-correct:0'/>",
        "<retract xmlns='urn:xmpp:message-retract:1' id=''/>",
        "<reactions xmlns='urn:xmpp:reactions:0'><reaction>👋</reaction></reactions>",
        "<reply xmlns='urn:xmpp:reply:0' to='x'/>",
        "<apply-to xmlns='urn:xmpp:fasten:0' id='s1'/>",
    ],
)
def test_what_refers_to_nothing_says_nothing(payload: str) -> None:
    for stanza in (says("bao", "Hi", more=payload), BY_ROOM.format(payload)):
        said = about(stanza)
        assert (said.replace, said.retract, said.reactions, said.reply) == (None,) * 4


def test_nobody_reacts_without_end() -> None:
    many = "".join(f"<reaction>{number}</reaction>" for number in range(10_000))
    said = about(
        says("bao", "", more=f"<reactions xmlns='urn:xmpp:reactions:0' id='s1'>{many}</reactions>")
    )
    assert said.reactions is not None
    assert len(said.reactions.emojis) == MOST_REACTIONS


async def test_handlers_are_told_of_it(line: Line) -> None:
    _, heard = await line.join(others=BAO)
    line.brings(says("bao", "Hello", more="<replace xmlns='urn:xmpp:message-correct:0' id='m0'/>"))
    _, told = heard.one("on_message")
    assert told["about"].replace == Replace("m0")


async def test_own_words_are_changed_and_followed(line: Line) -> None:
    room, heard = await line.join(others=BAO)
    wire = room._wire
    message = wire.message(ROOM)
    message["body"] = "Better"
    id, tracker = room.correct("m0", message)
    await line.sends("""
        <message type='groupchat' to='{room}'><body>Better</body>
          <replace xmlns='urn:xmpp:message-correct:0' id='m0'/></message>""")
    assert heard.one("on_message")[1]["about"].replace == Replace("m0")
    line.brings(says("ada", "Better", id=id, more=SID.format("s2", ROOM)))
    assert About.of((await tracker.delivered()).xml, ROOM).stanza_id == "s2"

    room.retract("s2")
    await line.sends("""
        <message type='groupchat' to='{room}'>
          <retract xmlns='urn:xmpp:message-retract:1' id='s2'/>
          <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>
          <store xmlns='urn:xmpp:hints'/></message>""")
    assert heard.one("on_message")[1]["about"].text == ""


async def test_answers_quote_for_those_who_know_no_answers(line: Line) -> None:
    room, _ = await line.join(others=BAO)
    bao = room.members[1]
    message = room._wire.message(ROOM)
    message["body"] = "Yes"
    room.reply("s1", message, to=bao, body="Tea?\nCake?")
    sent = await line.sends(
        f"""
        <message type='groupchat' to='{{room}}'>
          <reply xmlns='urn:xmpp:reply:0' id='s1' to='{ROOM}/bao'/>
          <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>
            <body start='0' end='21'/></fallback></message>"""
    )
    assert About.of(sent, ROOM).text == "Yes"
    assert sent.findtext("{jabber:client}body") == "> bao\n> Tea?\n> Cake?\nYes"


async def test_reactions_are_all_that_one_has(line: Line) -> None:
    room, _ = await line.join()
    room.react("s1", ["👋", "🐢", "👋"])
    sent = await line.sends(
        "<message type='groupchat' to='{room}'><store xmlns='urn:xmpp:hints'/></message>"
    )
    assert About.of(sent, ROOM).reactions == Reactions("s1", ("👋", "🐢"))
    room.react("s1", [])
    assert About.of(await line.sends("<message/>"), ROOM).reactions == Reactions("s1", ())


NOT_DONE = """<iq type='error' id='{id}' from='{room}'><error type='cancel'>
    <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"""


async def test_a_room_is_asked_to_moderate_in_the_words_that_it_knows(line: Line) -> None:
    room, _ = await line.join()
    asked = asyncio.ensure_future(room.moderate("s1", reason="Spam"))
    await line.is_asked(
        """<iq type='set' to='{room}'><moderate xmlns='urn:xmpp:message-moderate:1' id='s1'>
           <retract xmlns='urn:xmpp:message-retract:1'/><reason>Spam</reason></moderate></iq>""",
        NOT_DONE,
    )
    await line.is_asked(
        """<iq type='set' to='{room}'><apply-to xmlns='urn:xmpp:fasten:0' id='s1'>
           <moderate xmlns='urn:xmpp:message-moderate:0'>
             <retract xmlns='urn:xmpp:message-retract:0'/><reason>Spam</reason>
           </moderate></apply-to></iq>""",
        "<iq type='result' id='{id}' from='{room}'/>",
    )
    await asked


def test_values_are_written_as_they_are_read() -> None:
    message = ET.Element("message", {"from": f"{ROOM}/bao"})
    message.extend(
        [Replace("m0").to_xml(), Reactions("s1", ("👋",)).to_xml(), Reply("s2").to_xml()]
    )
    said = About.of(message, ROOM)
    assert (said.replace, said.reactions, said.reply) == (
        Replace("m0"),
        Reactions("s1", ("👋",)),
        Reply("s2"),
    )
