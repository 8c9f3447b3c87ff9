"""Doing away with a group (XEP-0045 §10.9)."""

from __future__ import annotations

import pytest

from legacy_backend.events import GroupDestroyed
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, iq_refusal, owner
from tests.muc.reading import codes, find
from tests.muc.saying import G1
from tests.stage import Stage

DESTROY = owner("<destroy jid='g2@gw.example.org'><reason>Moved</reason></destroy>")
GONE = """<presence type='unavailable' from='{room}/{nick}'>
  <x xmlns='http://jabber.org/protocol/muc#user'>
    <item affiliation='none' role='none'/>
    <destroy jid='g2@gw.example.org'><reason>Moved</reason></destroy></x></presence>"""


@pytest.mark.parametrize("first", ["event", "answer"])
@pytest.mark.requirement("DEST-01", "DEST-02", "DEST-03", "DEST-05", "XML-04", "G-108")
async def test_dest_02_everyone_is_told_once_about_themselves(
    stage: Stage, network: FakeNetwork, first: str
) -> None:
    ada, bao = await stage.seated("ada:owner", "bao", "CYD")
    laptop = stage.person("bao", "laptop")
    await laptop.joins()
    await laptop.has_heard()
    ada.sends(DESTROY)
    asked = await network.is_asked("destroy_group", "g1", "Moved")
    await bao.hears_nothing()
    del network.groups[G1]
    asked.agrees()
    await stage.settled()
    await network.tells(GroupDestroyed(group=G1, reason="Moved"))
    await ada.hears_only(GONE, RESULT, nick="ada")
    for client in (bao, laptop):
        (own,) = await client.hears_only(GONE, nick="bao")
        assert codes(own) == [110]
    for person in (ada, bao):
        person.sends("<message to='{room}' type='groupchat' id='m'><body>Anyone?</body></message>")
        await person.hears_only(
            """<message type='error' id='m'><error>
            <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"""
        )


@pytest.mark.requirement("AFF-07", "DEST-04")
async def test_dest_04_only_owners(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:admin", "bao")
    ada.sends(DESTROY)
    (no,) = await ada.hears_only(iq_refusal("forbidden", "auth"))
    find(no, "destroy")
    await bao.hears_nothing()
    network.was_not_asked()


async def test_dest_01_the_networks_no(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:owner", "bao")
    ada.sends(DESTROY)
    (await network.is_asked("destroy_group", "g1", "Moved")).refuses("not-allowed", "Not empty.")
    await ada.hears_only(iq_refusal("not-allowed", "cancel"))
    await bao.hears_nothing()


@pytest.mark.requirement("DEST-02", "DEST-06")
async def test_dest_06_the_network_destroys_it(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    del network.groups[G1]
    await network.tells(GroupDestroyed(group=G1))
    (own,) = await ada.hears_only(
        """<presence type='unavailable' from='{room}/ada'>
        <x xmlns='http://jabber.org/protocol/muc#user'>
          <item affiliation='none' role='none'/><destroy/></x></presence>"""
    )
    assert codes(own) == [110]
