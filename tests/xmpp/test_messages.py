"""What is said in a room: now or before, by whom, and the subject."""

from __future__ import annotations

import pytest
from slixmpp import JID

from legacy_backend.xmpp.muc import MessageSource, PresenceState, RoomState
from tests.xmpp.line import DELAYED, ROOM, Heard, Line, present, says

BAO = present("bao", jid="bao@example.org/phone")


@pytest.mark.requirement("A-095")
async def test_what_is_said_is_told_with_its_author(line: Line) -> None:
    room, heard = await line.join(others=BAO)
    line.brings(says("bao", "Hello"))
    (message, member, source), _ = heard.one("on_message")
    assert message["body"] == "Hello"
    assert member is room.members[1]
    assert source is MessageSource.STREAM


@pytest.mark.requirement("A-054", "A-150", "A-151", "A-152", "A-153", "A-154", "A-155")
async def test_the_room_itself_may_speak(line: Line) -> None:
    room, heard = await line.join()
    line.brings("<message type='groupchat' from='{room}'><body>Closing soon</body></message>")
    (_, member, _), _ = heard.one("on_message")
    assert member is room.service_member
    assert member.conversation_jid == ROOM
    assert member.nick is None
    assert member.presence_state == PresenceState(False)
    assert member.presence_status == {}
    assert (member.affiliation, member.role) == (None, None)


@pytest.mark.requirement("A-006", "A-096", "A-241")
async def test_what_is_not_said_to_the_room_is_not_the_rooms(line: Line) -> None:
    _, heard = await line.join(others=BAO)
    heard.names()
    carbon = """
        <message from='ada@example.org'><received xmlns='urn:xmpp:carbons:2'>
          <forwarded xmlns='urn:xmpp:forward:0'>
            <message xmlns='jabber:client' type='groupchat' from='{room}/bao'>
              <body>x</body></message>
          </forwarded></received></message>"""
    private = """
        <message type='chat' from='{room}/bao'><body>Psst</body>
          <x xmlns='http://jabber.org/protocol/muc#user'/></message>"""
    line.brings(carbon, private)
    assert heard.names() == []


@pytest.mark.requirement("A-097", "A-121")
async def test_who_was_replayed_is_only_taken_for_somebody_here_by_the_real_address(
    line: Line,
) -> None:
    room, _ = line.client.join(ROOM, "ada")
    heard = Heard(room)
    line.brings(BAO, present("cyd"), present("ada", codes="110"))
    assert room.muc_state is RoomState.HISTORY
    assert room.muc_active
    real = """
        <x xmlns='http://jabber.org/protocol/muc#user'><item jid='{}'/></x>"""
    line.brings(
        says("bao", "1", more=DELAYED + real.format("bao@example.org/desk")),
        says("bao", "2", more=DELAYED + real.format("eve@example.org/desk")),
        says("bao", "3", more=DELAYED),
        says("cyd", "4", more=DELAYED),
        says("dov", "5", more=DELAYED),
    )
    told = [args for name, args, _ in heard.all if name == "on_message"]
    assert {source for _, _, source in told} == {MessageSource.HISTORY}
    members = [member for _, member, _ in told]
    assert members[0] is room.members[1]
    assert members[1] is not room.members[1]
    assert members[1].direct_jid == JID("eve@example.org/desk")
    for member in members[1:]:
        assert all(member is not one for one in room.members)
    assert [member.nick for member in members] == ["bao", "bao", "bao", "cyd", "dov"]
    assert len({member.uid for member in members}) == 5
    assert len(room.members) == 3


@pytest.mark.requirement("A-122")
async def test_the_subject_ends_the_history(line: Line) -> None:
    room, _ = line.client.join(ROOM, "ada")
    heard = Heard(room)
    line.brings(present("ada", codes="110"))
    assert heard.names() == ["on_muc_enter", "on_enter"]
    line.brings("<message type='groupchat' from='{room}'><subject/></message>")
    assert room.muc_state is RoomState.ACTIVE
    assert heard.names() == ["on_muc_active"]  # an empty one is not told of


@pytest.mark.requirement("A-121")
@pytest.mark.parametrize("live", [says("bao", "Live"), present("cyd")])
async def test_what_is_live_ends_the_history_too(line: Line, live: str) -> None:
    room, _ = line.client.join(ROOM, "ada")
    heard = Heard(room)
    line.brings(present("bao"), present("ada", codes="110"), live)
    assert room.muc_state is RoomState.ACTIVE
    # What the room still replays is told from what is said now, even so.
    line.brings(says("bao", "Old", more=DELAYED), says("bao", "New"))
    told = [(args[0]["body"], args[2]) for name, args, _ in heard.all if name == "on_message"]
    assert told[-2:] == [("Old", MessageSource.HISTORY), ("New", MessageSource.STREAM)]


async def test_a_message_that_a_link_has_delayed_is_live(line: Line) -> None:
    _, heard = await line.join(others=BAO)
    line.brings(says("bao", "Late", more=DELAYED.replace(str(ROOM), "rooms.example")))
    (_, _, source), _ = heard.one("on_message")
    assert source is MessageSource.STREAM


@pytest.mark.requirement("A-100", "A-058", "A-059")
async def test_a_subject_has_languages_and_a_setter(line: Line) -> None:
    room, heard = await line.join(others=BAO, subject="")
    line.brings("""
        <message type='groupchat' from='{room}/bao'>
          <subject>Boats</subject><subject xml:lang='de'>Boote</subject>
        </message>""")
    (member, topic), told = heard.one("on_topic_changed")
    assert member is room.members[1]
    assert topic == {None: "Boats", "de": "Boote"} == room.muc_subject
    assert told["muc_nick"] == "bao" == room.muc_subject_setter
    line.brings("<message type='groupchat' from='{room}/gone'><subject/></message>")
    (member, topic), told = heard.one("on_topic_changed")
    assert member is None
    assert told["muc_nick"] == "gone"
    assert topic.any() == ""


@pytest.mark.requirement("A-100")
async def test_a_subject_that_is_set_is_told_while_joining(line: Line) -> None:
    room, heard = await line.join(subject="Boats")
    heard.one("on_topic_changed")
    assert room.muc_subject.any() == "Boats"


async def test_a_subject_beside_a_body_is_a_headline(line: Line) -> None:
    room, heard = await line.join(others=BAO)
    line.brings(says("bao", "Hello", more="<subject>News</subject>"))
    heard.one("on_message")
    assert room.muc_subject.any() == ""


@pytest.mark.requirement("A-223", "A-224", "A-225", "A-227", "A-228", "A-229", "A-230")
@pytest.mark.parametrize("code", [102, 103, 104, 170, 171, 172, 173])
async def test_a_changed_configuration_is_told_by_its_code(line: Line, code: int) -> None:
    _, heard = await line.join()
    heard.names()
    message = f"""
        <message type='groupchat' from='{{room}}'><x xmlns='http://jabber.org/protocol/muc#user'>
          <status code='{code}'/></x></message>"""
    line.brings(message)
    _, told = heard.one("on_muc_config_changed")
    assert told["muc_status_codes"] == {code}
    assert heard.names() == []
    # From an occupant it is a lie, and changes nothing.
    line.brings(message.replace("{room}", "{room}/bao"))
    assert heard.names() == ["on_message"]


@pytest.mark.requirement("A-240")
async def test_a_marker_for_joins_in_a_message_means_nothing(line: Line) -> None:
    _, heard = await line.join(others=BAO)
    line.brings(says("bao", "Hi", more="<x xmlns='http://jabber.org/protocol/muc'/>"))
    heard.one("on_message")
