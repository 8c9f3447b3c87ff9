"""Messages that are followed until the room reflects them."""

from __future__ import annotations

import pytest
from slixmpp import JID, Message
from slixmpp.exceptions import XMPPError

from legacy_backend.xmpp.muc import MessageSource, MessageState
from legacy_backend.xmpp.muc.tracking import MOST
from tests.xmpp.line import DELAYED, Line, present, says


def message(body: str) -> Message:
    made = Message()
    made["body"] = body
    made["to"] = "elsewhere@example.org"
    made["type"] = "chat"
    return made


@pytest.mark.requirement("A-074")
async def test_addresses_and_type_are_set_and_the_rest_is_left(line: Line) -> None:
    room, heard = await line.join()
    said = message("Hello")
    said["thread"] = "t1"
    token = room.send_message(said)
    sent = await line.sends("""
        <message type='groupchat' to='{room}'>
          <body>Hello</body><thread>t1</thread><x xmlns='http://jabber.org/protocol/muc#user'/>
        </message>""")
    assert sent.get("id") == token
    heard.names()
    line.brings(says("ada", "Hello", id=token))
    assert heard.names() == ["on_message"]  # it was not tracked


async def test_a_component_sends_it_in_the_namespace_of_its_stream() -> None:
    line = Line(JID("bot@gw.example/a"))
    line.up()
    room, _ = await line.join()
    for said in (message("Hello"), Message(line.xmpp)):
        room.send_message(said)
        # The line refuses what has another.
        await line.sends("<message type='groupchat' from='bot@gw.example/a' to='{room}'/>")
    await room.set_topic({None: "Boats"})
    await line.sends("<message><subject>Boats</subject></message>")


@pytest.mark.requirement("A-075", "A-077")
async def test_a_tracked_message_is_delivered_by_its_id(line: Line) -> None:
    room, heard = await line.join()
    token, tracker = room.send_message_tracked(message("Hello"))
    (said, member, source), told = heard.one("on_message")
    assert (said["body"], member, source) == ("Hello", room.me, MessageSource.STREAM)
    assert told["tracker"] is tracker
    assert tracker.state is MessageState.IN_TRANSIT
    heard.names()
    line.brings(says("ada", "Hello, changed by the room", id=token))
    assert tracker.state is MessageState.DELIVERED_TO_RECIPIENT
    assert (await tracker.delivered())["body"] == "Hello, changed by the room"
    assert heard.names() == []


@pytest.mark.requirement("A-075", "A-076")
async def test_a_room_that_gives_new_ids_is_understood_by_the_words(line: Line) -> None:
    room, _ = await line.join()
    _, first = room.send_message_tracked(message("Hello"))
    _, second = room.send_message_tracked(message("Hello"))
    line.brings(says("ada", "Hello", id="new1"))
    assert first.state is MessageState.DELIVERED_TO_RECIPIENT
    assert second.state is MessageState.IN_TRANSIT
    line.brings(says("ada", "Hello, changed", id="new2"))
    assert second.state is MessageState.IN_TRANSIT  # both changed: nobody can tell


@pytest.mark.requirement("A-075")
async def test_nobody_else_can_reflect_it(line: Line) -> None:
    room, heard = await line.join(others=present("bao"))
    token, tracker = room.send_message_tracked(message("Hello"))
    heard.names()
    line.brings(says("bao", "Hello", id=token))
    assert tracker.state is MessageState.IN_TRANSIT
    assert heard.names() == ["on_message"]


async def test_a_replayed_message_is_no_reflection(line: Line) -> None:
    room, _ = line.client.join(line.names["room"], "ada")  # type: ignore[arg-type]
    line.brings(present("ada", codes="110"))
    _, tracker = room.send_message_tracked(message("Hello"))
    line.brings(says("ada", "Hello", id="old", more=DELAYED))
    assert tracker.state is MessageState.IN_TRANSIT


@pytest.mark.requirement("A-078")
async def test_what_is_tracked_before_we_are_in_has_no_member(line: Line) -> None:
    room, _ = line.client.join(line.names["room"], "ada")  # type: ignore[arg-type]
    seen = []
    room.on_message.connect(lambda msg, member, source, **_: seen.append(member))
    token, tracker = room.send_message_tracked(message("Early"))
    assert seen == [None]
    line.enters()
    line.brings(says("ada", "Early", id=token))
    assert tracker.state is MessageState.DELIVERED_TO_RECIPIENT


async def test_a_refused_message_is_an_error(line: Line) -> None:
    room, heard = await line.join()
    error = """
        <message type='error' from='{room}' id='{it}'>
          <error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
            <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Hush</text></error></message>"""
    token, tracker = room.send_message_tracked(message("Hello"))
    line.brings(error, it=token)
    assert tracker.state is MessageState.ERROR
    with pytest.raises(XMPPError) as refused:
        await tracker.delivered()
    assert (refused.value.condition, refused.value.text) == ("forbidden", "Hush")
    line.brings(error, it="untracked")
    heard.one("on_muc_error")


async def test_when_the_stream_is_lost_nobody_can_tell(line: Line) -> None:
    room, _ = await line.join()
    _, tracker = room.send_message_tracked(message("Hello"))
    line.down()
    assert tracker.state is MessageState.ABORTED
    with pytest.raises(ConnectionError):
        await tracker.delivered()
    with pytest.raises(ConnectionError):
        room.send_message(message("Anybody?"))


async def test_not_more_than_so_many_are_followed(line: Line) -> None:
    room, _ = await line.join()
    trackers = [room.send_message_tracked(message(f"{n}"))[1] for n in range(MOST + 1)]
    assert trackers[0].state is MessageState.ABORTED
    assert trackers[1].state is MessageState.IN_TRANSIT
