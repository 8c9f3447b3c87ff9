"""Invitations, both ways and of both kinds."""

from __future__ import annotations

from typing import Any

import pytest
from slixmpp import JID

from legacy_backend.xmpp.muc import InviteMode
from tests.xmpp.line import ROOM, Line

MEDIATED = """
    <message from='{room}'><x xmlns='http://jabber.org/protocol/muc#user'>
      <invite from='bao@example.org/phone'><reason>Tea</reason></invite>
      <password>sesame</password></x>{more}</message>"""
DIRECT = """
    <message from='bao@example.org/phone'>
      <x xmlns='jabber:x:conference' jid='hall@rooms.example' reason='Tea' password='sesame'/>
    </message>"""


@pytest.fixture
def told(line: Line) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    found: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    line.client.on_muc_invitation.connect(lambda *args, **kw: found.append((args, kw)))
    return found


@pytest.mark.requirement("A-040", "A-041", "A-042", "A-043", "A-044", "A-045", "A-046", "A-261")
@pytest.mark.parametrize(
    ("message", "mode"), [(MEDIATED, InviteMode.MEDIATED), (DIRECT, InviteMode.DIRECT)]
)
async def test_an_invitation_is_told_with_its_mode(
    line: Line, told: Any, message: str, mode: InviteMode
) -> None:
    line.brings(message.replace("{more}", ""))
    (((stanza, room, inviter, found), kwargs),) = told
    assert stanza["to"] == JID("ada@example.org/desk")
    assert room == ROOM
    assert inviter == JID("bao@example.org/phone")
    assert found is mode
    assert kwargs == {"password": "sesame", "reason": "Tea"}


@pytest.mark.requirement("A-047")
async def test_a_mediated_inviter_is_what_the_room_says_or_nobody(line: Line, told: Any) -> None:
    line.brings(MEDIATED.replace(" from='bao@example.org/phone'", "").replace("{more}", ""))
    (((_, _, inviter, mode), _),) = told
    assert inviter is None
    assert mode is InviteMode.MEDIATED


async def test_a_message_that_is_both_is_told_of_once(line: Line, told: Any) -> None:
    line.brings(
        MEDIATED.replace(
            "{more}", "<x xmlns='jabber:x:conference' jid='hall@rooms.example'/><body>Come</body>"
        )
    )
    assert [args[3] for args, _ in told] == [InviteMode.MEDIATED]


@pytest.mark.requirement("A-048")
@pytest.mark.parametrize(
    "message",
    [
        MEDIATED.replace("from='bao@", "to='bao@"),
        MEDIATED.replace("<message", "<message type='error'"),
        MEDIATED.replace("from='bao@", "to='bao@").replace(
            "{more}", "<x xmlns='jabber:x:conference' jid='hall@rooms.example'/>"
        ),
        DIRECT.replace("<message", "<message type='error'"),
        DIRECT.replace("jid='hall@rooms.example'", ""),
    ],
)
async def test_what_invites_nobody_is_not_told(line: Line, told: Any, message: str) -> None:
    line.brings(message.replace("{more}", ""))
    assert told == []


async def test_an_address_of_a_component_hears_what_is_sent_to_its_bare_form() -> None:
    line = Line(JID("bot@gw.example/a"))
    line.up()
    told: list[object] = []
    line.client.on_muc_invitation.connect(lambda _, room, *__, **___: told.append(room))
    line.brings(DIRECT.replace("<message", "<message to='bot@gw.example'"))
    line.brings(DIRECT.replace("<message", "<message to='cat@gw.example'"))
    assert told == [ROOM]


@pytest.mark.requirement("A-251", "A-254", "A-244", "A-260")
async def test_others_are_invited_either_way(line: Line) -> None:
    room, _ = await line.join()
    room.muc_password = "sesame"
    await room.invite(JID("bao@example.org"), reason="Tea", thread="t1")
    await line.sends("""
        <message to='bao@example.org'>
          <x xmlns='jabber:x:conference' jid='{room}' reason='Tea' password='sesame'
             continue='true' thread='t1'/></message>""")
    await room.invite(JID("bao@example.org"), reason="Tea", mode=InviteMode.MEDIATED, thread="t1")
    await line.sends("""
        <message to='{room}'><x xmlns='http://jabber.org/protocol/muc#user'>
          <invite to='bao@example.org'><reason>Tea</reason><continue thread='t1'/></invite>
        </x></message>""")


@pytest.mark.requirement("A-250")
async def test_a_no_goes_both_ways(line: Line) -> None:
    await line.client.decline(ROOM, JID("bao@example.org"), reason="Busy")
    await line.sends("""
        <message to='{room}'><x xmlns='http://jabber.org/protocol/muc#user'>
          <decline to='bao@example.org'><reason>Busy</reason></decline></x></message>""")
    told = []
    line.client.on_muc_invitation_declined.connect(lambda _, *args, **kw: told.append((args, kw)))
    line.brings("""
        <message from='{room}'><x xmlns='http://jabber.org/protocol/muc#user'>
          <decline from='bao@example.org'><reason>Busy</reason></decline></x></message>""")
    assert told == [((ROOM, JID("bao@example.org")), {"reason": "Busy"})]
