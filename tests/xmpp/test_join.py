"""Joining: a room and a future at once, and everything that becomes of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from legacy_backend.xmpp import muc
from legacy_backend.xmpp.muc import History, MUCClient, Room, RoomState, StatusCode
from tests.xmpp.line import ROOM, Heard, Line, absent, present

REFUSED = """
    <presence type='error' from='{room}/ada'>
      <error type='auth'><registration-required xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
      </error>
    </presence>"""


@pytest.mark.requirement("A-002", "A-003", "A-004")
async def test_a_stream_has_one_client_for_each_own_address(line: Line) -> None:
    assert MUCClient.summon(line.xmpp) is line.client
    component = Line(JID("bot@gw.example/a"))
    assert component.client is MUCClient.summon(component.xmpp, JID("bot@gw.example/a"))
    assert component.client is not MUCClient.summon(component.xmpp, JID("bot@gw.example/b"))
    assert muc.Service is MUCClient


@pytest.mark.requirement("A-007", "A-008", "A-019", "A-020", "A-051", "A-057", "A-120")
async def test_a_join_gives_the_room_at_once_and_a_future(line: Line) -> None:
    added: list[Room] = []
    line.client.on_conversation_added.connect(added.append)
    room, joined = line.client.join(ROOM, "ada")
    assert added == [room]
    assert room.jid == ROOM
    assert not joined.done()
    assert (room.muc_state, room.muc_joined, room.muc_active) == (
        RoomState.JOIN_PRESENCE,
        False,
        False,
    )
    heard = Heard(room)  # connected after the join, and nothing is missed
    await line.sends(
        "<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
    )
    line.enters()
    assert await joined is None
    assert heard.names() == ["on_muc_enter", "on_enter", "on_muc_active"]


@pytest.mark.requirement("A-005", "A-021")
async def test_the_client_knows_its_conversations(line: Line) -> None:
    room, _ = await line.join()
    assert line.client.rooms == [room]
    line.brings(absent("ada", codes="110"))
    assert line.client.rooms == []


@pytest.mark.requirement("A-009")
@pytest.mark.parametrize("address", ["hall@rooms.example/ada", "rooms.example"])
async def test_what_is_no_room_is_not_joined(line: Line, address: str) -> None:
    with pytest.raises(ValueError, match="not the bare address of a room"):
        line.client.join(JID(address), "ada")
    with pytest.raises(ValueError, match="nickname"):
        line.client.join(ROOM, "")
    await line.sends_nothing()
    assert line.client.rooms == []


@pytest.mark.requirement("A-011", "A-061", "A-012", "A-245")
async def test_password_and_history_are_in_the_join(line: Line) -> None:
    history = History(maxstanzas=3, since=datetime(2026, 1, 2, 3, 4, 5, 999, UTC))
    room, _ = line.client.join(ROOM, "ada", password="sesame", history=history)
    await line.sends("""
        <presence to='{room}/ada'>
          <x xmlns='http://jabber.org/protocol/muc'>
            <history maxstanzas='3' since='2026-01-02T03:04:05Z'/><password>sesame</password>
          </x>
        </presence>""")
    assert room.muc_password == "sesame"


@pytest.mark.requirement("A-013")
async def test_without_a_wish_the_service_decides_how_much_it_replays(line: Line) -> None:
    line.client.join(ROOM, "ada")
    presence = await line.sends("<presence to='{room}/ada'/>")
    assert not list(presence.iter("{http://jabber.org/protocol/muc}history"))


@pytest.mark.requirement("A-016")
async def test_a_second_join_gives_the_same_room(line: Line) -> None:
    room, joined = line.client.join(ROOM, "ada")
    await line.sends("<presence/>")
    assert line.client.join(ROOM, "somebody else", password="x") == (room, joined)
    await line.sends_nothing()


@pytest.mark.requirement("A-017")
async def test_a_join_without_a_stream_waits_for_one() -> None:
    line = Line()
    _, joined = line.client.join(ROOM, "ada")
    await line.sends_nothing()
    line.up()
    await line.sends("<presence to='{room}/ada'/>")
    line.enters()
    await joined


@pytest.mark.requirement("A-018")
async def test_a_refused_join_raises_and_the_room_is_forgotten(line: Line) -> None:
    room, joined = line.client.join(ROOM, "ada")
    heard = Heard(room)
    line.brings("<presence type='error' from='other@rooms.example/ada'/>")
    assert not joined.done()
    line.brings(REFUSED)
    with pytest.raises(XMPPError) as refused:
        await joined
    assert refused.value.condition == "registration-required"
    assert line.client.rooms == []
    assert heard.names() == []  # one who was never in does not leave
    assert room.muc_state is RoomState.DISCONNECTED


@pytest.mark.requirement("A-094", "A-052", "A-056", "A-055", "A-239")
async def test_entering_tells_the_codes(line: Line) -> None:
    room, heard = await line.join(codes="100 170 201 210 999")
    (_, me), told = heard.one("on_muc_enter")
    assert told["muc_status_codes"] == {100, 110, 170, 201, 210, 999}
    assert StatusCode.CREATED in told["muc_status_codes"]
    assert me is room.me
    assert (room.muc_joined, room.muc_active) == (True, True)


@pytest.mark.requirement("A-010")
async def test_the_room_may_give_another_nickname(line: Line) -> None:
    room, joined = line.client.join(ROOM, "ada")
    line.brings(present("Ada L.", codes="110 210"))
    await joined
    assert room.me is not None
    assert room.me.nick == "Ada L."


@pytest.mark.requirement("A-060")
async def test_a_room_that_is_not_to_be_rejoined_fails_with_the_stream(line: Line) -> None:
    room, joined = line.client.join(ROOM, "ada", autorejoin=False)
    assert room.muc_autorejoin is False
    line.down()
    with pytest.raises(ConnectionError):
        await joined
    assert line.client.rooms == []


async def test_own_addresses_of_a_component_are_in_rooms_side_by_side() -> None:
    first, second = JID("bot@gw.example/a"), JID("cat@gw.example/b")
    line = Line(first)
    line.up()
    others = MUCClient.summon(line.xmpp, second)
    one, joined = line.client.join(ROOM, "bot")
    other, joined_too = others.join(ROOM, "cat")
    await line.sends("<presence from='bot@gw.example/a' to='{room}/bot'/>")
    await line.sends("<presence from='cat@gw.example/b' to='{room}/cat'/>")
    line.brings(present("bot", codes="110").replace("<presence", f"<presence to='{first}'"))
    await joined
    assert not joined_too.done()
    line.brings(present("cat", codes="110").replace("<presence", f"<presence to='{second}'"))
    await joined_too
    assert (len(one.members), len(other.members)) == (1, 1)


async def test_a_thousand_occupants_come_before_ourselves(line: Line) -> None:
    room, _ = line.client.join(ROOM, "ada")
    for number in range(1000):
        line.brings(present(f"guest {number}"))
    line.enters()
    assert len(room.members) == 1001
    assert room.members[0] is room.me


@pytest.mark.parametrize(
    "hostile",
    [
        """<presence from='{room}/x'><x xmlns='http://jabber.org/protocol/muc#user'>
        <item jid='@@' nick='' affiliation='king'/><status code='²'/><status/></x></presence>""",
        "<presence from='{room}/ada' type='unavailable'/>",
        "<presence from='{room}'/>",
        "<presence from='{room}/ada' type='probe'/>",
        "<message type='groupchat' from='{room}/ada'/>",
        "<message from='{room}'><x xmlns='jabber:x:data' type='form'/></message>",
        """<message from='{room}'><x xmlns='http://jabber.org/protocol/muc#user'><invite from='@'/>
        </x></message>""",
        "<message from='evil@example.org'><x xmlns='jabber:x:conference' jid='@'/></message>",
    ],
)
async def test_what_is_malformed_is_survived_while_joining(line: Line, hostile: str) -> None:
    room, joined = line.client.join(ROOM, "ada")
    await line.sends("<presence/>")
    line.brings(hostile)
    line.enters()
    await joined
    assert room.muc_state is RoomState.ACTIVE
    await line.sends_nothing()
