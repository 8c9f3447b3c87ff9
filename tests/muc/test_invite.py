"""Invitations (XEP-0045 §7.8)."""

from __future__ import annotations

import pytest

from legacy_backend import GroupKind
from legacy_backend.events import InvitationDeclined, Invited, MemberJoined
from legacy_backend.terms import MemberId, UserId
from tests.fake_network import FakeNetwork
from tests.muc.reading import find
from tests.muc.saying import G1, refusal
from tests.stage import Stage, member

INVITE = """<message to='{room}' id='i1'><x xmlns='http://jabber.org/protocol/muc#user'>
  <invite to='{jid}'><reason>Tea?</reason></invite></x></message>"""


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


@pytest.mark.parametrize("jid", ["x@elsewhere.org", "no@gw.example.org"])
async def test_inv_06_somebody_unknown(stage: Stage, network: FakeNetwork, jid: str) -> None:
    (ada,) = await stage.seated("ada:admin")
    ada.sends(INVITE, jid=jid)
    (no,) = await ada.hears_only(refusal("item-not-found", "cancel", "i1"))
    assert jid in (find(no, "text").text or "")
    network.was_not_asked()


async def test_inv_07_several_of_whom_one_is_unknown(stage: Stage, network: FakeNetwork) -> None:
    network.obeys("invite")
    ada, bao = await stage.seated("ada:admin", "bao")
    ada.sends("""<message to='{room}' id='i1'><x xmlns='http://jabber.org/protocol/muc#user'>
      <invite to='x@elsewhere.org'/><invite to='bao@example.org'/></x></message>""")
    (no,) = await ada.hears_only(refusal("item-not-found", "cancel", "i1"))
    assert "x@elsewhere.org" in (find(no, "text").text or "")
    await bao.hears_only("<message from='{room}'/>")


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


async def test_inv_09_a_user_declines(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    ada.sends("""<message to='{room}' id='i1'><x xmlns='http://jabber.org/protocol/muc#user'>
      <decline to='{room}/CYD'><reason>No time</reason></decline></x></message>""")
    (await network.is_asked("decline", "g1", "CYD", "No time")).agrees()
    await ada.hears_nothing()


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
