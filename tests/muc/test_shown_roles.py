"""Rooms that show the presence of some roles only (XEP-0045 §7.2.2, presencebroadcast)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from legacy_backend import MemberId, Role
from legacy_backend.events import Departure, GroupChanged, MemberChanged, MemberLeft
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, admin, iq_refusal
from tests.muc.reading import codes, item
from tests.muc.saying import G1
from tests.stage import Stage, member

EVERY = frozenset({Role.MODERATOR, Role.PARTICIPANT, Role.VISITOR})
SPEAKERS = EVERY - {Role.VISITOR}
JOIN = "<presence to='{room}/{nick}' id='j1'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
SUBJECT = "<message type='groupchat'><subject/></message>"
NOTICE = "<message type='groupchat' from='{room}'/>"


@pytest.mark.requirement("JOIN-05", "FIELD-09")
async def test_join_05_who_is_not_shown_sees_the_others_and_is_seen_by_nobody(
    stage: Stage,
) -> None:
    ada, _ = await stage.seated(
        "ada:owner", "CYD::visitor", "bao::visitor", "dan::visitor", but="bao", shown_roles=SPEAKERS
    )
    bao = stage.person("bao")
    bao.sends(JOIN, nick="bao")
    (_, own, _) = await bao.hears_only(
        "<presence from='{room}/ada'/>", "<presence from='{room}/bao' id='j1'/>", SUBJECT
    )
    assert codes(own) == [110, 100]
    bao.sends("<presence to='{room}/bao'><show>away</show></presence>")
    await bao.hears_only("<presence from='{room}/bao'><show>away</show></presence>")
    bao.sends("<presence to='{room}/bao' type='unavailable'/>")
    (gone,) = await bao.hears_only("<presence type='unavailable' from='{room}/bao'/>")
    assert codes(gone) == [110]
    await ada.hears_nothing()
    await stage.person("dan").hears_nothing()


@pytest.mark.requirement("ROLE-04", "JOIN-05")
async def test_role_04_a_role_comes_into_view_and_goes_out_of_it(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao, cyd = await stage.seated("ada:owner", "bao", "cyd", shown_roles=SPEAKERS)
    network.obeys("set_role")
    ada.sends(admin("<item nick='bao' role='visitor'/>"))
    (_, gone) = await ada.hears_only(RESULT, "<presence type='unavailable' from='{room}/bao'/>")
    assert (codes(gone), item(gone).get("role")) == ([], "none")
    await cyd.hears_only("<presence type='unavailable' from='{room}/bao'/>")
    (own,) = await bao.hears_only("<presence from='{room}/bao'/>")
    assert (codes(own), item(own).get("role")) == ([110, 100], "visitor")

    ada.sends(admin("<item nick='bao' role='participant'/>"))
    for person in (ada, cyd):
        (back,) = await person.receives(
            """<presence from='{room}/bao'><x xmlns='http://jabber.org/protocol/muc#user'>
            <item affiliation='member' role='participant'/></x></presence>"""
        )
        assert back.get("type") is None
    await bao.hears_only(
        """<presence from='{room}/bao'><x xmlns='http://jabber.org/protocol/muc#user'>
        <item role='participant'/></x></presence>"""
    )


@pytest.mark.parametrize("how", ["kick", "ban", "rename"])
@pytest.mark.requirement("JOIN-05")
async def test_join_05_what_befalls_the_unseen_is_theirs_alone(
    stage: Stage, network: FakeNetwork, how: str
) -> None:
    ada, bao = await stage.seated("ada:owner", "bao::visitor", shown_roles=SPEAKERS)
    event: Any = MemberLeft(group=G1, id=MemberId("bao"), how=Departure.KICKED)
    if how == "ban":
        event = replace(event, how=Departure.BANNED)
    elif how == "rename":
        event = MemberChanged(group=G1, member=replace(member("bao::visitor"), name="Bo"))
    await network.tells(event)
    await bao.receives("<presence type='unavailable' from='{room}/bao'/>")
    await ada.hears_nothing()


@pytest.mark.requirement("ROLE-04", "FIELD-09")
async def test_field_09_the_setting_itself_shows_and_hides(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada:owner", "bao::visitor", "CYD::visitor")
    group = network.groups[G1].group
    for roles, kind in ((SPEAKERS, "unavailable"), (EVERY, None), (frozenset(), "unavailable")):
        now = replace(group, config=replace(group.config, shown_roles=roles))
        await network.tells(GroupChanged(group=G1, info=now))
        heard = await ada.has_heard()
        about = {p.get("from"): p.get("type") for p in heard if p.tag.endswith("}presence")}
        about.pop(f"{stage.room}/ada", None)
        assert about == {f"{stage.room}/bao": kind, f"{stage.room}/CYD": kind}
        assert codes(heard[-1]) == [104]
    await bao.receives("<presence type='unavailable' from='{room}/ada'/>")


@pytest.mark.requirement("ROLE-03", "ROLE-04")
async def test_role_04_who_loses_the_voice_with_a_setting_is_shown_so(
    stage: Stage, network: FakeNetwork
) -> None:
    network.joins_nobody = True
    ada, _ = await stage.seated("ada:owner", "bao:none", members_only=False)
    group = network.groups[G1].group
    now = replace(group, config=replace(group.config, moderated=True))
    await network.tells(GroupChanged(group=G1, info=now))
    (_, notice) = await ada.hears_only(
        """<presence from='{room}/bao'><x xmlns='http://jabber.org/protocol/muc#user'>
        <item affiliation='none' role='visitor'/></x></presence>""",
        NOTICE,
    )
    assert codes(notice) == [104]


@pytest.mark.parametrize(
    ("who", "readers", "refused"),
    [
        ("ada", EVERY, False),
        ("ada", frozenset({Role.MODERATOR}), True),
        ("ada::moderator", frozenset({Role.MODERATOR}), False),
        ("ada::visitor", SPEAKERS, True),
        ("ada:admin", frozenset(), False),
    ],
)
@pytest.mark.requirement("FIELD-10")
async def test_field_10_who_may_read_the_member_list(
    stage: Stage, who: str, readers: frozenset[Role], refused: bool
) -> None:
    (ada,) = await stage.seated(who, "BAO", list_readers=readers)
    ada.sends(admin("<item affiliation='member'/>", kind="get"))
    answer = iq_refusal("forbidden", "auth") if refused else "<iq type='result' id='k1'/>"
    await ada.hears_only(answer)
