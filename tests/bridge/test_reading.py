"""What a user has read, told between the network and the user's own server (XEP-0490)."""

from __future__ import annotations

from typing import Any

import pytest
from slixmpp.plugins.xep_0356.permissions import IqPermission

from gateway.link.privileges import Granted
from legacy_backend.events import ReadUpTo
from legacy_backend.terms import MemberId, MessageId
from tests.fake_network import FakeNetwork
from tests.muc.saying import G1, said
from tests.stage import Stage

TOLD = """<message to='{gw}'><event xmlns='http://jabber.org/protocol/pubsub#event'>
  <items node='urn:xmpp:mds:displayed:0'><item id='{room}'>
    <displayed xmlns='urn:xmpp:mds:displayed:0'>
      <stanza-id xmlns='urn:xmpp:sid:0' id='{sid}' by='{by}'/></displayed>
  </item></items></event></message>"""


@pytest.fixture
def published(stage: Stage) -> list[Any]:
    """What is asked of users' servers, which let us."""
    asked: list[Any] = []

    async def take(iq: Any) -> None:
        asked.append(iq["pubsub"]["publish"])

    privilege = stage.gateway.plugin["xep_0356"]
    granted = privilege.granted_privileges["example.org"] = Granted()
    granted.iq["http://jabber.org/protocol/pubsub"] = IqPermission.BOTH
    privilege.send_privileged_iq = take
    return asked


@pytest.mark.requirement("ALSO-03")
async def test_also_03_what_a_client_of_the_network_has_read(
    stage: Stage, network: FakeNetwork, published: list[Any]
) -> None:
    """bao's handle on the shared room is not the first one; theirs is the node."""
    network.holds("mark_read")
    ada, bao = await stage.seated("ada", "bao", "CYD")
    sid = await said(stage, network)
    bao.sends("<presence to='{room}/bao' type='unavailable'/>")
    await bao.has_heard()
    await ada.has_heard()
    for _ in range(2):
        await network.tells(ReadUpTo(group=G1, id=MessageId("m100"), by=MemberId("bao")))
        await stage.settled()
    await ada.hears_nothing()  # bao is not in the room
    (publish,) = published
    assert publish["node"] == "urn:xmpp:mds:displayed:0"
    assert publish["item"]["id"] == stage.room
    assert publish["item"]["displayed"]["stanza_id"]["id"] == sid
    assert publish["item"]["displayed"]["stanza_id"]["by"] == stage.room
    # what comes back of it is no news to the network
    stage.feed(TOLD, "bao@example.org", sid=sid, by=stage.room)
    await stage.settled()
    network.was_not_asked()


@pytest.mark.requirement("ALSO-03")
async def test_also_03_what_a_client_of_the_users_has_read(
    stage: Stage, network: FakeNetwork, published: list[Any]
) -> None:
    network.holds("mark_read")
    ada, _ = await stage.seated("ada", "bao")
    sid = await said(stage, network)
    stage.feed(TOLD, "bao@example.org", sid=sid, by="elsewhere@example.org")
    stage.feed(TOLD, "bao@example.org", sid="unknown", by=stage.room)
    stage.feed(TOLD, "eve@example.org", sid=sid, by=stage.room)
    await stage.settled()
    network.was_not_asked()
    stage.feed(TOLD, "bao@example.org", sid=sid, by=stage.room)
    (await network.is_asked("mark_read", "g1", "m100")).agrees()
    await network.tells(ReadUpTo(group=G1, id=MessageId("m100"), by=MemberId("bao")))
    await stage.settled()
    assert not published
    await ada.has_heard()
