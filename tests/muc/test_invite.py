"""Invitations (XEP-0045 §7.8)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from legacy_backend import GroupId, GroupKind
from legacy_backend.events import GroupChanged, InvitationDeclined, Invited, MemberJoined
from legacy_backend.terms import MemberId, UserId
from tests.fake_network import FakeNetwork
from tests.muc.asking import admin
from tests.muc.reading import find, lacks
from tests.muc.saying import G1, refusal
from tests.stage import DOMAIN, Person, Stage, member

INVITE = """<message to='{room}' id='i1'><x xmlns='http://jabber.org/protocol/muc#user'>
  <invite to='{jid}'><reason>Tea?</reason></invite></x></message>"""


@pytest.mark.requirement("INV-01")
async def test_inv_01_somebody_of_the_network_is_invited(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada:admin")
    network.strangers[MemberId("eve")] = member("EVE")
    ada.sends(INVITE, jid="eve@gw.example.org")
    (await network.is_asked("invite", "g1", "EVE", "Tea?")).agrees()
    await ada.hears_nothing()


@pytest.mark.requirement("INV-02", "A-048")
async def test_inv_02_another_user_of_the_gateway_is_invited(stage: Stage) -> None:
    ada, bao = await stage.seated("ada:admin", "bao")
    ada.sends(INVITE, jid="bao@example.org")
    await bao.hears_only(
        """<message from='{room}'><x xmlns='http://jabber.org/protocol/muc#user'>
        <invite from='ada@example.org'><reason>Tea?</reason></invite></x></message>"""
    )
    await ada.hears_nothing()


@pytest.mark.requirement("INV-03")
@pytest.mark.parametrize(
    ("who", "config", "condition"),
    [
        ("ada", {}, "forbidden"),
        ("ada", {"members_may_invite": True}, ""),
        ("ada", {"kind": GroupKind.PUBLIC}, ""),
        ("ada:admin", {}, ""),
    ],
)
async def test_inv_03_who_may_invite(
    stage: Stage, network: FakeNetwork, who: str, config: dict[str, bool], condition: str
) -> None:
    network.obeys("invite")
    (ada,) = await stage.seated(who, **config)
    network.strangers[MemberId("eve")] = member("EVE")
    ada.sends(INVITE, jid="eve@gw.example.org")
    if condition:
        (no,) = await ada.hears_only(refusal(condition, "auth", "i1"))
        find(no, "invite")
    else:
        await ada.hears_nothing()


@pytest.mark.requirement("INV-06")
@pytest.mark.parametrize("jid", ["x@elsewhere.org", "no@gw.example.org"])
async def test_inv_06_somebody_unknown(stage: Stage, network: FakeNetwork, jid: str) -> None:
    (ada,) = await stage.seated("ada:admin")
    ada.sends(INVITE, jid=jid)
    (no,) = await ada.hears_only(refusal("item-not-found", "cancel", "i1"))
    assert jid in (find(no, "text").text or "")
    network.was_not_asked()


@pytest.mark.requirement("INV-07")
async def test_inv_07_several_of_whom_one_is_unknown(stage: Stage, network: FakeNetwork) -> None:
    network.obeys("invite")
    ada, bao = await stage.seated("ada:admin", "bao")
    ada.sends("""<message to='{room}' id='i1'><x xmlns='http://jabber.org/protocol/muc#user'>
      <invite to='x@elsewhere.org'/><invite to='bao@example.org'/></x></message>""")
    (no,) = await ada.hears_only(refusal("item-not-found", "cancel", "i1"))
    assert "x@elsewhere.org" in (find(no, "text").text or "")
    await bao.hears_only("<message from='{room}'/>")


@pytest.mark.requirement("INV-11")
async def test_inv_11_by_somebody_who_is_not_in(stage: Stage, network: FakeNetwork) -> None:
    await stage.seated("ada:admin")
    laptop = stage.person("ada", "laptop")
    laptop.sends(INVITE, jid="eve@gw.example.org")
    await laptop.hears_only(refusal("not-acceptable", "cancel", "i1"))
    network.was_not_asked()


@pytest.mark.requirement("INV-12", "INV-14", "A-040", "A-043", "A-047", "DIR-01")
async def test_inv_12_the_network_invites_a_user(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    stage.group("CYD", id="g2")
    info = network.groups["g2"].group
    event = Invited(
        group=info.id, info=info, by=MemberId("CYD"), reason="Tea?", to=UserId("ada@example.org")
    )
    await network.tells(event)
    await ada.hears_only(
        """<message from='g2@gw.example.org'><x xmlns='http://jabber.org/protocol/muc#user'>
        <invite><reason>Tea?</reason></invite></x>
        <x xmlns='jabber:x:conference' jid='g2@gw.example.org' reason='Tea?'/></message>"""
    )


async def test_inv_13_a_user_who_becomes_a_member_is_told(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    stage.group("ada", id="g2")
    network.groups["g2"].members[MemberId("bao")] = member("bao")
    await network.tells(MemberJoined(group="g2", member=member("bao")))
    await bao.hears_only(
        "<message from='g2@gw.example.org'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<invite/></x></message>"
    )
    await ada.hears_nothing()


@pytest.mark.requirement("INV-09")
async def test_inv_09_a_user_declines(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    ada.sends("""<message to='{room}' id='i1'><x xmlns='http://jabber.org/protocol/muc#user'>
      <decline to='{room}/CYD'><reason>No time</reason></decline></x></message>""")
    (await network.is_asked("decline", "g1", "CYD", "No time")).agrees()
    await ada.hears_nothing()


@pytest.mark.requirement("INV-10")
async def test_inv_10_somebody_declines(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(
        InvitationDeclined(
            group=G1, by=MemberId("CYD"), reason="No time", to=UserId("ada@example.org")
        )
    )
    await ada.hears_only(
        """<message from='{room}'><x xmlns='http://jabber.org/protocol/muc#user'>
        <decline><reason>No time</reason></decline></x></message>"""
    )


@pytest.mark.requirement("INV-03")
async def test_inv_03_a_moderator_is_no_admin(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada::moderator")
    ada.sends(INVITE, jid="eve@gw.example.org")
    await ada.hears_only(refusal("forbidden", "auth", "i1"))
    network.was_not_asked()


async def _elsewhere(stage: Stage, name: str) -> Person:
    """A user of the gateway who is in another group."""
    stage.group(name, id=f"of-{name}")
    person = stage.person(name)
    await person.joins(room=f"of-{name}@{DOMAIN}")
    await person.has_heard()
    stage.network.strangers[MemberId(name)] = member(name)
    return person


@pytest.mark.requirement("INV-04")
async def test_inv_04_a_user_is_let_into_a_room_for_members_and_invited_once(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada:admin")
    bao = await _elsewhere(stage, "bao")
    ada.sends(INVITE, jid="bao@example.org")
    asked = await network.is_asked("invite", "g1", "bao", "Tea?")
    await bao.hears_nothing()
    found = network.groups[G1]
    found.members[MemberId("bao")] = member("bao")
    await network.tells(MemberJoined(group=G1, member=member("bao")))
    asked.agrees()
    heard = await bao.has_heard()
    (invitation,) = [stanza for stanza in heard if stanza.find(".//{*}invite") is not None]
    assert find(invitation, "invite").get("from") == "ada@example.org"
    ada.sends(admin("<item affiliation='member'/>", kind="get"))
    await ada.receives(
        """<iq type='result'><query xmlns='http://jabber.org/protocol/muc#admin'>
        <item jid='bao@example.org'/></query></iq>"""
    )
    await bao.joins()


@pytest.mark.requirement("INV-04")
async def test_inv_04_the_networks_no(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada:admin")
    bao = await _elsewhere(stage, "bao")
    ada.sends(INVITE, jid="bao@example.org")
    (await network.is_asked("invite", "g1", "bao", "Tea?")).refuses("forbidden", "Not bao.")
    await ada.hears_only(refusal("forbidden", "auth", "i1"))
    await bao.hears_nothing()


@pytest.mark.requirement("INV-05")
@pytest.mark.parametrize("jid", ["bao@example.org", "eve@gw.example.org"])
async def test_inv_05_an_invitation_to_an_open_room_makes_no_member(
    stage: Stage, network: FakeNetwork, jid: str
) -> None:
    network.obeys("invite")
    (ada,) = await stage.seated("ada", kind=GroupKind.PUBLIC)
    bao = await _elsewhere(stage, "bao")
    network.strangers[MemberId("eve")] = member("EVE")
    ada.sends(INVITE, jid=jid)
    await ada.hears_nothing()
    assert len(await bao.has_heard()) == (jid == "bao@example.org")
    ada.sends(admin("<item affiliation='member'/>", kind="get"))
    (answer,) = await ada.hears_only("<iq type='result'/>")
    jids = [i.get("jid") for i in answer.iter("{http://jabber.org/protocol/muc#admin}item")]
    assert jids == ["ada@example.org"]


@pytest.mark.requirement("INV-08", "INV-15", "DIR-04")
async def test_inv_08_a_chat_of_two_goes_on_in_a_room_of_ones_own(
    stage: Stage, network: FakeNetwork
) -> None:
    network.obeys("create_group", "send")
    (ada,) = await stage.seated("ada")
    bao = await _elsewhere(stage, "bao")
    await ada.joins(room=f"new@{DOMAIN}")
    stage.network.groups["new"].group = replace(network.groups["new"].group, kind=GroupKind.PUBLIC)
    ada.sends("<iq type='set' id='c' to='new@{gw}'><query "
              "xmlns='http://jabber.org/protocol/muc#owner'>"
              "<x xmlns='jabber:x:data' type='submit'/></query></iq>")  # fmt: skip
    await ada.receives("<iq type='result' id='c'/>")
    await network.tells(GroupChanged(group=GroupId("new"), info=network.groups["new"].group))
    await ada.has_heard()

    late = "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T10:00:00Z' from='{by}'/>"
    said = "<message to='new@{gw}' type='groupchat' id='m'><body>Hi</body>{delay}</message>"
    ada.sends(said.replace("{delay}", late), by="bao@example.org/phone")
    await ada.hears_only(refusal("not-acceptable", "modify", "m").replace("{room}", "new@{gw}"))
    ada.sends(said.replace("{delay}", late), by="ada@example.org/phone")
    (own,) = await ada.hears_only("<message type='groupchat' id='m'><body>Hi</body></message>")
    lacks(own, "delay")

    ada.sends(
        """<message to='new@{gw}' id='i1'><x xmlns='http://jabber.org/protocol/muc#user'>
        <invite to='bao@example.org'><continue thread='t1'/></invite></x></message>"""
    )
    (asked,) = await bao.hears_only(
        """<message from='new@{gw}'><x xmlns='http://jabber.org/protocol/muc#user'>
        <invite from='ada@example.org'><continue thread='t1'/></invite></x>
        <x xmlns='jabber:x:conference' jid='new@{gw}' continue='true' thread='t1'/></message>"""
    )
    assert asked.get("type") in (None, "normal")
    await bao.joins(room=f"new@{DOMAIN}")


@pytest.mark.requirement("INV-09", "INV-10")
async def test_inv_10_users_decline_through_the_room(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:admin", "bao")
    decline = """<message to='{room}' id='i2'><x xmlns='http://jabber.org/protocol/muc#user'>
      <decline to='ada@example.org'><reason>No time</reason></decline></x></message>"""
    bao.sends(decline)  # to somebody who has not asked
    (await network.is_asked("decline", "g1", None, "No time")).agrees()
    await ada.hears_nothing()
    ada.sends(INVITE, jid="bao@example.org")
    await bao.hears_only("<message from='{room}'/>")
    laptop = stage.person("bao", "laptop")
    laptop.sends(decline)
    await ada.hears_only(
        """<message from='{room}' to='ada@example.org'>
        <x xmlns='http://jabber.org/protocol/muc#user'>
          <decline from='bao@example.org'><reason>No time</reason></decline></x></message>"""
    )
    network.was_not_asked()


async def test_dir_04_a_password_comes_with_the_invitation(stage: Stage) -> None:
    ada, bao = await stage.seated("ada:admin", "bao", password="s3cret")
    ada.sends(INVITE, jid="bao@example.org")
    await bao.hears_only(
        """<message from='{room}'><x xmlns='http://jabber.org/protocol/muc#user'>
        <invite/><password>s3cret</password></x>
        <x xmlns='jabber:x:conference' password='s3cret'/></message>"""
    )


DIRECT = """<message to='eve@gw.example.org' id='i1'>
  <x xmlns='jabber:x:conference' jid='{jid}' reason='Tea?'/></message>"""


@pytest.mark.requirement("DIR-02")
async def test_dir_02_a_contact_is_asked_directly(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:admin", "bao")
    network.strangers[MemberId("eve")] = member("EVE")
    ada.sends(DIRECT, jid=stage.room)
    (await network.is_asked("invite", "g1", "EVE", "Tea?")).agrees()
    for person in (ada, bao):
        await person.hears_nothing()
    ada.sends(DIRECT, jid=stage.room)
    (await network.is_asked("invite", "g1", "EVE", "Tea?")).refuses("conflict", "They are in.")
    await ada.hears_only(
        """<message type='error' id='i1' from='eve@gw.example.org'><error type='cancel'>
        <conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"""
    )


@pytest.mark.requirement("DIR-02")
@pytest.mark.parametrize(
    ("name", "jid", "condition"),
    [
        ("ada", "{room}", "forbidden"),
        ("bao", "nothing@gw.example.org", "not-acceptable"),
        ("bao", "room@elsewhere.org", "not-acceptable"),
        ("bao", "gw.example.org", "not-acceptable"),
        ("bao", "@@", "jid-malformed"),
        ("bao", "", "not-acceptable"),
    ],
)
async def test_dir_02_who_cannot_be_asked_where(
    stage: Stage, network: FakeNetwork, name: str, jid: str, condition: str
) -> None:
    await stage.seated("ada", "bao:admin")
    network.strangers[MemberId("eve")] = member("EVE")
    person = stage.person(name)
    person.sends(DIRECT.replace("{jid}", jid))
    (no,) = await person.hears_only("<message type='error' id='i1' from='eve@gw.example.org'/>")
    find(no, condition)
    if condition == "not-acceptable":
        assert find(no, "error").get("type") == "modify"
    network.was_not_asked()
