"""Taking back what one has said (XEP-0424)."""

from __future__ import annotations

import pytest

from legacy_backend.events import MessagePosted, MessageRetracted
from legacy_backend.terms import MemberId, MessageId
from tests.fake_network import FakeNetwork
from tests.muc.reading import find, lacks
from tests.muc.saying import G1, refusal, said
from tests.stage import Stage

RETRACT = """<message to='{room}' type='groupchat' id='x1'>
  <retract xmlns='urn:xmpp:message-retract:1' id='{sid}'/>
  <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>
  <body>I take it back</body><store xmlns='urn:xmpp:hints'/></message>"""
QUERY = "<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>"


@pytest.mark.parametrize("first", ["event", "answer"])
@pytest.mark.requirement("RETR-01", "RETR-02", "RETR-03", "MAM-27")
async def test_retr_01_a_message_is_gone_once_the_network_removed_it(
    stage: Stage, network: FakeNetwork, first: str
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    sid = await said(stage, network)
    ada.sends(RETRACT, sid=sid)
    asked = await network.is_asked("retract", "g1", "m100")
    event = MessageRetracted(group=G1, id=MessageId("m100"), by=MemberId("ada"), by_author=True)
    if first == "event":
        await network.tells(event)
    await bao.hears_nothing()
    asked.agrees()
    await stage.settled()
    if first == "answer":
        await network.tells(event)
    for person in (ada, bao):
        await person.hears_only(
            """<message type='groupchat' from='{room}/ada' id='x1'>
            <retract xmlns='urn:xmpp:message-retract:1' id='{sid}'/></message>""",
            sid=sid,
        )
    bao.sends(QUERY)
    original, retraction, _ = await bao.hears_only("<message/>", "<message/>", "<iq id='q'/>")
    tombstone = find(original, "retracted")
    assert find(original, "result").get("id") == sid
    assert tombstone.get("stamp")
    lacks(original, "body")
    assert find(retraction, "retract").get("id") == sid


async def test_retr_01_what_the_network_refuses_stays(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    sid = await said(stage, network)
    ada.sends(RETRACT, sid=sid)
    (await network.is_asked("retract", "g1", "m100")).refuses("forbidden", "Too late.")
    await ada.hears_only(refusal("forbidden", "auth", "x1"))
    await bao.hears_nothing()
    bao.sends(QUERY)
    await bao.receives("<message><result xmlns='urn:xmpp:mam:2' id='{sid}'/></message>", sid=sid)


@pytest.mark.requirement("RETR-04")
async def test_retr_04_only_ones_own(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    sid = await said(stage, network)
    for id, condition, kind in (
        (sid, "forbidden", "auth"),
        ("nothing", "item-not-found", "cancel"),
        ("", "item-not-found", "cancel"),
    ):
        bao.sends(RETRACT, sid=id)
        await bao.hears_only(refusal(condition, kind, "x1"))
    await ada.hears_nothing()
    network.was_not_asked()


@pytest.mark.requirement("RETR-05")
async def test_retr_05_a_member_takes_a_message_back(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    message = network.message("CYD", "Oops")
    await network.tells(MessagePosted(group=G1, message=message))
    (said_it,) = await ada.hears_only("<message><body>Oops</body></message>")
    await network.tells(
        MessageRetracted(group=G1, id=message.id, by=MemberId("CYD"), by_author=True)
    )
    await ada.hears_only(
        """<message from='{room}/CYD'>
        <retract xmlns='urn:xmpp:message-retract:1' id='{sid}'/>
        <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/></message>""",
        sid=find(said_it, "stanza-id").get("id", ""),
    )
