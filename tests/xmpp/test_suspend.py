"""The stream goes and comes: rooms wait for it, and are joined again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from legacy_backend.xmpp.muc import History, LeaveMode, RoomState
from tests.xmpp.line import Heard, Line, present, says

BAO = present("bao")
BUSY = """
    <presence type='error' from='{room}/ada'>
      <error type='{type}'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>
    </presence>"""


@pytest.mark.requirement("A-014", "A-103", "A-104", "A-123", "A-055")
async def test_a_room_is_suspended_and_resumed_with_the_stream(line: Line) -> None:
    room, heard = await line.join(others=BAO)
    me = room.me
    heard.names()
    line.down()
    assert heard.names() == ["on_muc_suspend"]
    assert room.muc_state is RoomState.DISCONNECTED
    assert (room.muc_joined, room.muc_active) == (True, False)

    members = []
    room.on_muc_resume.connect(lambda **_: members.append(room.members))
    line.up()
    assert heard.names() == ["on_muc_resume"]
    assert members == [[]]  # cleared before it is told
    assert room.muc_state is RoomState.JOIN_PRESENCE
    assert room.me is me
    await line.sends("<presence to='{room}/ada'/>")
    line.enters(others=BAO, subject="Boats")
    assert heard.names() == [
        "on_join",
        "on_muc_enter",
        "on_enter",
        "on_topic_changed",
        "on_muc_active",
    ]
    assert room.me is not me


@pytest.mark.requirement("A-015")
async def test_a_rejoin_asks_for_what_was_said_since_the_break(line: Line) -> None:
    _, _ = await line.join(history=History(maxstanzas=0), others=BAO)
    before = datetime.now(UTC) - timedelta(seconds=1)
    line.brings(says("bao", "Last words"))
    line.down()
    line.up()
    presence = await line.sends("""
        <presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'><history/></x>
        </presence>""")
    (history,) = presence.iter("{http://jabber.org/protocol/muc}history")
    since = History.from_xml(history).since
    assert since is not None
    assert before <= since <= datetime.now(UTC)
    assert set(history.attrib) == {"since"}


@pytest.mark.requirement("A-061", "A-010")
async def test_a_rejoin_has_the_password_and_the_nickname_as_they_are_now(line: Line) -> None:
    room, _ = await line.join()
    room.muc_password = "new"
    line.brings(
        present("ada", codes="110 303", item=" nick='Ada'", type="unavailable"),
        present("Ada", codes="110"),
    )
    line.down()
    line.up()
    await line.sends("""
        <presence to='{room}/Ada'><x xmlns='http://jabber.org/protocol/muc'>
          <password>new</password></x></presence>""")


@pytest.mark.requirement("A-060", "A-130", "A-106")
async def test_without_autorejoin_the_end_of_the_stream_is_an_exit(line: Line) -> None:
    room, heard = await line.join(autorejoin=False)
    heard.names()
    line.down()
    _, told = heard.one("on_exit")
    assert told["muc_leave_mode"] is LeaveMode.DISCONNECTED
    assert not room.muc_joined
    assert line.client.rooms == []
    line.up()
    await line.sends_nothing()


@pytest.mark.requirement("A-055")
async def test_a_resumed_stream_changes_nothing(line: Line) -> None:
    room, heard = await line.join()
    heard.names()
    line.xmpp.event("disconnected", "")  # no session_end: stream management holds it
    assert room.muc_active
    line.xmpp.event("session_resumed")
    assert room.muc_active
    assert heard.names() == []
    await line.sends_nothing()


async def test_a_join_that_was_under_way_is_sent_again(line: Line) -> None:
    room, joined = line.client.join(line.names["room"], "ada")  # type: ignore[arg-type]
    heard = Heard(room)
    await line.sends("<presence/>")
    line.down()
    line.up()
    await line.sends("<presence to='{room}/ada'/>")
    line.enters()
    await joined
    assert heard.names() == ["on_muc_enter", "on_enter", "on_muc_active"]


async def test_a_new_stream_without_the_end_of_the_old_one_is_noticed(line: Line) -> None:
    _, heard = await line.join()
    heard.names()
    line.up()
    assert heard.names() == ["on_muc_suspend", "on_muc_resume"]


@pytest.mark.parametrize("condition", ["conflict", "remote-server-timeout"])
async def test_a_rejoin_that_may_succeed_later_is_tried_again(line: Line, condition: str) -> None:
    room, heard = await line.join()
    room.muc_ping_interval = timedelta(milliseconds=1)
    line.down()
    line.up()
    await line.sends("<presence/>")
    heard.names()
    line.brings(BUSY, type="wait", condition=condition)
    await line.sends("<presence to='{room}/ada'/>")
    line.enters()
    assert room.muc_active
    assert "on_exit" not in heard.names()


async def test_a_rejoin_that_is_refused_is_an_exit(line: Line) -> None:
    _, heard = await line.join()
    line.down()
    line.up()
    await line.sends("<presence/>")
    heard.names()
    line.brings(BUSY, type="auth", condition="forbidden")
    _, told = heard.one("on_exit")
    assert (told["muc_leave_mode"], told["muc_reason"]) == (LeaveMode.DISCONNECTED, "forbidden")
    assert line.client.rooms == []


async def test_a_link_that_flaps_leaves_one_join_each(line: Line) -> None:
    room, heard = await line.join()
    for _ in range(20):
        line.down()
        line.up()
        await line.sends("<presence to='{room}/ada'/>")
    await line.sends_nothing()
    line.enters()
    assert room.muc_state is RoomState.ACTIVE
    assert heard.names().count("on_muc_resume") == 20


async def test_a_suspended_room_can_be_left(line: Line) -> None:
    room, heard = await line.join()
    line.down()
    heard.names()
    await room.leave()
    _, told = heard.one("on_exit")
    assert told["muc_leave_mode"] is LeaveMode.DISCONNECTED
    line.up()
    await line.sends_nothing()
