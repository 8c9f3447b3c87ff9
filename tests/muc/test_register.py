"""Becoming a member of a room, and ceasing to be one (XEP-0045 §7.10, XEP-0077)."""

from __future__ import annotations

import pytest

from legacy_backend import GroupKind
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, form, iq_refusal
from tests.muc.reading import codes, find, lacks
from tests.stage import DOMAIN, Person, Stage


def register(inner: str = "", kind: str = "set") -> str:
    query = f"<query xmlns='jabber:iq:register'>{inner}</query>"
    return f"<iq type='{kind}' id='k1' to='{{room}}'>{query}</iq>"


JOIN = register(form({"muc#register_roomnick": "bao"}, name="muc#register"))


async def _outsider(stage: Stage, kind: GroupKind) -> Person:
    await stage.seated("ada:owner", kind=kind)
    stage.group("bao", id="g2")
    bao = stage.person("bao")
    await bao.joins(room=f"g2@{DOMAIN}")
    await bao.has_heard()
    return bao


async def test_reg_03_a_member_is_registered(stage: Stage) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(register(kind="get"))
    await ada.hears_only(
        """<iq type='result' id='k1'><query xmlns='jabber:iq:register'>
        <registered/><username>ada</username></query></iq>"""
    )


async def test_reg_04_whoever_may_join_is_offered_the_form(stage: Stage) -> None:
    bao = await _outsider(stage, GroupKind.PUBLIC)
    bao.sends(register(kind="get"))
    (answer,) = await bao.hears_only(
        """<iq type='result' id='k1'><query xmlns='jabber:iq:register'>
        <x xmlns='jabber:x:data' type='form'>
        <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field>
        <field var='muc#register_roomnick'><required/></field></x></query></iq>"""
    )
    lacks(answer, "registered")


async def test_reg_08_becoming_a_member(stage: Stage, network: FakeNetwork) -> None:
    network.holds("join_group")
    bao = await _outsider(stage, GroupKind.PUBLIC)
    bao.sends(JOIN)
    asked = await network.is_asked("join_group", "g1", "")
    await bao.hears_nothing()
    asked.agrees()
    await bao.hears_only(RESULT)
    bao.sends(register(kind="get"))
    (answer,) = await bao.hears_only("<iq type='result' id='k1'/>")
    find(answer, "registered")


@pytest.mark.parametrize("sent", [JOIN, register(kind="get")])
async def test_reg_02_not_where_one_is_invited(
    stage: Stage, network: FakeNetwork, sent: str
) -> None:
    bao = await _outsider(stage, GroupKind.PRIVATE)
    bao.sends(sent)
    await bao.hears_only(iq_refusal("not-allowed", "cancel"))
    network.was_not_asked()


@pytest.mark.parametrize(
    "inner", ["", form({}), form({}, kind="form", name="muc#register"), "<username>x</username>"]
)
async def test_reg_07_what_is_no_form(stage: Stage, network: FakeNetwork, inner: str) -> None:
    bao = await _outsider(stage, GroupKind.PUBLIC)
    bao.sends(register(inner))
    await bao.hears_only(iq_refusal("bad-request", "modify"))
    network.was_not_asked()


@pytest.mark.requirement("EXIT-09", "CODE-321")
async def test_reg_10_ceasing_to_be_a_member(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(register("<remove/>"))
    asked = await network.is_asked("leave_group", "g1")
    await ada.hears_nothing()
    del network.groups["g1"].members["ada"]
    asked.agrees()
    _, own = await ada.hears_only(
        RESULT,
        """<presence type='unavailable' from='{room}/ada'>
        <x xmlns='http://jabber.org/protocol/muc#user'>
          <item affiliation='none' role='none'/></x></presence>""",
    )
    assert sorted(codes(own)) == [110, 321]
    (seen,) = await bao.hears_only("<presence type='unavailable' from='{room}/ada'/>")
    assert codes(seen) == [321]


async def test_reg_10_the_networks_no(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(register("<remove/>"))
    (await network.is_asked("leave_group", "g1")).refuses("not-allowed", "You are needed.")
    await ada.hears_only(iq_refusal("not-allowed", "cancel"))
    await bao.hears_nothing()
