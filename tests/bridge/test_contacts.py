"""What contacts of the network say of themselves (XEP-0030, XEP-0115, XEP-0054)."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from slixmpp.plugins.xep_0004.stanza.form import Form
from slixmpp.plugins.xep_0030.stanza.info import DiscoInfo

from legacy_backend import Member
from legacy_backend.terms import MemberId
from legacy_backend.values import Picture
from tests.fake_network import FakeNetwork
from tests.muc.pictures import png
from tests.muc.reading import find, lacks, values
from tests.muc.saying import G1
from tests.stage import Person, Stage

DISCO = "http://jabber.org/protocol/disco#"
ASK = f"<iq type='get' id='d' to='{{to}}'><query xmlns='{DISCO}{{what}}'/></iq>"
NODE = f"<iq type='get' id='d' to='{{to}}'><query xmlns='{DISCO}{{what}}' node='{{node}}'/></iq>"
NO_NODE = """<iq type='error' id='d' from='{to}'><error type='cancel'>
  <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"""
CAPS = "{http://jabber.org/protocol/caps}c"


async def info(person: Person, to: str, node: str = "") -> ET.Element:
    person.sends(NODE if node else ASK, to=to, what="info", node=node)
    (answer,) = await person.hears_only("<iq type='result' id='d' from='{to}'/>", to=to)
    return find(answer, "query")


def features(query: ET.Element) -> list[str]:
    return [feature.get("var", "") for feature in query.iterfind("{*}feature")]


@pytest.mark.requirement("DSC-01", "DSC-02", "DSC-05")
async def test_dsc_02_every_address_answers(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    contact = stage.contact("CYD")
    for to in ("gw.example.org", contact, f"{contact}/sluice", stage.room, f"{stage.room}/CYD"):
        query = await info(ada, to)
        assert query.find("{*}identity") is not None
        found = features(query)
        assert f"{DISCO}info" in found
        assert len(set(found)) == len(found)
        for form in query.iterfind("{jabber:x:data}x"):
            assert form.get("type") == "result"
            assert values(query)["FORM_TYPE"]
    for to in ("nobody@gw.example.org", "gw.example.org/somewhere", "nobody@gw.example.org/x"):
        for what in ("info", "items"):
            ada.sends(ASK, to=to, what=what)
            await ada.hears_only(NO_NODE, to=to)


@pytest.mark.requirement("DSC-03", "DISCO-23")
@pytest.mark.parametrize("node", ["made-up", "http://jabber.org/protocol/muc#rooms"])
@pytest.mark.parametrize("what", ["info", "items"])
async def test_dsc_03_a_node_that_is_not_there(stage: Stage, node: str, what: str) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    contact = stage.contact("CYD")
    for to in ("gw.example.org", contact, f"{contact}/sluice", stage.room, f"{stage.room}/CYD"):
        ada.sends(NODE, to=to, what=what, node=node)
        await ada.hears_only(NO_NODE, to=to)
    assert (await info(ada, contact, "http://jabber.org/protocol/commands")).get("node")


@pytest.mark.requirement("DSC-04", "DSC-05")
async def test_dsc_04_nothing_is_listed_that_is_not_there(stage: Stage) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    contact = stage.contact("CYD")
    for to in (contact, f"{contact}/sluice", stage.room, f"{stage.room}/CYD"):
        ada.sends(ASK, to=to, what="items")
        (answer,) = await ada.hears_only("<iq type='result' id='d'/>")
        lacks(answer, "item")
    ada.sends(ASK, to="gw.example.org", what="items")
    (answer,) = await ada.hears_only("<iq type='result' id='d'/>")
    assert [dict(i.attrib) for i in find(answer, "query")] == [
        {"jid": stage.room, "name": "The g1"}
    ]


@pytest.mark.requirement("CAPS-01", "CAPS-03")
async def test_caps_03_what_a_contact_can_do_is_what_its_presence_says(stage: Stage) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    ada.sends("<presence to='{gw}'/>")
    await stage.settled()
    contact = await stage.gateway.sessions()[0].contacts.by_legacy_id("CYD")
    contact.is_friend = True
    await ada.has_heard()
    contact.online("Here")
    (presence,) = await ada.receives(
        "<presence from='{@CYD}/sluice'><status>Here</status>"
        "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1'/></presence>"
    )
    caps = presence.find(CAPS)
    assert caps is not None
    node = f"{caps.get('node')}#{caps.get('ver')}"
    query = await info(ada, f"{stage.contact('CYD')}/sluice", node)
    assert query.get("node") == node
    plain = await info(ada, f"{stage.contact('CYD')}/sluice")
    assert sorted(features(plain)) == sorted(features(query))
    assert verification(stage, DiscoInfo(query)) == caps.get("ver")


def verification(stage: Stage, told: DiscoInfo) -> str:
    return str(stage.gateway.plugin["xep_0115"].generate_verstring(told, "sha-1"))


def example(*identities: tuple[str, str | None], form: dict[str, list[str]]) -> DiscoInfo:
    """Something that can do what the examples of XEP-0115 §5 can."""
    told = DiscoInfo()
    for name, lang in identities:
        told.add_identity("client", "pc", name, lang)
    for feature in ("muc", "disco#info", "caps", "disco#items"):
        told.add_feature(f"http://jabber.org/protocol/{feature}")
    if form:
        extension: Any = Form()
        extension["type"] = "result"
        extension.add_field("FORM_TYPE", ftype="hidden", value="urn:xmpp:dataforms:softwareinfo")
        for var, fields in form.items():
            extension.add_field(var, ftype="text-multi", value=fields)
        told.append(extension)
    return told


SOFTWARE = {
    "software": ["Psi"],
    "os": ["Mac"],
    "ip_version": ["ipv6", "ipv4"],
    "software_version": ["0.11"],
    "os_version": ["10.5.1"],
}


@pytest.mark.requirement("CAPS-02")
@pytest.mark.parametrize(
    ("told", "ver"),
    [
        (example(("Exodus 0.9.1", None), form={}), "QgayPKawpkPSDYmwT/WM94uAlu0="),
        (
            example(("Psi 0.11", "en"), ("\u03a8 0.11", "el"), form=SOFTWARE),
            "q07IKJEyjvHSyhy//CH0CxmKi8w=",
        ),
    ],
)
async def test_caps_02_the_examples_of_the_standard(
    stage: Stage, told: DiscoInfo, ver: str
) -> None:
    assert verification(stage, told) == ver


@pytest.mark.requirement("XPING-01", "PING-05")
async def test_xping_01_one_answer_to_each_ping(stage: Stage) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    for to in ("gw.example.org", stage.contact("CYD"), stage.room, f"{stage.room}/CYD"):
        ada.sends("<iq type='get' id='p' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>", to=to)
        await ada.hears_only("<iq type='result' id='p' from='{to}'/>", to=to)


PEP = """<iq type='get' id='d' to='{to}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>
  <items node='urn:xmpp:avatar:{what}'/></pubsub></iq>"""


@pytest.mark.requirement("AVA-07")
async def test_ava_07_the_picture_of_a_contact(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    picture = Picture("p1", png())
    cyd = Member(id=MemberId("CYD"), name="CYD", picture=picture)
    network.groups[G1].members[cyd.id] = cyd
    contact = await stage.gateway.sessions()[0].contacts.by_legacy_id("CYD")
    assert contact.get_avatar() is not None
    await ada.has_heard()
    ada.sends("<iq type='get' id='d' to='{@CYD}'><vCard xmlns='vcard-temp'/></iq>")
    (card,) = await ada.hears_only("<iq type='result' id='d' from='{@CYD}'/>")
    data = base64.b64decode(find(card, "BINVAL").text or "")
    assert data.startswith(b"\x89PNG")
    ada.sends(PEP, to=stage.contact("CYD"), what="metadata")
    (told,) = await ada.hears_only("<iq type='result' id='d' from='{@CYD}'/>")
    ident = find(told, "info").get("id")
    assert find(told, "item").get("id") == ident == hashlib.sha1(data).hexdigest()
    ada.sends(PEP, to=stage.contact("CYD"), what="data")
    (told,) = await ada.hears_only("<iq type='result' id='d' from='{@CYD}'/>")
    assert base64.b64decode(find(told, "data").text or "") == data


async def test_ava_07_a_contact_whom_nobody_has_met_has_no_picture(stage: Stage) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    ada.sends(PEP, to=stage.contact("CYD"), what="metadata")
    (told,) = await ada.hears_only("<iq type='result' id='d' from='{@CYD}'/>")
    lacks(told, "info")
