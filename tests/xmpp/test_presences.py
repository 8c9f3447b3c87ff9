"""What the presences of a room change, and the signals that tell of it."""

from __future__ import annotations

import pytest
from slixmpp import JID

from legacy_backend.xmpp.muc import LeaveMode, PresenceState, RoomState, StatusCode
from legacy_backend.xmpp.muc.xso import UserActor
from tests.xmpp.line import ROOM, Line, absent, present

BAO = present("bao", jid="bao@example.org/phone")


@pytest.mark.requirement("A-101", "A-053", "A-140", "A-141", "A-142", "A-144", "A-147", "A-148")
async def test_an_occupant_who_comes_is_a_member_when_it_is_told(line: Line) -> None:
    room, heard = await line.join()
    seen = []
    room.on_join.connect(lambda member, **_: seen.append(member in room.members))
    line.brings(BAO)
    ((bao,), _) = heard.one("on_join")
    assert seen == [True]
    assert bao.conversation_jid == JID(f"{ROOM}/bao")
    assert bao.direct_jid == JID("bao@example.org/phone")
    assert (bao.nick, bao.affiliation, bao.role) == ("bao", "member", "participant")
    assert not bao.is_self
    assert room.members == [room.me, bao]
    room.members.clear()
    assert len(room.members) == 2  # it was a copy


@pytest.mark.requirement("A-098", "A-145", "A-146")
async def test_a_changed_presence_is_told_with_state_and_status(line: Line) -> None:
    _, heard = await line.join(others=BAO)
    heard.names()
    line.brings(
        present(
            "bao",
            jid="bao@example.org/phone",
            more="<show>away</show><status>Tea</status><status xml:lang='de'>Tee</status>",
        )
    )
    (bao, resource, presence), _ = heard.one("on_presence_changed")
    assert resource is None
    assert presence["from"] == JID(f"{ROOM}/bao")
    assert bao.presence_state == PresenceState(True, "away")
    assert bao.presence_status == {None: "Tea", "de": "Tee"}
    assert bao.presence_status.lookup("de-AT") == "Tee"
    assert bao.presence_status.lookup("fr") == "Tea"
    assert heard.names() == []


@pytest.mark.requirement("A-143")
async def test_the_uid_is_the_real_address_or_the_rooms_id_or_random(line: Line) -> None:
    known = "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='o1'/>"
    room, _ = await line.join(
        others=BAO + present("cyd", more=known) + present("dov") + present("eli")
    )
    uids = {member.nick: member.uid for member in room.members}
    assert len(set(uids.values())) == 5
    line.brings(absent("bao"), present("bo", jid="bao@example.org/desk"))
    line.brings(absent("cyd"), present("cid", more=known), absent("dov"), present("dov"))
    later = {member.nick: member.uid for member in room.members}
    assert later["bo"] == uids["bao"]
    assert later["cid"] == uids["cyd"]
    assert later["dov"] != uids["dov"]


@pytest.mark.requirement("A-099", "A-233")
async def test_a_change_of_nickname_keeps_the_object(line: Line) -> None:
    room, heard = await line.join(others=BAO)
    bao = room.members[1]
    heard.names()
    line.brings(absent("bao", codes="303", item=" nick='bo'"), present("bo"))
    (member, old, new), told = heard.one("on_nick_changed")
    assert (member, old, new) == (bao, "bao", "bo")
    assert told["muc_status_codes"] == {StatusCode.NICKNAME_CHANGE}
    assert bao.nick == "bo"
    assert [one.nick for one in room.members] == ["ada", "bo"]
    assert heard.names() == []


async def test_our_own_nickname_may_change(line: Line) -> None:
    room, heard = await line.join()
    me = room.me
    heard.names()
    line.brings(absent("ada", codes="110 303", item=" nick='Ada'"), present("Ada", codes="110"))
    heard.one("on_nick_changed")
    assert room.me is me
    assert me is not None
    assert me.nick == "Ada"
    assert room.muc_active
    line.brings(absent("Ada"))  # by its name alone, without 110
    heard.one("on_exit")


async def test_two_places_that_become_one_are_a_departure(line: Line) -> None:
    room, heard = await line.join(others=BAO + present("bo"))
    heard.names()
    line.brings(absent("bo", codes="303", item=" nick='bao'"))
    assert heard.names() == ["on_leave"]
    line.brings(absent("bao", codes="303", item=" nick='bao'"))
    assert heard.names() == []
    assert [one.nick for one in room.members] == ["ada", "bao"]
    line.brings(absent("ada", codes="110 303", item=" nick='bao'"))
    assert heard.names() == ["on_leave", "on_nick_changed"]
    assert room.members == [room.me]


async def test_who_claims_to_be_us_under_another_name_is_not(line: Line) -> None:
    room, heard = await line.join()
    heard.names()
    line.brings(present("eve", codes="110"), absent("eve", codes="110 333"))
    assert heard.names() == ["on_join", "on_leave"]
    assert room.muc_active


@pytest.mark.requirement("A-102", "A-091", "A-092", "A-132", "A-133", "A-134", "A-135", "A-136")
@pytest.mark.requirement("A-131", "A-137")
@pytest.mark.parametrize(
    ("codes", "mode"),
    [
        ("", LeaveMode.NORMAL),
        ("307", LeaveMode.KICKED),
        ("301", LeaveMode.BANNED),
        ("321", LeaveMode.AFFILIATION_CHANGE),
        ("322", LeaveMode.MODERATION_CHANGE),
        ("332", LeaveMode.SYSTEM_SHUTDOWN),
        ("333", LeaveMode.ERROR),
        ("307 333", LeaveMode.ERROR),
        ("307 301", LeaveMode.KICKED),
    ],
)
async def test_who_leaves_and_why(line: Line, codes: str, mode: LeaveMode) -> None:
    room, heard = await line.join(others=BAO)
    bao = room.members[1]
    why = "<actor nick='cyd' jid='cyd@example.org'/><reason>Enough</reason>"
    line.brings(absent("bao", codes=codes, inside=why))
    (member,), told = heard.one("on_leave")
    assert member is bao
    assert told == {
        "muc_leave_mode": mode,
        "muc_actor": UserActor(nick="cyd", jid=JID("cyd@example.org")),
        "muc_reason": "Enough",
        "muc_status_codes": {int(code) for code in codes.split()},
    }
    assert room.members == [room.me]


@pytest.mark.requirement("A-106", "A-123")
async def test_our_own_end_is_an_exit(line: Line) -> None:
    room, heard = await line.join()
    me = room.me
    heard.names()
    line.brings(absent("ada", codes="110 307", inside="<reason>Spam</reason>"))
    _, told = heard.one("on_exit")
    assert told["muc_leave_mode"] is LeaveMode.KICKED
    assert told["muc_reason"] == "Spam"
    assert told["muc_status_codes"] == {110, 307}
    assert (room.muc_joined, room.muc_active) == (False, False)
    assert room.muc_state is RoomState.DISCONNECTED
    assert room.me is me  # never None again


@pytest.mark.requirement("A-249", "A-106")
async def test_a_destroyed_room_tells_where_to_go(line: Line) -> None:
    _, heard = await line.join()
    line.brings("""
        <presence type='unavailable' from='{room}/ada'>
          <x xmlns='http://jabber.org/protocol/muc#user'>
            <item affiliation='none' role='none'/>
            <destroy jid='den@rooms.example'><reason>Moved</reason></destroy>
            <status code='110'/>
          </x>
        </presence>""")
    _, told = heard.one("on_exit")
    assert told["muc_destroy"].jid == JID("den@rooms.example")
    assert told["muc_reason"] == "Moved"


@pytest.mark.requirement("A-111", "A-112")
async def test_changes_of_standing_are_told_with_actor_and_reason(line: Line) -> None:
    _, heard = await line.join(others=BAO)
    heard.names()
    why = "<actor nick='cyd'/><reason>Well done</reason>"
    line.brings(present("bao", affiliation="admin", role="moderator", codes="4711", inside=why))
    for signal in ("on_muc_affiliation_changed", "on_muc_role_changed"):
        (bao,), told = heard.one(signal)
        assert (bao.affiliation, bao.role) == ("admin", "moderator")
        assert told["actor"].nick == "cyd"
        assert told["reason"] == "Well done"
        assert told["status_codes"] == {4711}
    line.brings(present("bao", affiliation="admin", role="visitor"))
    assert heard.names() == ["on_muc_role_changed"]


@pytest.mark.requirement("A-113")
async def test_a_ban_is_a_change_of_affiliation_and_then_a_departure(line: Line) -> None:
    _, heard = await line.join(others=BAO)
    heard.names()
    line.brings(absent("bao", affiliation="outcast", codes="301"))
    (bao,), _ = heard.all[0][1], None
    assert bao.affiliation == "outcast"
    assert heard.names() == ["on_muc_affiliation_changed", "on_leave"]


@pytest.mark.requirement("A-147", "A-148")
async def test_a_service_may_say_nothing_of_standing(line: Line) -> None:
    room, _ = await line.join(others=f"<presence from='{ROOM}/bao'/>")
    assert (room.members[1].affiliation, room.members[1].role) == (None, None)


@pytest.mark.requirement("A-090")
async def test_a_handler_that_fails_keeps_nobody_else_from_hearing(line: Line) -> None:
    room, heard = await line.join()

    def broken(*_: object) -> None:
        raise RuntimeError("as tests have it")

    room.on_join.connect(broken)
    later = []
    room.on_join.connect(lambda member, **_: later.append(member.nick))
    line.brings(BAO)
    assert later == ["bao"]
    heard.one("on_join")


async def test_a_handler_may_be_a_coroutine_or_go_by_returning_true(line: Line) -> None:
    room, _ = await line.join()
    came: list[str] = []

    async def later(member: object, **_: object) -> None:
        came.append("later")

    room.on_join.connect(later)
    room.on_join.connect(lambda *_, **__: came.append("once") or True)
    awaited = room.on_join.future()
    line.brings(BAO, present("cyd"))
    (bao,), _ = await awaited
    assert bao.nick == "bao"
    await line.sends_nothing()
    assert sorted(came) == ["later", "later", "once"]


async def test_presence_of_the_room_itself_is_nobodys(line: Line) -> None:
    room, heard = await line.join()
    heard.names()
    line.brings("<presence from='{room}'><x xmlns='vcard-temp:x:update'/></presence>")
    line.brings("<presence from='{room}/ada' type='probe'/>")
    assert heard.names() == []
    assert room.members == [room.me]


async def test_an_error_for_a_presence_of_ours_does_not_put_us_out(line: Line) -> None:
    room, heard = await line.join()
    heard.names()
    line.brings("""
        <presence type='error' from='{room}/bao'>
          <error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>
        </presence>""")
    (error,), _ = heard.one("on_muc_error")
    assert error.condition == "conflict"
    assert room.muc_active
