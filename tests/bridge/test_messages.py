"""What is said on the network, as the room hears it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from legacy_backend.events import (
    ChatStateChanged,
    DirectMessagePosted,
    MessageEdited,
    MessagePosted,
    MessageRetracted,
    PrivateMessagePosted,
    Reacted,
    ReadUpTo,
)
from legacy_backend.terms import MemberId, MessageId, UserId
from legacy_backend.values import Attachment, Message, Quote
from tests.fake_network import FakeNetwork
from tests.muc.reading import find, lacks, stanza_id
from tests.muc.saying import G1, heard, said
from tests.stage import Stage

ADA = UserId("ada@example.org")
BAO = MemberId("bao")
CYD = MemberId("CYD")


async def test_a_message_is_shown_with_the_ids_of_the_room(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(heard(network, "CYD", "Hello"))
    (message,) = await ada.hears_only(
        "<message from='{room}/CYD' type='groupchat'><body>Hello</body></message>"
    )
    assert message.get("id") == stanza_id(message)
    assert find(message, "occupant-id").get("id")
    lacks(message, "delay")


async def test_the_same_message_again_is_not_shown_again(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    event = heard(network, "CYD", "Hello")
    await network.tells(event)
    await network.tells(event)
    await ada.hears_only("<message><body>Hello</body></message>")
    await network.tells(event)
    await ada.hears_nothing()


async def test_a_late_message_tells_when_it_was_written(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    message = network.message("CYD", "Yesterday")
    await network.tells(MessagePosted(group=G1, message=message))
    (late,) = await ada.hears_only("<message><body>Yesterday</body></message>")
    assert find(late, "delay").get("stamp", "").startswith("2026-01-01T12:00")


async def test_the_group_itself_speaks_without_a_nickname(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada")
    await network.tells(heard(network, None, "This group is one year old"))
    await ada.hears_only("<message from='{room}' type='groupchat'><body/></message>")


@pytest.mark.parametrize("name", ["Dan", "  ", "D\u0007an", "Dan/of/ours"])
async def test_somebody_unknown_speaks_under_what_they_are_called(
    stage: Stage, network: FakeNetwork, name: str
) -> None:
    (ada,) = await stage.seated("ada")
    await network.tells(heard(network, "dan-7", "Hello", author_name=name))
    (message,) = await ada.hears_only("<message type='groupchat'><body>Hello</body></message>")
    nick = message.get("from", "").partition("/")[2]
    assert nick == (name.strip().replace("\u0007", "") or "dan-7")


async def test_a_member_who_speaks_is_there(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    cyd = stage.gateway.events.handles(G1)[0].room.people[CYD]
    cyd.present = False
    await network.tells(heard(network, "CYD", "Hello"))
    await ada.hears_only("<presence from='{room}/CYD'/>", "<message from='{room}/CYD'/>")


async def test_an_answer_names_what_it_answers(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(heard(network, "CYD", "Tea?", id="m1"))
    (asked,) = await ada.hears_only("<message><body>Tea?</body></message>")
    quote = Quote(id=MessageId("m1"), author=CYD, author_name="CYD", body="Tea?")
    await network.tells(heard(network, "CYD", "Or coffee?", reply_to=quote, thread="t1"))
    (answer,) = await ada.hears_only("<message><thread>t1</thread></message>")
    reply = find(answer, "reply")
    assert reply.get("id") == stanza_id(asked)
    assert reply.get("to") == f"{stage.room}/CYD"
    body = find(answer, "body").text or ""
    end = int(answer.find("{urn:xmpp:fallback:0}fallback/{*}body").get("end"))  # type: ignore[union-attr,arg-type]
    assert body[end:] == "Or coffee?"
    assert body[:end] == "> CYD:\n> Tea?\n"


async def test_files_are_shown_by_their_address(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    files = (Attachment(url="https://a.example/1.png"), Attachment(url="https://a.example/2.png"))
    await network.tells(heard(network, "CYD", "Look", attachments=files))
    (message,) = await ada.hears_only("<message/>")
    assert find(message, "body").text == "Look\nhttps://a.example/1.png\nhttps://a.example/2.png"
    assert find(message, "url").text == "https://a.example/1.png"
    await network.tells(heard(network, "CYD", "", attachments=files[:1]))
    await ada.hears_only("<message><body>https://a.example/1.png</body></message>")


@pytest.mark.parametrize("first", ["event", "answer"])
async def test_ones_own_words_are_shown_once_whichever_comes_first(
    stage: Stage, network: FakeNetwork, first: str
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("<message to='{room}' type='groupchat' id='mine'><body>Hello</body></message>")
    asked = await network.is_asked("send", "g1", "Hello")
    echo = heard(network, "ada", "Hello", id="m100")
    if first == "event":
        await network.tells(echo)
        await bao.hears_nothing()
    asked.agrees("m100")
    await stage.settled()
    if first == "answer":
        await network.tells(echo)
    for person in (ada, bao):
        (message,) = await person.hears_only("<message from='{room}/ada' id='mine'/>")
        assert stanza_id(message)


async def test_what_else_one_says_on_the_network_waits_for_what_one_says_here(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("<message to='{room}' type='groupchat' id='mine'><body>First</body></message>")
    asked = await network.is_asked("send", "g1", "First")
    await network.tells(heard(network, "ada", "Second", id="m200"))
    asked.agrees("m100")
    for person in (ada, bao):
        await person.hears_only(
            "<message id='mine'><body>First</body></message>",
            "<message from='{room}/ada'><body>Second</body></message>",
        )


async def test_words_that_the_network_refused_and_then_tells_of_are_shown(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("<message to='{room}' type='groupchat' id='mine'><body>Hello</body></message>")
    asked = await network.is_asked("send", "g1", "Hello")
    await network.tells(heard(network, "ada", "Hello", id="m100"))
    asked.refuses("remote-server-timeout")
    await bao.hears_only("<message from='{room}/ada'><body>Hello</body></message>")
    await ada.receives("<message type='error' id='mine'/>")


def edited(network: FakeNetwork, id: str, author: str, body: str, edit_id: str) -> MessageEdited:
    at = datetime.now(tz=UTC)
    message = Message(
        id=MessageId(id), author=MemberId(author), author_name=author, at=at, body=body
    )
    return MessageEdited(group=G1, message=message, edit_id=edit_id)


async def test_an_edit_corrects_the_message(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(heard(network, "CYD", "Helo", id="m1"))
    (first,) = await ada.hears_only("<message><body>Helo</body></message>")
    change = edited(network, "m1", "CYD", "Hello", "e1")
    await network.tells(change)
    (correction,) = await ada.hears_only("<message><body>Hello</body></message>")
    assert find(correction, "replace").get("id") == first.get("id")
    await network.tells(change)
    await ada.hears_nothing()


async def test_an_edit_of_a_message_from_here_names_the_id_of_its_client(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    await said(stage, network)
    await network.tells(edited(network, "m100", "ada", "Hello there", ""))
    for person in (ada, bao):
        (correction,) = await person.hears_only("<message><body>Hello there</body></message>")
        assert find(correction, "replace").get("id") == "m1"


async def test_an_author_takes_a_message_back(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(heard(network, "CYD", "Oops", id="m1"))
    (first,) = await ada.hears_only("<message><body>Oops</body></message>")
    await network.tells(MessageRetracted(group=G1, id=MessageId("m1"), by=CYD, by_author=True))
    (gone,) = await ada.hears_only("<message from='{room}/CYD'/>")
    assert find(gone, "retract").get("id") == stanza_id(first)
    lacks(gone, "moderated")


@pytest.mark.parametrize("by", ["CYD", None])
async def test_a_moderator_removes_a_message(
    stage: Stage, network: FakeNetwork, by: str | None
) -> None:
    (ada,) = await stage.seated("ada", "CYD:admin")
    await said(stage, network)
    moderator = None if by is None else MemberId(by)
    event = MessageRetracted(
        group=G1, id=MessageId("m100"), by=moderator, by_author=False, reason="Spam"
    )
    await network.tells(event)
    (gone,) = await ada.hears_only("<message from='{room}' type='groupchat'/>")
    assert find(gone, "moderated").get("by") == (f"{stage.room}/CYD" if by else None)
    assert find(gone, "reason").text == "Spam"


async def test_reactions_are_all_that_somebody_has_now(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    ident = await said(stage, network)
    await network.tells(Reacted(group=G1, id=MessageId("m100"), by=CYD, emojis=("👍", "🎉")))
    (both,) = await ada.hears_only("<message from='{room}/CYD'/>")
    assert find(both, "reactions").get("id") == ident
    assert [reaction.text for reaction in find(both, "reactions")] == ["👍", "🎉"]
    await network.tells(Reacted(group=G1, id=MessageId("m100"), by=CYD, emojis=()))
    (none,) = await ada.hears_only("<message from='{room}/CYD'/>")
    assert len(find(none, "reactions")) == 0


async def test_reactions_from_here_are_shown_once(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ident = await said(stage, network)
    bao.sends(
        "<message to='{room}' type='groupchat' id='r1'><reactions xmlns='urn:xmpp:reactions:0'"
        " id='{id}'><reaction>👍</reaction></reactions></message>",
        id=ident,
    )
    asked = await network.is_asked("react", "g1", "m100", ("👍",))
    await network.tells(Reacted(group=G1, id=MessageId("m100"), by=BAO, emojis=("👍",)))
    asked.agrees()
    for person in (ada, bao):
        await person.hears_only("<message from='{room}/bao' id='r1'/>")


async def test_what_is_read_is_marked(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    ident = await said(stage, network)
    await network.tells(ReadUpTo(group=G1, id=MessageId("m100"), by=CYD))
    (mark,) = await ada.hears_only("<message from='{room}/CYD' type='groupchat'/>")
    assert find(mark, "displayed").get("id") == ident


@pytest.mark.parametrize("state", ["composing", "paused", "active", "inactive"])
async def test_typing_is_shown_and_not_kept(stage: Stage, network: FakeNetwork, state: str) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(ChatStateChanged(group=G1, by=CYD, state=state))  # type: ignore[arg-type]
    (message,) = await ada.hears_only("<message from='{room}/CYD' type='groupchat'/>")
    find(message, state)
    lacks(message, "stanza-id")


async def test_a_whisper_reaches_all_clients_of_one_user(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    laptop = stage.person("ada", "laptop")
    await laptop.joins()
    await bao.has_heard()
    await ada.has_heard()
    message = network.message("CYD", "Psst")
    await network.tells(PrivateMessagePosted(group=G1, to=ADA, message=message))
    for client in (ada, laptop):
        await client.hears_only(
            "<message from='{room}/CYD' type='chat'><body>Psst</body></message>"
        )
    await bao.hears_nothing()


async def test_a_direct_message_comes_from_a_contact(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    message = network.message("CYD", "Hello you", at=datetime.now(tz=UTC))
    await network.tells(DirectMessagePosted(to=ADA, message=message))
    await ada.receives("<message from='{@CYD}/sluice'><body>Hello you</body></message>")


async def test_a_direct_message_of_somebody_unknown_ends_nothing(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(DirectMessagePosted(to=ADA, message=network.message("nobody", "Boo")))
    await stage.settled()
    await network.tells(heard(network, "CYD", "Hello"))
    await ada.receives("<message><body>Hello</body></message>")


async def test_a_direct_message_whose_author_is_asked_for_holds_up_nobody(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    account = stage.gateway.sessions()[0].account

    async def person(member: MemberId) -> object:
        return await network.asks("person", member)

    monkeypatch.setattr(account, "person", person)
    await network.tells(DirectMessagePosted(to=ADA, message=network.message("dan", "One")))
    asked = await network.is_asked("person", "dan")
    await network.tells(DirectMessagePosted(to=ADA, message=network.message("dan", "Two")))
    await network.tells(heard(network, "CYD", "Hello"))
    await ada.receives("<message from='{room}/CYD'><body>Hello</body></message>")
    dan = replace(network.groups[G1].members[CYD], id=MemberId("dan"), name="Dan")
    asked.agrees(dan)
    await ada.receives(
        "<message from='dan@{gw}/sluice'><body>One</body></message>",
        "<message from='dan@{gw}/sluice'><body>Two</body></message>",
    )


@pytest.mark.parametrize(
    "event",
    [
        MessageRetracted(group=G1, id=MessageId("never"), by=CYD, by_author=True),
        MessageRetracted(group=G1, id=MessageId("never"), by=None, by_author=False),
        Reacted(group=G1, id=MessageId("never"), by=MemberId("nobody"), emojis=("👍",)),
        ReadUpTo(group=G1, id=MessageId("never"), by=MemberId("nobody")),
        ChatStateChanged(group=G1, by=MemberId("nobody"), state="composing"),
    ],
    ids=["retracted", "moderated", "reacted", "read", "typing"],
)
async def test_what_makes_no_sense_does_no_harm(
    stage: Stage, network: FakeNetwork, event: object, caplog: pytest.LogCaptureFixture
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(event)  # type: ignore[arg-type]
    await network.tells(heard(network, "CYD", "Hello"))
    await ada.receives("<message><body>Hello</body></message>")
    assert "could not be handled" not in caplog.text
