"""Asking to be a member of a room for members (XEP-0045 §7.10, §9.9)."""

from __future__ import annotations

from pathlib import Path

import pytest

from legacy_backend import GroupId
from legacy_backend.events import MemberJoined, MembershipRequested
from legacy_backend.terms import MemberId
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, form, iq_refusal
from tests.muc.reading import find, lacks
from tests.muc.saying import G1, refusal
from tests.stage import DOMAIN, Stage, member, on_stage

FORM = """<message from='{room}'><x xmlns='jabber:x:data' type='form'>
  <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field>
  <field var='muc#register_roomnick' type='text-single'><value>EVE</value></field>
  <field var='muc#register_allow' type='boolean'><value>false</value></field></x></message>"""
WANTS = MembershipRequested(group=G1, member=member("EVE"))


def answer(allow: str, nick: str = "EVE") -> str:
    fields = {"muc#register_roomnick": nick, "muc#register_allow": allow}
    return f"<message to='{{room}}' id='v1'>{form(fields, name='muc#register')}</message>"


@pytest.mark.requirement("REG-08", "REG-11")
async def test_reg_11_somebody_asks_to_be_let_in(stage: Stage, network: FakeNetwork) -> None:
    await stage.seated("ada:owner", "CYD")
    stage.group("bao", id="g2")
    bao = stage.person("bao")
    await bao.joins(room=f"g2@{DOMAIN}")
    await bao.has_heard()
    ask = "<iq type='{kind}' id='k1' to='{room}'><query xmlns='jabber:iq:register'>{x}</query></iq>"
    bao.sends(ask.replace("{kind}", "get").replace("{x}", ""))
    (offered,) = await bao.hears_only("<iq type='result' id='k1'/>")
    find(offered, "x")

    def wish(nick: str) -> str:
        x = form({"muc#register_roomnick": nick}, name="muc#register")
        return ask.replace("{kind}", "set").replace("{x}", x)

    bao.sends(wish("CYD"))
    await bao.hears_only(iq_refusal("conflict", "cancel"))
    bao.sends(wish("Countess"))
    asked = await network.is_asked("request_membership", "g1", "Countess")
    await bao.hears_nothing()
    asked.agrees()
    await bao.hears_only(RESULT)
    bao.sends(wish("Countess"))
    again = await network.is_asked("request_membership", "g1", "Countess")
    again.refuses("forbidden", "Not you.")
    await bao.hears_only(iq_refusal("forbidden", "auth"))


@pytest.mark.requirement("REG-11")
@pytest.mark.parametrize(("allow", "accepted"), [("1", True), ("true", True), ("0", False)])
async def test_reg_11_an_admin_decides(
    stage: Stage, network: FakeNetwork, allow: str, accepted: bool
) -> None:
    ada, bao = await stage.seated("ada:admin", "bao")
    await network.tells(WANTS)
    (asked,) = await ada.hears_only(FORM)
    assert asked.get("type") in (None, "normal")
    lacks(asked, "body")
    ada.sends(answer(allow))
    (await network.is_asked("answer_membership", "g1", "EVE", accepted)).agrees()
    await ada.hears_nothing()
    await bao.hears_nothing()
    ada.sends(answer(allow))
    await ada.hears_only(refusal("item-not-found", "cancel", "v1"))
    network.was_not_asked()


@pytest.mark.requirement("REG-11")
async def test_reg_11_who_may_not_decide(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:admin", "bao::moderator")
    await network.tells(WANTS)
    await ada.hears_only(FORM)
    bao.sends(answer("1"))
    await bao.hears_only(refusal("forbidden", "auth", "v1"))
    laptop = stage.person("ada", "laptop")
    laptop.sends(answer("1"))
    await laptop.hears_only(refusal("not-acceptable", "cancel", "v1"))
    ada.sends(answer("1", nick="bao"))
    await ada.hears_only(refusal("item-not-found", "cancel", "v1"))
    ada.sends(answer("1").replace("muc#register_allow", "other"))
    await ada.hears_only(refusal("bad-request", "modify", "v1"))
    network.was_not_asked()


@pytest.mark.requirement("REG-11")
async def test_reg_11_the_networks_no_leaves_the_question_open(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada:admin")
    await network.tells(WANTS)
    await ada.hears_only(FORM)
    ada.sends(answer("1"))
    asked = await network.is_asked("answer_membership", "g1", "EVE", True)
    asked.refuses("resource-constraint", "The group is full.")
    await ada.hears_only(refusal("resource-constraint", "wait", "v1"))
    ada.sends(answer("1"))
    (await network.is_asked("answer_membership", "g1", "EVE", True)).agrees()
    await ada.hears_nothing()


async def test_reg_11_asking_twice_is_asking_once(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada:admin", "CYD")
    await network.tells(WANTS)
    await network.tells(WANTS)
    await ada.hears_only(FORM, FORM)
    namesake = type(WANTS.member)(id=MemberId("9"), name="CYD")
    await network.tells(MembershipRequested(group=G1, member=namesake))
    (asked,) = await ada.has_heard()
    assert "CYD (9)" in [value.text for value in asked.iter("{jabber:x:data}value")]
    ada.sends(answer("1"))
    (await network.is_asked("answer_membership", "g1", "EVE", True)).agrees()
    ada.sends(answer("1"))
    await ada.hears_only(refusal("item-not-found", "cancel", "v1"))


@pytest.mark.requirement("REG-11")
async def test_reg_11_who_waits_is_known_after_a_restart(tmp_path: Path, database: Path) -> None:
    async with on_stage(tmp_path, database) as stage:
        await stage.seated("ada:admin", "bao")
        await stage.network.tells(WANTS)
        two = MembershipRequested(group=GroupId("g1"), member=member("FLO"))
        await stage.network.tells(two)
        await stage.settled()
    async with on_stage(tmp_path, database) as stage:
        stage.group("ada:admin", "bao")
        await stage.starts()
        await stage.network.tells(MemberJoined(group=G1, member=member("FLO")))
        ada = stage.person("ada", "laptop")
        await ada.joins("ada")
        await ada.receives(FORM)
        await ada.hears_nothing()  # FLO's was decided elsewhere
        bao = stage.person("bao", "laptop")
        await bao.joins("bao")
        await bao.hears_nothing()
