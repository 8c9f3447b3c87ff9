"""Voices and moderators (XEP-0045 §8.3, §8.4, §9.6, §9.7)."""

from __future__ import annotations

import pytest

from legacy_backend import Affiliation, Member, Role
from legacy_backend.events import MemberChanged
from legacy_backend.terms import MemberId
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, admin, iq_refusal
from tests.muc.reading import codes, item
from tests.muc.saying import G1
from tests.stage import Stage


@pytest.mark.parametrize(
    ("had", "wanted"),
    [
        ("bao::visitor", Role.PARTICIPANT),
        ("bao", Role.VISITOR),
        ("bao", Role.MODERATOR),
        ("bao::moderator", Role.PARTICIPANT),
    ],
)
@pytest.mark.requirement("MOD-08", "MOD-09", "MOD-15", "AMOD-01", "AMOD-02", "ROLE-04", "A-082")
async def test_mod_08_another_role_once_the_network_agrees(
    stage: Stage, network: FakeNetwork, had: str, wanted: Role
) -> None:
    ada, bao = await stage.seated("ada:admin", had)
    ada.sends(admin(f"<item nick='bao' role='{wanted.word}'><reason>So be it</reason></item>"))
    asked = await network.is_asked("set_role", "g1", "bao", wanted, "So be it")
    await bao.hears_nothing()
    asked.agrees()
    shown = f"""<presence from='{{room}}/bao'><x xmlns='http://jabber.org/protocol/muc#user'>
      <item affiliation='member' role='{wanted.word}'>
        <actor nick='ada'/><reason>So be it</reason></item></x></presence>"""
    await ada.hears_only(RESULT, shown)
    (own,) = await bao.hears_only(shown)
    assert 110 in codes(own)
    changed = Member(id=MemberId("bao"), name="bao", role=wanted, user="bao@example.org")
    await network.tells(MemberChanged(group=G1, member=changed))
    await bao.hears_nothing()


@pytest.mark.requirement("ROLE-06", "ROLE-07", "MOD-10", "AMOD-02", "MOD-01", "ADM-01", "MOD-16")
@pytest.mark.parametrize(
    ("who", "nick", "role", "condition", "kind"),
    [
        ("ada", "bao", "visitor", "forbidden", "auth"),
        ("ada::moderator", "bao", "moderator", "forbidden", "auth"),
        ("ada::moderator", "CYD", "visitor", "not-allowed", "cancel"),
        ("ada:admin", "CYD", "visitor", "not-allowed", "cancel"),
        ("ada:owner", "CYD", "participant", "not-allowed", "cancel"),
        ("ada:owner", "nobody", "participant", "item-not-found", "cancel"),
        ("ada:owner", "bao", "king", "bad-request", "modify"),
        ("ada:owner", "", "participant", "bad-request", "modify"),
    ],
)
async def test_role_06_who_may_not(
    stage: Stage, network: FakeNetwork, who: str, nick: str, role: str, condition: str, kind: str
) -> None:
    ada, bao = await stage.seated(who, "bao", "CYD:admin")
    ada.sends(admin(f"<item nick='{nick}' role='{role}'/>"))
    await ada.hears_only(iq_refusal(condition, kind))
    await bao.hears_nothing()
    network.was_not_asked()


@pytest.mark.requirement("MOD-09")
async def test_mod_09_the_network_refuses(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:admin", "bao")
    ada.sends(admin("<item nick='bao' role='visitor'/>"))
    asked = await network.is_asked("set_role", "g1", "bao", Role.VISITOR, "")
    asked.refuses("feature-not-implemented", "No muting here.")
    await ada.hears_only(iq_refusal("feature-not-implemented", "cancel"))
    await bao.hears_nothing()


async def test_role_04_the_network_changes_a_role(stage: Stage, network: FakeNetwork) -> None:
    ada, _ = await stage.seated("ada", "bao", "CYD:admin")
    changed = Member(id=MemberId("bao"), name="bao", role=Role.VISITOR, user="bao@example.org")
    event = MemberChanged(group=G1, member=changed, by=MemberId("CYD"), reason="Quiet")
    await network.tells(event)
    await ada.hears_only(
        """<presence from='{room}/bao'><x xmlns='http://jabber.org/protocol/muc#user'>
        <item role='visitor'><actor nick='CYD'/><reason>Quiet</reason></item></x></presence>"""
    )


@pytest.mark.requirement("AFF-05", "AFF-04", "A-113")
async def test_aff_05_rank_and_role_change_in_one_presence(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    changed = Member(
        id=MemberId("CYD"), name="CYD", affiliation=Affiliation.ADMIN, role=Role.PARTICIPANT
    )
    await network.tells(MemberChanged(group=G1, member=changed))
    (seen,) = await ada.hears_only("<presence from='{room}/CYD'/>")
    assert (item(seen).get("affiliation"), item(seen).get("role")) == ("admin", "participant")


@pytest.mark.requirement("MOD-12")
async def test_mod_12_what_was_done_is_shown_though_the_next_is_refused(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada:admin", "bao", "CYD")
    ada.sends(admin("<item nick='bao' role='visitor'/>", "<item nick='CYD' role='visitor'/>"))
    (await network.is_asked("set_role", "g1", "bao", Role.VISITOR, "")).agrees()
    (await network.is_asked("set_role", "g1", "CYD", Role.VISITOR, "")).refuses("forbidden", "No.")
    heard = await ada.has_heard()
    assert {s.get("type") for s in heard} == {None, "error"}
    await bao.hears_only("<presence from='{room}/bao'/>")
