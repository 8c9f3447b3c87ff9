"""What a room is asked, and what comes of a no."""

from __future__ import annotations

import asyncio

import pytest
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from legacy_backend.xmpp.muc import ConfigurationForm, VoiceRequestForm
from tests.xmpp.line import ROOM, Line, absent, present

DONE = "<iq type='result' id='{id}' from='{to}'/>"
NO = """
    <iq type='error' id='{id}' from='{to}'>
      <error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>
    </iq>"""


def admin(item: str, reason: str = "") -> str:
    told = f"<reason>{reason}</reason>" if reason else ""
    return f"""
        <iq type='set' to='{{room}}'><query xmlns='http://jabber.org/protocol/muc#admin'>
          <item {item}>{told}</item></query></iq>"""


@pytest.mark.requirement("A-072", "A-082")
async def test_kick_and_roles_go_by_nickname(line: Line) -> None:
    room, _ = await line.join(others=present("bao"))
    kicking = asyncio.ensure_future(room.kick(room.members[1], "Spam"))
    await line.is_asked(admin("nick='bao' role='none'", "Spam"), DONE)
    await kicking
    voicing = asyncio.ensure_future(room.muc_set_role("bao", "participant"))
    await line.is_asked(admin("nick='bao' role='participant'"), NO)
    with pytest.raises(XMPPError) as refused:
        await voicing
    assert refused.value.condition == "forbidden"


@pytest.mark.requirement("A-070", "A-071")
@pytest.mark.parametrize("request_kick", [True, False])
async def test_a_ban_goes_by_real_address_and_says_nothing_of_kicking(
    line: Line, request_kick: bool
) -> None:
    room, _ = await line.join(others=present("bao", jid="bao@example.org/x") + present("cyd"))
    _, bao, cyd = room.members
    banning = asyncio.ensure_future(room.ban(bao, "Spam", request_kick=request_kick))
    await line.is_asked(admin("jid='bao@example.org' affiliation='outcast'", "Spam"), DONE)
    await banning
    await line.sends_nothing()
    with pytest.raises(ValueError, match="real address"):
        await room.ban(cyd)


@pytest.mark.requirement("A-033", "A-034", "A-035", "A-036", "A-083", "A-084")
async def test_an_affiliation_is_set_from_outside_of_the_room_too(line: Line) -> None:
    asking = asyncio.ensure_future(
        line.client.set_affiliation(ROOM, JID("bao@example.org/x"), "owner", reason="Heir")
    )
    await line.is_asked(admin("jid='bao@example.org' affiliation='owner'", "Heir"), DONE)
    await asking
    asking = asyncio.ensure_future(
        line.client.set_affiliation(ROOM, JID("bao@example.org"), "none")
    )
    await line.is_asked(admin("jid='bao@example.org' affiliation='none'"), NO)
    with pytest.raises(XMPPError):
        await asking


@pytest.mark.requirement("A-030", "A-031", "A-032")
async def test_a_form_is_fetched_changed_and_sent_back_whole(line: Line) -> None:
    asking = asyncio.ensure_future(line.client.get_room_config(ROOM))
    await line.is_asked(
        "<iq type='get' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>",
        """
        <iq type='result' id='{id}' from='{to}'>
          <query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='form'>
            <title>Room</title>
            <field var='FORM_TYPE' type='hidden'>
              <value>http://jabber.org/protocol/muc#roomconfig</value></field>
            <field type='fixed' var='note'><value>Read me</value></field>
            <field var='muc#roomconfig_roomname' type='text-single'><value>Hall</value></field>
            <field var='muc#roomconfig_moderatedroom' type='boolean'><value>0</value></field>
            <field var='{http://prosody.im}odd' type='text-single'><value>own</value></field>
          </x></query>
        </iq>""",
    )
    form = ConfigurationForm.from_xso(await asking)
    assert form.moderatedroom is False
    form.moderatedroom = True
    setting = asyncio.ensure_future(line.client.set_room_config(ROOM, form.render_reply()))
    sent = await line.is_asked(
        """
        <iq type='set' to='{room}'>
          <query xmlns='http://jabber.org/protocol/muc#owner'>
            <x xmlns='jabber:x:data' type='submit'>
              <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>
              <field var='muc#roomconfig_roomname'><value>Hall</value></field>
              <field var='muc#roomconfig_moderatedroom'><value>1</value></field>
              <field var='{http://prosody.im}odd'><value>own</value></field>
            </x></query>
        </iq>""",
        DONE,
    )
    await setting
    assert len(sent.findall(".//{jabber:x:data}field")) == 4


async def test_a_room_without_a_form_says_so(line: Line) -> None:
    asking = asyncio.ensure_future(line.client.get_room_config(ROOM))
    await line.is_asked("<iq type='get'/>", DONE)
    with pytest.raises(LookupError):
        await asking


async def test_lists_information_and_destruction(line: Line) -> None:
    asking = asyncio.ensure_future(line.client.get_affiliated(ROOM, "outcast"))
    await line.is_asked(
        """
        <iq type='get' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'>
          <item affiliation='outcast'/></query></iq>""",
        """
        <iq type='result' id='{id}' from='{to}'>
          <query xmlns='http://jabber.org/protocol/muc#admin'>
          <item affiliation='outcast' jid='eve@example.org'><reason>Spam</reason></item></query>
        </iq>""",
    )
    (eve,) = await asking
    assert (eve.jid, eve.reason) == (JID("eve@example.org"), "Spam")

    looking = asyncio.ensure_future(line.client.get_room_info(ROOM))
    await line.is_asked(
        "<iq type='get' to='{room}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        """
        <iq type='result' id='{id}' from='{to}'>
          <query xmlns='http://jabber.org/protocol/disco#info'>
            <identity category='conference' type='text' name='The hall'/>
            <feature var='muc_membersonly'/>
            <x xmlns='jabber:x:data' type='result'>
              <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roominfo</value></field>
              <field var='muc#roominfo_occupants'><value>3</value></field></x>
          </query></iq>""",
    )
    info = await looking
    assert (info.name, info.features) == ("The hall", {"muc_membersonly"})
    assert info.form is not None
    assert info.form.occupants == "3"

    listing = asyncio.ensure_future(line.client.list_rooms(JID("rooms.example")))
    await line.is_asked(
        "<iq type='get' to='rooms.example'/>",
        """
        <iq type='result' id='{id}' from='{to}'>
          <query xmlns='http://jabber.org/protocol/disco#items'>
            <item jid='hall@rooms.example' name='The hall'/><item jid='@'/></query></iq>""",
    )
    assert [(found.jid, found.name) for found in await listing] == [(ROOM, "The hall")]

    ending = asyncio.ensure_future(
        line.client.destroy_room(ROOM, reason="Old", alternate=JID("den@rooms.example"))
    )
    await line.is_asked(
        """
        <iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'>
          <destroy jid='den@rooms.example'><reason>Old</reason></destroy></query></iq>""",
        DONE,
    )
    await ending


@pytest.mark.requirement("A-079")
async def test_a_nickname_is_asked_for(line: Line) -> None:
    room, _ = await line.join()
    await room.set_nick("Ada L.")
    await line.sends("<presence to='{room}/Ada L.'/>")
    assert room.me is not None
    assert room.me.nick == "ada"
    with pytest.raises(ValueError, match="nickname"):
        await room.set_nick("")


@pytest.mark.requirement("A-080")
async def test_a_subject_is_asked_for_in_languages(line: Line) -> None:
    room, _ = await line.join()
    await room.set_topic({None: "Boats", "de": "Boote"})
    await line.sends("""
        <message type='groupchat' to='{room}'>
          <subject>Boats</subject><subject xml:lang='de'>Boote</subject></message>""")


@pytest.mark.requirement("A-081", "A-212")
async def test_a_voice_is_asked_for(line: Line) -> None:
    room, _ = await line.join()
    await room.muc_request_voice()
    await line.sends("""
        <message to='{room}'><x xmlns='jabber:x:data' type='submit'>
          <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field>
          <field var='muc#role'><value>participant</value></field></x></message>""")


REQUEST = """
    <message from='{sender}'><x xmlns='jabber:x:data' type='form'>
      <field var='FORM_TYPE' type='hidden'>
        <value>http://jabber.org/protocol/muc#request</value></field>
      <field var='muc#role' type='list-single'><value>participant</value></field>
      <field var='muc#jid' type='jid-single'><value>bao@example.org</value></field>
      <field var='muc#roomnick' type='text-single'><value>bao</value></field>
      <field var='muc#request_allow' type='boolean'><value>false</value></field></x></message>"""


@pytest.mark.requirement("A-105", "A-210", "A-211", "A-213")
async def test_a_moderator_answers_who_asks_for_a_voice(line: Line) -> None:
    room, heard = await line.join()
    line.brings(REQUEST, sender=ROOM)
    (form, submission), _ = heard.one("on_muc_role_request")
    assert (form.jid, form.roomnick, form.role) == (JID("bao@example.org"), "bao", "participant")
    assert form.request_allow is False
    form.request_allow = True
    submission.set_result(form)
    await line.sends("""
        <message to='{room}'><x xmlns='jabber:x:data' type='submit'>
          <field var='muc#request_allow'><value>1</value></field>
          <field var='muc#jid'><value>bao@example.org</value></field></x></message>""")
    assert isinstance(form, VoiceRequestForm)
    assert room.muc_active


@pytest.mark.requirement("A-105")
async def test_only_the_room_itself_can_ask_that(line: Line) -> None:
    _, heard = await line.join()
    heard.names()
    line.brings(REQUEST, sender=f"{ROOM}/bao")
    assert heard.names() == []


@pytest.mark.requirement("A-073")
async def test_leaving_waits_for_the_room(line: Line) -> None:
    room, heard = await line.join()
    heard.names()
    leaving = asyncio.ensure_future(room.leave())
    await line.sends("<presence type='unavailable' to='{room}/ada'/>")
    assert not leaving.done()
    line.brings(absent("ada", codes="110"))
    await leaving
    assert heard.names() == ["on_exit"]
    await room.leave()
    await line.sends_nothing()


async def test_a_room_that_says_no_goodbye_is_left_all_the_same(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("legacy_backend.xmpp.muc.room.LEAVE_PATIENCE", 0.01)
    room, heard = await line.join()
    heard.names()
    await room.leave()
    assert heard.names() == ["on_exit"]
    assert line.client.rooms == []


async def test_a_client_that_is_closed_leaves_everything(line: Line) -> None:
    _, heard = await line.join()
    heard.names()
    closing = asyncio.ensure_future(line.client.close())
    await line.sends("<presence type='unavailable' to='{room}/ada'/>")
    line.brings(absent("ada", codes="110"))
    await closing
    line.brings("<message from='x@y'><x xmlns='jabber:x:conference' jid='a@b'/></message>")
    assert heard.names() == ["on_exit"]
