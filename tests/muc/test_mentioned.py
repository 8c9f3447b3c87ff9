"""Hearing of being mentioned in a room that one is not in (XEP-0452)."""

from __future__ import annotations

import pytest

from tests.fake_network import FakeNetwork
from tests.muc.asking import form, owner
from tests.muc.reading import find
from tests.stage import Person, Stage

SAY = """<message to='{room}' type='groupchat' id='m1'><body>bao: look</body>
  <reference xmlns='urn:xmpp:reference:0' type='mention' begin='0' end='3' uri='{uri}'/>
  </message>"""


async def _prepared(stage: Stage, network: FakeNetwork, value: str = "1") -> tuple[Person, Person]:
    network.obeys("send")
    ada, bao, cyd = await stage.seated("ada:owner", "bao", "cyd")
    ada.sends(owner(form({"muc#roomconfig_forwardmentions": value})))
    await ada.receives("<iq type='result' id='k1'/>")
    bao.sends("<presence to='{room}/bao' type='unavailable'/>")
    for person in (ada, bao, cyd):
        await person.has_heard()
    return ada, bao


@pytest.mark.requirement("ALSO-08")
@pytest.mark.parametrize("uri", ["xmpp:bao@example.org", "xmpp:g1@gw.example.org/bao"])
async def test_also_08_a_member_who_is_away_is_sent_it(
    stage: Stage, network: FakeNetwork, uri: str
) -> None:
    ada, bao = await _prepared(stage, network)
    ada.sends(SAY, uri=uri)
    (told,) = await bao.hears_only(
        """<message from='{room}' to='bao@example.org'><mentions xmlns='urn:xmpp:mmn:0'>
        <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay'/>
        <message xmlns='jabber:client' type='groupchat' from='{room}/ada' id='m1'>
          <body>bao: look</body><stanza-id xmlns='urn:xmpp:sid:0'/></message></forwarded>
        </mentions></message>"""
    )
    assert find(told, "reference").get("uri") == uri
    await ada.hears_only("<message type='groupchat' id='m1'/>")


@pytest.mark.requirement("ALSO-08")
@pytest.mark.parametrize(
    ("uri", "value"),
    [
        ("xmpp:bao@example.org", "0"),
        ("xmpp:eve@example.org", "1"),
        ("xmpp:cyd@example.org", "1"),
        ("https://example.org/bao", "1"),
        ("", "1"),
    ],
)
async def test_also_08_nobody_else_is(
    stage: Stage, network: FakeNetwork, uri: str, value: str
) -> None:
    ada, bao = await _prepared(stage, network, value)
    ada.sends(SAY, uri=uri)
    await ada.hears_only("<message type='groupchat' id='m1'/>")
    await bao.hears_nothing()
    await stage.person("cyd").hears_only("<message type='groupchat' id='m1'/>")


async def test_also_08_naming_somebody_ten_times_is_naming_them_once(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await _prepared(stage, network)
    mention = "<reference xmlns='urn:xmpp:reference:0' type='mention' uri='xmpp:bao@example.org'/>"
    ada.sends(f"<message to='{{room}}' type='groupchat'><body>x</body>{mention * 10}</message>")
    await bao.hears_only("<message from='{room}'/>")
