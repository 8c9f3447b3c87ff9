"""Asking for a voice, and granting it (XEP-0045 §7.13, §8.6)."""

from __future__ import annotations

import pytest

from legacy_backend import GroupKind, Role
from legacy_backend.events import VoiceRequested
from legacy_backend.terms import MemberId
from tests.fake_network import FakeNetwork
from tests.muc.asking import form
from tests.muc.reading import find, lacks
from tests.muc.saying import G1, refusal
from tests.stage import Stage

WISH = form({"muc#role": "participant"}, name="muc#request")
ASK = f"<message to='{{room}}' id='v1'>{WISH}</message>"


def answer(allow: str, nick: str = "bao") -> str:
    fields = {"muc#role": "participant", "muc#roomnick": nick, "muc#request_allow": allow}
    return f"<message to='{{room}}' id='v1'>{form(fields, name='muc#request')}</message>"


@pytest.mark.requirement("VOICE-01", "A-081", "A-212")
async def test_voice_01_a_visitor_asks(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:admin", "bao::visitor")
    bao.sends(ASK)
    (await network.is_asked("request_voice", "g1")).agrees()
    await bao.hears_nothing()
    bao.sends(ASK)
    (await network.is_asked("request_voice", "g1")).refuses("resource-constraint", "Wait.")
    await bao.hears_only(refusal("resource-constraint", "wait", "v1"))
    await ada.hears_nothing()


@pytest.mark.requirement("VOICE-02", "A-105", "A-210", "A-211", "A-213")
async def test_voice_02_moderators_are_asked(stage: Stage, network: FakeNetwork) -> None:
    ada, bao, cyd = await stage.seated("ada:admin", "bao::visitor", "cyd")
    await network.tells(VoiceRequested(group=G1, by=MemberId("bao")))
    (asked,) = await ada.hears_only(
        """<message from='{room}'><x xmlns='jabber:x:data' type='form'>
        <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field>
        <field var='muc#role' type='list-single'><value>participant</value></field>
        <field var='muc#jid' type='jid-single'><value>bao@example.org</value></field>
        <field var='muc#roomnick' type='text-single'><value>bao</value></field>
        <field var='muc#request_allow' type='boolean'><value>false</value></field></x></message>"""
    )
    assert asked.get("type") in (None, "normal")
    lacks(asked, "body")
    for person in (bao, cyd):
        await person.hears_nothing()


@pytest.mark.requirement("VOICE-03")
async def test_voice_03_a_moderator_grants(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:admin", "bao::visitor")
    ada.sends(answer("false"))
    await bao.hears_nothing()
    ada.sends(answer("true"))
    (await network.is_asked("set_role", "g1", "bao", Role.PARTICIPANT, "")).agrees()
    shown = """<presence from='{room}/bao'><x xmlns='http://jabber.org/protocol/muc#user'>
      <item role='participant'/></x></presence>"""
    await bao.hears_only(shown)
    await ada.hears_only(shown)


@pytest.mark.requirement("VOICE-04")
async def test_voice_04_who_may_not_grant(stage: Stage, network: FakeNetwork) -> None:
    _, bao = await stage.seated("ada:admin", "bao::visitor")
    bao.sends(answer("true"))
    await bao.hears_only(refusal("forbidden", "auth", "v1"))
    laptop = stage.person("ada", "laptop")
    laptop.sends(answer("true"))
    await laptop.hears_only(refusal("not-acceptable", "cancel", "v1"))
    network.was_not_asked()


@pytest.mark.requirement("VOICE-05")
async def test_voice_05_who_has_a_voice_need_not_ask(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(ASK)
    await ada.hears_nothing()
    network.was_not_asked()


async def test_voice_01_another_form_is_none(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada::visitor")
    ada.sends(f"<message to='{{room}}' id='v1'>{form({}, name='muc#other')}</message>")
    await ada.hears_only(refusal("bad-request", "modify", "v1"))
    network.was_not_asked()


async def test_voice_03_a_nickname_that_is_gone(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada:admin")
    ada.sends(answer("1", nick="gone"))
    (no,) = await ada.hears_only(refusal("item-not-found", "cancel", "v1"))
    find(no, "x")


@pytest.mark.requirement("VOICE-01")
async def test_voice_01_a_network_without_requests(modest: Stage) -> None:
    (ada,) = await modest.seated("ada::visitor")
    ada.sends(ASK)
    await ada.hears_only(refusal("feature-not-implemented", "cancel", "v1"))


@pytest.mark.requirement("VOICE-05")
async def test_voice_05_a_room_where_everybody_may_speak(
    stage: Stage, network: FakeNetwork
) -> None:
    network.joins_nobody = True
    (ada,) = await stage.seated("ada:none", kind=GroupKind.PUBLIC, moderated=False)
    ada.sends(ASK)
    await ada.hears_nothing()
    network.was_not_asked()
