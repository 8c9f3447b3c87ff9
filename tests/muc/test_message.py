"""Saying something to everyone (XEP-0045 §7.4), and saying it otherwise (XEP-0308)."""

from __future__ import annotations

import re

import pytest

from gateway.ids import Ids
from legacy_backend.events import (
    ChatStateChanged,
    MessageEdited,
    MessagePosted,
    MessageRetracted,
    ReadUpTo,
)
from legacy_backend.terms import MemberId, MessageId
from legacy_backend.values import Attachment, Mention, Quote
from tests.fake_network import FakeNetwork
from tests.muc.reading import find, lacks, names, stanza_id
from tests.muc.saying import G1, refusal
from tests.stage import Stage

HELLO = "<message to='{room}' type='groupchat' id='m1'><body>Hello</body></message>"


@pytest.mark.requirement("MSG-05", "SID-01", "OCC-01", "MAM-23", "MAM-25", "REAC-05")
async def test_msg_01_a_message_is_shown_to_all_once_the_network_took_it(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(HELLO)
    asked = await network.is_asked("send", "g1", "Hello")
    await ada.hears_nothing()
    await bao.hears_nothing()
    asked.agrees("m100")

    reflected = """<message type='groupchat' from='{room}/ada' id='m1'><body>Hello</body>
      <occupant-id xmlns='urn:xmpp:occupant-id:0'/>
      <stanza-id xmlns='urn:xmpp:sid:0' by='{room}'/></message>"""
    (own,) = await ada.hears_only(reflected)
    (seen,) = await bao.hears_only(reflected)
    assert stanza_id(own) == stanza_id(seen) != "m100"
    lacks(seen, "delay")


@pytest.mark.requirement(
    "SID-02", "SID-04", "OCC-03", "MSG-08", "MSG-11", "SID-03", "SVC-04", "HAT-06", "ALSO-04"
)
async def test_sid_02_what_only_the_room_may_say_is_taken_out(
    stage: Stage, network: FakeNetwork
) -> None:
    network.obeys("send")
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("""
        <message to='{room}' type='groupchat' id='m1' xml:lang='de'>
          <body>Hallo</body>
          <origin-id xmlns='urn:xmpp:sid:0' id='o1'/>
          <stanza-id xmlns='urn:xmpp:sid:0' id='forged' by='{room}'/>
          <stanza-id xmlns='urn:xmpp:sid:0' id='forged' by='example.org'/>
          <occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/>
          <delay xmlns='urn:xmpp:delay' stamp='2001-01-01T00:00:00Z' from='example.org'/>
          <x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner'/></x>
          <nick xmlns='http://jabber.org/protocol/nick'>Boss</nick>
          <request xmlns='urn:xmpp:receipts'/>
          <addresses xmlns='http://jabber.org/protocol/address'/>
          <unheard xmlns='of:this'/>
          <active xmlns='http://jabber.org/protocol/chatstates'/>
          <markable xmlns='urn:xmpp:chat-markers:0'/>
        </message>""")
    (seen,) = await bao.hears_only(
        "<message from='{room}/ada' id='m1'><body>Hallo</body></message>"
    )
    assert sorted(names(seen)) == sorted(
        ["body", "origin-id", "active", "markable", "occupant-id", "stanza-id"]
    )
    assert find(seen, "origin-id").get("id") == "o1"
    assert stanza_id(seen) != "forged"
    assert find(seen, "occupant-id").get("id") != "forged"
    assert seen.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"


async def test_msg_05_a_message_without_an_id_gets_one(stage: Stage, network: FakeNetwork) -> None:
    network.obeys("send")
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("<message to='{room}' type='groupchat'><body>Hello</body></message>")
    (own,) = await ada.hears_only("<message><body>Hello</body></message>")
    (seen,) = await bao.hears_only("<message><body>Hello</body></message>")
    assert own.get("id") == seen.get("id") != ""


@pytest.mark.requirement("MSG-14", "MSG-10")
@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("forbidden", "auth"),
        ("not-acceptable", "modify"),
        ("resource-constraint", "wait"),
        ("remote-server-timeout", "wait"),
        ("feature-not-implemented", "cancel"),
        ("item-not-found", "cancel"),
    ],
)
async def test_msg_01_nothing_is_shown_of_what_the_network_refuses(
    stage: Stage, network: FakeNetwork, condition: str, kind: str
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(HELLO)
    (await network.is_asked("send", "g1", "Hello")).refuses(condition, "No swearing.")
    (no,) = await ada.hears_only(refusal(condition, kind))
    assert find(no, "text").text == "No swearing."
    lacks(no, "body")
    await bao.hears_nothing()


@pytest.mark.requirement("ROLE-03")
async def test_msg_02_those_without_a_voice_are_not_heard(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao::visitor")
    bao.sends(HELLO)
    await bao.hears_only(refusal("forbidden", "auth"))
    await ada.hears_nothing()
    network.was_not_asked()


@pytest.mark.requirement("AMB-03", "MSG-04")
async def test_msg_03_those_who_are_not_in_are_not_heard(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, _ = await stage.seated("ada:owner", "bao")
    laptop = stage.person("ada", "laptop")
    laptop.sends(HELLO)
    await laptop.hears_only(refusal("not-acceptable", "cancel"))
    await ada.hears_nothing()
    network.was_not_asked()


@pytest.mark.parametrize("kind", ["chat", "normal", "headline"])
@pytest.mark.requirement("MSG-06", "TRAP-04")
async def test_msg_06_a_message_of_another_type_reaches_nobody(
    stage: Stage, network: FakeNetwork, kind: str
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("<message to='{room}' type='{kind}' id='m1'><body>Hello</body></message>", kind=kind)
    await ada.hears_only(refusal("bad-request", "modify"))
    await bao.hears_nothing()
    network.was_not_asked()


async def test_msg_07_a_room_that_is_not_there(stage: Stage) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(HELLO, room="nothing@gw.example.org")
    await ada.hears_only(
        """<message type='error' id='m1' from='nothing@gw.example.org'><error type='cancel'>
          <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"""
    )


async def test_msg_10_a_message_that_is_too_long(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(
        "<message to='{room}' type='groupchat' id='m1'><body>{long}</body></message>",
        long="x" * 20_001,
    )
    await ada.hears_only(refusal("policy-violation", "modify"))
    await bao.hears_nothing()
    network.was_not_asked()


@pytest.mark.requirement("SVC-05")
async def test_msg_10_too_many_messages(stage: Stage, network: FakeNetwork) -> None:
    network.obeys("send")
    ada, bao = await stage.seated("ada", "bao")
    stage.refills_nothing()
    for number in range(150):
        ada.sends(HELLO.replace("m1", f"m{number}"))
    heard = await ada.has_heard()
    assert len([s for s in heard if s.get("type") == "groupchat"]) == 120
    assert len([s for s in heard if s.find("{*}error/{*}resource-constraint") is not None]) == 30
    assert len(await bao.has_heard()) == 120


async def test_msg_10_an_encrypted_message_is_refused(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("""<message to='{room}' type='groupchat' id='m1'>
      <encrypted xmlns='eu.siacs.conversations.axolotl'/><body>You cannot read this.</body>
    </message>""")
    await ada.hears_only(refusal("not-acceptable", "modify"))
    await bao.hears_nothing()
    network.was_not_asked()


@pytest.mark.parametrize("inner", ["<body/>", "<body>  </body>"])
async def test_msg_10_a_message_that_says_nothing_is_refused(
    stage: Stage, network: FakeNetwork, inner: str
) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(f"<message to='{{room}}' type='groupchat' id='m1'>{inner}</message>")
    await ada.hears_only(refusal("not-acceptable", "modify"))
    network.was_not_asked()


@pytest.mark.parametrize("first", ["event", "answer"])
async def test_msg_01_the_networks_echo_is_shown_once(
    stage: Stage, network: FakeNetwork, first: str
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(HELLO)
    asked = await network.is_asked("send", "g1", "Hello")
    echo = MessagePosted(group=G1, message=network.message("ada", "Hello", id=MessageId("m100")))
    if first == "event":
        await network.tells(echo)
        await bao.hears_nothing()
        asked.agrees("m100")
    else:
        asked.agrees("m100")
        await stage.settled()
        await network.tells(echo)
    for person in (ada, bao):
        await person.hears_only("<message from='{room}/ada' id='m1'><body>Hello</body></message>")


async def test_msg_01_a_refused_message_leaves_others_of_its_author_alone(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(HELLO)
    asked = await network.is_asked("send", "g1", "Hello")
    other = network.message("ada", "From the app")
    await network.tells(MessagePosted(group=G1, message=other))
    asked.refuses("forbidden", "No.")
    await bao.hears_only("<message from='{room}/ada'><body>From the app</body></message>")


async def test_msg_01_a_burst_keeps_its_order(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    for number in range(5):
        ada.sends(HELLO.replace("Hello", f"{number}"))
    for number in range(5):
        (await network.is_asked("send", "g1", f"{number}")).agrees()
    await bao.hears_only(*(f"<message><body>{number}</body></message>" for number in range(5)))


@pytest.mark.requirement("MSG-12", "MSG-13", "DELAY-02", "DELAY-01", "ADDR-05")
async def test_msg_12_a_message_of_a_member(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    for author in ("CYD", "ada"):
        await network.tells(MessagePosted(group=G1, message=network.message(author, "Hi")))
        shown = []
        for person in (ada, bao):
            (one,) = await person.hears_only(
                f"""<message type='groupchat' from='{{room}}/{author}'><body>Hi</body>
                <stanza-id xmlns='urn:xmpp:sid:0' by='{{room}}'/>
                <delay xmlns='urn:xmpp:delay' from='{{room}}'/></message>"""
            )
            shown.append(one)
        assert stanza_id(shown[0]) == stanza_id(shown[1])
        assert shown[0].get("id") == shown[1].get("id")  # N3-05
    now = stage.gateway.rooms.host.now()
    await network.tells(MessagePosted(group=G1, message=network.message("CYD", "Now", at=now)))
    (live,) = await ada.hears_only("<message><body>Now</body></message>")
    lacks(live, "delay")


@pytest.mark.requirement("MSG-15", "G-022", "G-068")
async def test_msg_15_what_the_group_says_comes_from_the_room(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada")
    message = network.message(None, "Upgraded")
    await network.tells(MessagePosted(group=G1, message=message))
    (said,) = await ada.hears_only("<message type='groupchat'><body>Upgraded</body></message>")
    assert said.get("from") == stage.room


@pytest.mark.requirement("MSG-12")
async def test_msg_12_somebody_unseen_so_far_may_speak(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    await network.tells(MessagePosted(group=G1, message=network.message("EVE", "Psst")))
    await ada.receives("<message from='{room}/EVE'><body>Psst</body></message>")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x0cc", "a\ufffdb\ufffdc"),
        ("\ud800 \ufffe", "\ufffd \ufffd"),
        ("<b>&amp;</b> ]]>", "<b>&amp;</b> ]]>"),
        ("two\r\nlines\t.", "two\nlines\t."),
        ("\U0001f600 e\u0301", "\U0001f600 e\u0301"),
    ],
)
@pytest.mark.requirement("TRAP-08")
async def test_msg_12_text_that_xml_cannot_hold_does_no_harm(
    stage: Stage, network: FakeNetwork, text: str, shown: str
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    reply = Quote(id=MessageId("m0"), author=None, author_name=text, body=text)
    for message in (
        network.message("CYD", text),
        network.message("CYD", text, reply_to=reply, thread=text, author_name=text),
        network.message("CYD", "after"),
    ):
        await network.tells(MessagePosted(group=G1, message=message))
    first, _, last = await ada.hears_only("<message/>", "<message/>", "<message/>")
    assert find(first, "body").text == shown
    assert find(last, "body").text == "after"


@pytest.mark.requirement("SID-06", "MAM-22")
def test_sid_06_an_id_tells_nothing_of_the_networks_own() -> None:
    ids, others = Ids(b"a" * 32), Ids(b"b" * 32)
    told = [ids.stanza_id("g1", str(number)) for number in range(100)]
    assert len(set(told)) == 100
    assert all(re.fullmatch("[0-9a-f]{32}", id) for id in told)
    assert told != sorted(told)
    assert told[:2] == [ids.stanza_id("g1", "0"), ids.stanza_id("g1", "1")]
    assert not set(told) & {others.stanza_id("g1", str(number)) for number in range(100)}
    assert not set(told) & {ids.stanza_id("g2", str(number)) for number in range(100)}
    assert ids.stanza_id("g1", None) != ids.stanza_id("g1", None)


# Corrections


async def _said(stage: Stage, network: FakeNetwork) -> str:
    """ada says Hello as m1, which is m100 on the network; its stanza id."""
    ada = stage.person("ada")
    ada.sends(HELLO)
    (await network.is_asked("send", "g1", "Hello")).agrees("m100")
    (own,) = await ada.receives("<message id='m1'/>")
    for person in stage.people.values():
        await person.has_heard()
    return stanza_id(own)


CORRECT = """<message to='{room}' type='groupchat' id='m2'><body>Hallo</body>
  <replace xmlns='urn:xmpp:message-correct:0' id='{id}'/></message>"""


@pytest.mark.parametrize("first", ["event", "answer"])
@pytest.mark.requirement("CORR-01", "CORR-02", "CORR-04")
async def test_corr_01_a_correction_is_shown_once_the_network_agrees(
    stage: Stage, network: FakeNetwork, first: str
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    await _said(stage, network)
    ada.sends(CORRECT, id="m1")
    asked = await network.is_asked("edit", "g1", "m100", "Hallo")
    edited = network.message("ada", "Hallo", id=MessageId("m100"))
    event = MessageEdited(group=G1, message=edited)
    if first == "event":
        await network.tells(event)
    await bao.hears_nothing()
    asked.agrees()
    await stage.settled()
    if first == "answer":
        await network.tells(event)
    for person in (ada, bao):
        await person.hears_only(
            """<message from='{room}/ada' id='m2'><body>Hallo</body>
            <replace xmlns='urn:xmpp:message-correct:0' id='m1'/></message>"""
        )


async def test_corr_01_a_refused_correction_shows_nothing(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    await _said(stage, network)
    ada.sends(CORRECT, id="m1")
    (await network.is_asked("edit", "g1", "m100", "Hallo")).refuses("not-acceptable", "Too late.")
    await ada.hears_only(refusal("not-acceptable", "modify", "m2"))
    await bao.hears_nothing()
    # and the network's own word of such a change is news after all
    edited = network.message("ada", "Hallo", id=MessageId("m100"))
    await network.tells(MessageEdited(group=G1, message=edited))
    await bao.hears_only("<message><body>Hallo</body></message>")


async def test_corr_02_only_ones_own_words(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    sid = await _said(stage, network)
    for id, condition, kind in (
        (sid, "forbidden", "auth"),
        ("m1", "forbidden", "auth"),
        ("nothing", "item-not-found", "cancel"),
        ("", "item-not-found", "cancel"),
    ):
        bao.sends(CORRECT, id=id)
        await bao.hears_only(refusal(condition, kind, "m2"))
    await ada.hears_nothing()
    network.was_not_asked()


@pytest.mark.requirement("CORR-03")
async def test_corr_03_an_edit_on_the_network_names_the_id_that_clients_saw(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    await _said(stage, network)
    edited = network.message("ada", "Hallo", id=MessageId("m100"))
    await network.tells(MessageEdited(group=G1, message=edited))
    await bao.hears_only(
        """<message from='{room}/ada'><body>Hallo</body>
        <replace xmlns='urn:xmpp:message-correct:0' id='m1'/></message>"""
    )
    message = network.message("CYD", "Helo")
    await network.tells(MessagePosted(group=G1, message=message))
    (original,) = await bao.hears_only("<message><body>Helo</body></message>")
    edited = network.message("CYD", "Hello", id=message.id)
    await network.tells(MessageEdited(group=G1, message=edited))
    await bao.hears_only(
        """<message from='{room}/CYD'><body>Hello</body>
        <replace xmlns='urn:xmpp:message-correct:0' id='{id}'/></message>""",
        id=original.get("id", ""),
    )
    await ada.has_heard()


# Replies, files, marks


async def test_repl_01_a_reply_goes_to_the_network_without_its_quotation(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    sid = await _said(stage, network)
    bao.sends(
        """<message to='{room}' type='groupchat' id='r1'><body>&gt; Hello\nHi ada</body>
          <reply xmlns='urn:xmpp:reply:0' id='{sid}' to='{room}/ada'/>
          <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>
            <body start='0' end='8'/></fallback></message>""",
        sid=sid,
    )
    asked = await network.is_asked("send", "g1", "Hi ada")
    assert asked.draft.reply_to.id == "m100"
    assert asked.draft.reply_to.author == "ada"
    asked.agrees()
    await ada.hears_only(
        """<message id='r1'><body>&gt; Hello\nHi ada</body>
        <reply xmlns='urn:xmpp:reply:0' id='{sid}'/>
        <fallback xmlns='urn:xmpp:fallback:0'/></message>""",
        sid=sid,
    )


@pytest.mark.requirement("FALL-01", "REPL-01")
@pytest.mark.parametrize(
    "span", ["start='0' end='999'", "start='x'", "start='-1' end='3'", "start='5' end='2'"]
)
async def test_repl_01_a_nonsensical_fallback_does_no_harm(
    stage: Stage, network: FakeNetwork, span: str
) -> None:
    network.obeys("send")
    (ada,) = await stage.seated("ada")
    ada.sends(f"""<message to='{{room}}' type='groupchat' id='r1'><body>Hi ada</body>
      <reply xmlns='urn:xmpp:reply:0' id='nothing' to='not a jid@@'/>
      <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body {span}/></fallback>
      </message>""")
    await ada.hears_only("<message id='r1'/>")


@pytest.mark.requirement("REPL-02")
async def test_repl_02_a_reply_on_the_network(stage: Stage, network: FakeNetwork) -> None:
    ada, _ = await stage.seated("ada", "bao", "CYD")
    sid = await _said(stage, network)
    quote = Quote(id=MessageId("m100"), author=MemberId("ada"), author_name="ada", body="Hello")
    await network.tells(
        MessagePosted(group=G1, message=network.message("CYD", "Hi", reply_to=quote))
    )
    (seen,) = await ada.hears_only(
        """<message from='{room}/CYD'><body>&gt; ada:\n&gt; Hello\nHi</body>
        <reply xmlns='urn:xmpp:reply:0' id='{sid}' to='{room}/ada'/>
        <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='15'/>
        </fallback></message>""",
        sid=sid,
    )
    assert (find(seen, "body").text or "")[15:] == "Hi"


async def test_also_09_a_file_by_its_address(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    ada.sends("""<message to='{room}' type='groupchat' id='f1'>
      <body>https://files.example/a.png</body>
      <x xmlns='jabber:x:oob'><url>https://files.example/a.png</url></x></message>""")
    asked = await network.is_asked("send", "g1", "")
    assert [a.url for a in asked.draft.attachments] == ["https://files.example/a.png"]
    asked.agrees()
    await bao.hears_only("<message id='f1'><x xmlns='jabber:x:oob'/></message>")
    message = network.message("CYD", "", attachments=(Attachment(url="https://x/b.png"),))
    await network.tells(MessagePosted(group=G1, message=message))
    await bao.hears_only(
        """<message from='{room}/CYD'><body>https://x/b.png</body>
        <x xmlns='jabber:x:oob'><url>https://x/b.png</url></x></message>"""
    )


@pytest.mark.requirement("ALSO-01", "MSG-09", "MAM-24")
async def test_msg_09_typing_is_told_and_not_archived(stage: Stage, network: FakeNetwork) -> None:
    network.holds("chat_state")
    ada, bao = await stage.seated("ada", "bao", "CYD")
    ada.sends("""<message to='{room}' type='groupchat'>
      <composing xmlns='http://jabber.org/protocol/chatstates'/></message>""")
    (await network.is_asked("chat_state", "g1", "composing")).agrees()
    (seen,) = await bao.hears_only(
        """<message from='{room}/ada'>
        <composing xmlns='http://jabber.org/protocol/chatstates'/></message>"""
    )
    lacks(seen, "stanza-id")
    await network.tells(ChatStateChanged(group=G1, by=MemberId("CYD"), state="paused"))
    await network.tells(ChatStateChanged(group=G1, by=MemberId("ada"), state="composing"))
    await bao.hears_only(
        """<message from='{room}/CYD'>
        <paused xmlns='http://jabber.org/protocol/chatstates'/></message>"""
    )
    assert await stage.gateway.rooms.host.archive.count(1) == 0


@pytest.mark.requirement("ALSO-05")
@pytest.mark.parametrize("hint", ["no-store", "no-permanent-store"])
async def test_also_05_what_is_to_be_kept_nowhere_is_shown_and_not_kept(
    stage: Stage, network: FakeNetwork, hint: str
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(
        "<message to='{room}' type='groupchat' id='m1'><body>Psst</body>"
        f"<{hint} xmlns='urn:xmpp:hints'/></message>"
    )
    (await network.is_asked("send", "g1", "Psst")).agrees("m100")
    (seen,) = await bao.hears_only("<message id='m1'><body>Psst</body></message>")
    echo = network.message("ada", "Psst", id=MessageId("m100"))
    await network.tells(MessagePosted(group=G1, message=echo))
    await bao.hears_nothing()
    bao.sends("<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
    bao.sends("<presence to='{room}/bao'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    assert not [s for s in await bao.has_heard() if s.find(".//{*}body") is not None]
    bao.sends(
        """<message to='{room}' type='groupchat' id='r1'>
        <reactions xmlns='urn:xmpp:reactions:0' id='{sid}'><reaction>a</reaction></reactions>
        </message>""",
        sid=stanza_id(seen),
    )
    await network.is_asked("react", "g1", "m100", ("a",))


@pytest.mark.requirement("ALSO-02", "TRAP-05")
async def test_also_02_having_read_is_told_to_the_network_and_by_it(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    sid = await _said(stage, network)
    network.holds("mark_read")
    bao.sends(
        """<message to='{room}' type='groupchat'>
        <displayed xmlns='urn:xmpp:chat-markers:0' id='{sid}'/></message>""",
        sid=sid,
    )
    (await network.is_asked("mark_read", "g1", "m100")).agrees()
    bao.sends("""<message to='{room}' type='groupchat'>
        <displayed xmlns='urn:xmpp:chat-markers:0' id='unknown'/></message>""")
    await bao.hears_nothing()
    await network.tells(ReadUpTo(group=G1, id=MessageId("m100"), by=MemberId("CYD")))
    await ada.hears_only(
        """<message from='{room}/CYD'>
        <displayed xmlns='urn:xmpp:chat-markers:0' id='{sid}'/></message>""",
        sid=sid,
    )


async def test_msg_12_a_retraction_of_a_message_nobody_knows_does_no_harm(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(
        MessageRetracted(group=G1, id=MessageId("no"), by=MemberId("CYD"), by_author=True)
    )
    await network.tells(MessagePosted(group=G1, message=network.message("CYD", "Hi")))
    await ada.receives("<message><body>Hi</body></message>")


@pytest.mark.requirement("ALSO-09")
async def test_also_09_who_is_named_is_told_to_the_network_and_by_it(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, _ = await stage.seated("ada", "bao", "CYD", "DAN DEE")
    ada.sends(
        """<message to='{room}' type='groupchat' id='m1'><body>CYD, boss and DAN DEE: hello</body>
        <reference xmlns='urn:xmpp:reference:0' type='mention' begin='5' end='9'
          uri='xmpp:{room}/bao'/>
        <reference xmlns='urn:xmpp:reference:0' type='mention' begin='5' end='999'
          uri='xmpp:{@CYD}'/>
        <reference xmlns='urn:xmpp:reference:0' type='mention' begin='0' end='1'
          uri='xmpp:nobody@nowhere'/></message>"""
    )
    asked = await network.is_asked("send", "g1", "CYD, boss and DAN DEE: hello")
    assert [(m.member, m.start, m.end) for m in asked.draft.mentions] == [
        ("CYD", 0, 3),
        ("bao", 5, 9),
        ("DAN DEE", 14, 21),
    ]
    asked.agrees()
    await ada.receives("<message id='m1'/>")
    quote = Quote(id=MessageId("m0"), author=None, author_name="ada", body="Hm")
    mention = Mention(member=MemberId("DAN DEE"), start=0, end=3)
    message = network.message("CYD", "Dan?", reply_to=quote, mentions=(mention,))
    await network.tells(MessagePosted(group=G1, message=message))
    (seen,) = await ada.hears_only(
        """<message from='{room}/CYD'><reference xmlns='urn:xmpp:reference:0' type='mention'
        uri='xmpp:{room}/DAN%20DEE'/></message>"""
    )
    reference = find(seen, "reference")
    start, end = int(reference.get("begin", "")), int(reference.get("end", ""))
    assert (find(seen, "body").text or "")[start:end] == "Dan"
