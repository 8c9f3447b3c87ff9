"""Removing what somebody else has said (XEP-0425)."""

from __future__ import annotations

import pytest

from legacy_backend.events import MessageRetracted
from legacy_backend.terms import MemberId, MessageId
from tests.fake_network import FakeNetwork
from tests.muc.reading import find, lacks
from tests.muc.saying import G1, refusal, said
from tests.stage import Stage

MODERATE = """<iq type='set' id='k1' to='{room}'>
  <moderate xmlns='urn:xmpp:message-moderate:1' id='{sid}'>
    <retract xmlns='urn:xmpp:message-retract:1'/><reason>Spam</reason></moderate></iq>"""
SHOWN = """<message type='groupchat'>
  <retract xmlns='urn:xmpp:message-retract:1' id='{sid}'>
    <moderated xmlns='urn:xmpp:message-moderate:1' by='{room}/bao'>
      <occupant-id xmlns='urn:xmpp:occupant-id:0'/></moderated>
    <reason>Spam</reason></retract></message>"""


@pytest.mark.parametrize("first", ["event", "answer"])
@pytest.mark.requirement("MODR-01", "MODR-02", "MODR-04")
async def test_modr_01_a_message_is_gone_once_the_network_removed_it(
    stage: Stage, network: FakeNetwork, first: str
) -> None:
    ada, bao = await stage.seated("ada", "bao:admin")
    sid = await said(stage, network)
    bao.sends(MODERATE, sid=sid)
    asked = await network.is_asked("moderate", "g1", "m100", "Spam")
    event = MessageRetracted(
        group=G1, id=MessageId("m100"), by=MemberId("bao"), by_author=False, reason="Spam"
    )
    if first == "event":
        await network.tells(event)
    await ada.hears_nothing()
    asked.agrees()
    await stage.settled()
    if first == "answer":
        await network.tells(event)
    (shown,) = await ada.hears_only(SHOWN, sid=sid)
    assert shown.get("from") == stage.room
    heard = await bao.has_heard()
    assert sorted(s.tag.partition("}")[2] for s in heard) == ["iq", "message"]
    ada.sends("<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
    original, _, _ = await ada.hears_only("<message/>", "<message/>", "<iq id='q'/>")
    assert find(find(original, "retracted"), "moderated").get("by") == f"{stage.room}/bao"
    lacks(original, "body")


@pytest.mark.requirement("MODR-03")
async def test_modr_03_who_may_not(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao:admin")
    sid = await said(stage, network)
    ada.sends(MODERATE, sid=sid)
    await ada.hears_only(refusal("forbidden", "auth", "k1", "iq"))
    bao.sends(MODERATE, sid="nothing")
    await bao.hears_only(refusal("item-not-found", "cancel", "k1", "iq"))
    bao.sends(MODERATE.replace("<retract xmlns='urn:xmpp:message-retract:1'/>", ""), sid=sid)
    await bao.hears_only(refusal("bad-request", "modify", "k1", "iq"))
    network.was_not_asked()
    bao.sends(MODERATE, sid=sid)
    (await network.is_asked("moderate", "g1", "m100", "Spam")).refuses("forbidden", "Not yours.")
    await bao.hears_only(refusal("forbidden", "auth", "k1", "iq"))
    await ada.hears_nothing()


@pytest.mark.requirement("MODR-05", "G-068")
async def test_modr_05_the_network_removes_a_message(stage: Stage, network: FakeNetwork) -> None:
    ada, _ = await stage.seated("ada", "bao")
    sid = await said(stage, network)
    event = MessageRetracted(group=G1, id=MessageId("m100"), by=None, by_author=False)
    await network.tells(event)
    (shown,) = await ada.hears_only(
        """<message type='groupchat' from='{room}'>
        <retract xmlns='urn:xmpp:message-retract:1' id='{sid}'>
        <moderated xmlns='urn:xmpp:message-moderate:1'/></retract></message>""",
        sid=sid,
    )
    assert find(shown, "moderated").get("by") is None


@pytest.mark.requirement("MODR-06")
async def test_modr_06_a_client_that_knows_no_better(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao:admin")
    sid = await said(stage, network)
    old = """<iq type='set' id='k1' to='{room}'><apply-to xmlns='urn:xmpp:fasten:0' id='{sid}'>
      <moderate xmlns='urn:xmpp:message-moderate:0'>{what}<reason>Spam</reason></moderate>
      </apply-to></iq>"""
    retract = "<retract xmlns='urn:xmpp:message-retract:0'/>"
    ada.sends(old.replace("{what}", retract), sid=sid)
    await ada.hears_only(refusal("forbidden", "auth", "k1", "iq"))
    bao.sends(old.replace("{what}", ""), sid=sid)
    await bao.hears_only(refusal("bad-request", "modify", "k1", "iq"))
    bao.sends(old.replace("{what}", retract), sid=sid)
    (await network.is_asked("moderate", "g1", "m100", "Spam")).agrees()
    (shown,) = await ada.hears_only(SHOWN, sid=sid)
    fastened = find(shown, "apply-to")
    assert fastened.get("id") == sid
    moderated = fastened.find("{urn:xmpp:message-moderate:0}moderated")
    assert moderated is not None
    assert moderated.get("by") == f"{stage.room}/bao"
    assert moderated.find("{urn:xmpp:message-retract:0}retract") is not None
