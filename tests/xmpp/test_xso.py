"""Payloads are written as they are read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from slixmpp import JID, Message, Presence

from conformance.xml import parse
from legacy_backend.xmpp.muc import Data, Field, StatusCode, xso
from legacy_backend.xmpp.muc.codes import codes_of

BAO = JID("bao@example.org/phone")
WHO = {"jid": BAO, "nick": "bao", "reason": "Tea"}


@pytest.mark.requirement("A-241", "A-243", "A-245", "A-246", "A-247", "A-248", "A-249", "A-250")
@pytest.mark.requirement("A-251", "A-252", "A-253", "A-254", "A-255", "A-256", "A-257", "A-258")
@pytest.mark.requirement("A-259")
@pytest.mark.parametrize(
    "value",
    [
        xso.GenericExt(),
        xso.GenericExt(password="sesame", history=xso.History(maxchars=0, maxstanzas=5)),
        xso.History(seconds=60, since=datetime(2026, 1, 2, tzinfo=UTC)),
        xso.UserExt(),
        xso.UserExt(status_codes=frozenset({110, 201, 999}), password="sesame"),
        xso.UserExt(destroy=xso.DestroyNotification(jid=BAO, reason="Old")),
        xso.UserExt(decline=xso.Decline(from_=BAO, to=JID("a@b"), reason="Busy")),
        xso.UserExt(
            invites=(
                xso.Invite(to=BAO, reason="Tea", continue_=xso.Continue(thread="t")),
                xso.Invite(from_=BAO, continue_=xso.Continue()),
            )
        ),
        xso.UserExt(
            items=(
                xso.UserItem(
                    **WHO,
                    affiliation="admin",
                    role="moderator",
                    actor=xso.UserActor(jid=BAO, nick="bao"),
                    continue_=xso.Continue(thread="t"),
                ),
                xso.UserItem(),
            )
        ),
        xso.AdminQuery(
            items=(
                xso.AdminItem(**WHO, affiliation="owner", role="none"),
                xso.AdminItem(actor=xso.AdminActor(nick="cyd")),
            )
        ),
        xso.OwnerQuery(),
        xso.OwnerQuery(destroy=xso.DestroyRequest(jid=BAO, password="sesame", reason="Old")),
        xso.OwnerQuery(
            form=Data(
                "form",
                (Field("a", ("1", "2"), "list-multi", "A", (("1", "one"),), required=True),),
                "Title",
                ("Do this", "and that"),
            )
        ),
    ],
    ids=repr,
)
def test_what_was_written_reads_the_same(value: Any) -> None:
    assert type(value).from_xml(value.to_xml()) == value


@pytest.mark.requirement("A-260", "A-244")
def test_a_direct_invitation_reads_the_same() -> None:
    invite = xso.DirectInvite(
        JID("hall@rooms.example"), reason="Tea", password="sesame", continue_=True, thread="t"
    )
    message = Message()
    message.xml.append(invite.to_xml())
    assert xso.DirectInvite.of(message) == invite
    assert xso.DirectInvite.of(Message()) is None


@pytest.mark.requirement("A-240", "A-241", "A-242", "A-243")
def test_payloads_are_found_in_stanzas() -> None:
    for stanza in (Message(), Presence()):
        assert xso.GenericExt.of(stanza) is None
        assert xso.UserExt.of(stanza) is None
        stanza.xml.append(xso.GenericExt(password="p").to_xml())
        stanza.xml.append(xso.UserExt(password="q").to_xml())
        assert xso.GenericExt.of(stanza) == xso.GenericExt(password="p")
        assert xso.UserExt.of(stanza) == xso.UserExt(password="q")


@pytest.mark.requirement("A-258")
def test_a_room_is_configured_or_destroyed() -> None:
    with pytest.raises(ValueError, match="not both"):
        xso.OwnerQuery(form=Data("submit"), destroy=xso.DestroyRequest())


def test_what_strangers_get_wrong_reads_as_none() -> None:
    item = xso.UserItem.from_xml(parse("<item jid='@'/>"))
    assert item.jid is None
    assert xso.History.from_xml(parse("<history since='soon' seconds='-1'/>")) == xso.History()


@pytest.mark.requirement("A-220", "A-221", "A-222", "A-223", "A-224", "A-225", "A-226", "A-227")
@pytest.mark.requirement("A-228", "A-229", "A-230", "A-231", "A-232", "A-233", "A-234", "A-235")
@pytest.mark.requirement("A-236", "A-237", "A-238", "A-239")
def test_codes_have_names_which_equal_their_numbers() -> None:
    expected = {
        "NON_ANONYMOUS": 100,
        "AFFILIATION_CHANGE": 101,
        "SHOWING_UNAVAILABLE": 102,
        "NOT_SHOWING_UNAVAILABLE": 103,
        "CONFIG_NON_PRIVACY_RELATED": 104,
        "SELF": 110,
        "CONFIG_ROOM_LOGGING": 170,
        "CONFIG_NO_ROOM_LOGGING": 171,
        "CONFIG_NON_ANONYMOUS": 172,
        "CONFIG_SEMI_ANONYMOUS": 173,
        "CREATED": 201,
        "NICKNAME_ASSIGNED": 210,
        "REMOVED_BANNED": 301,
        "NICKNAME_CHANGE": 303,
        "REMOVED_KICKED": 307,
        "REMOVED_AFFILIATION_CHANGE": 321,
        "REMOVED_NONMEMBER_IN_MEMBERS_ONLY": 322,
        "REMOVED_SERVICE_SHUTDOWN": 332,
        "REMOVED_ERROR": 333,
    }
    assert {code.name: code for code in StatusCode} == expected


@pytest.mark.requirement("A-239")
def test_unknown_codes_stay_numbers() -> None:
    found = codes_of(["110", "9999", "x", "²", None, "-1", "123456789", "110"])
    assert found == {StatusCode.SELF, 9999}
    assert {type(code) for code in found} == {StatusCode, int}
