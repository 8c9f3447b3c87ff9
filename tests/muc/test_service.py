"""Which rooms there are (XEP-0045 §6.2, §6.3, XEP-0059)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from legacy_backend import GroupId, GroupKind
from tests.muc.reading import find
from tests.stage import DOMAIN, Person, Stage

ITEMS = """<iq type='get' id='i' to='{gw}'>
  <query xmlns='http://jabber.org/protocol/disco#items'>{rsm}</query></iq>"""


async def _items(person: Person, rsm: str = "") -> tuple[list[str], ET.Element]:
    sent = ITEMS.replace(
        "{rsm}", f"<set xmlns='http://jabber.org/protocol/rsm'>{rsm}</set>" if rsm else ""
    )
    person.sends(sent)
    await person.stage.settled()
    answer = next(s for s in reversed(person.stage.wire.stanzas) if s.get("id") == "i")
    rooms = [
        i.get("jid", "").partition("@")[0]
        for i in answer.iter("{http://jabber.org/protocol/disco#items}item")
    ]
    return rooms, answer


@pytest.mark.requirement("DISCO-01", "DISCO-04", "G-013", "DISCO-24")
async def test_disco_04_ones_own_groups_and_the_public_ones(stage: Stage) -> None:
    stage.group("ada", id="g1")
    stage.group("ada", "bao", id="g2")
    stage.group("bao", id="g3")
    stage.group("bao", id="g4", kind=GroupKind.PUBLIC)
    for name, group in (("ada", "g1"), ("bao", "g2")):
        await stage.person(name).joins(room=f"{group}@{DOMAIN}")
    for session in stage.gateway.sessions():
        await session.wait_for_ready()  # until then not all of their groups may be known
    rooms, answer = await _items(stage.person("ada"))
    assert rooms == ["g1", "g2", "g4"]
    assert find(answer, "item").get("name") == "The g1"
    assert (await _items(stage.person("bao")))[0] == ["g2", "g3", "g4"]
    assert (await _items(stage.person("eve")))[0] == []


@pytest.mark.requirement("DISCO-04", "DISCO-24")
async def test_disco_04_a_room_that_was_looked_at_is_not_ones_own(stage: Stage) -> None:
    stage.group("ada", id="g1")
    stage.group("bao", id="g2", kind=GroupKind.PUBLIC)
    await stage.person("bao").joins(room=f"g2@{DOMAIN}")
    ada = stage.person("ada")
    await ada.joins(room=f"g1@{DOMAIN}")
    ada.sends(
        f"<iq type='get' id='d' to='g2@{DOMAIN}'>"
        "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
    )
    await ada.receives("<iq type='result' id='d'/>")
    assert (await _items(ada))[0] == ["g1", "g2"]
    live = stage.gateway.rooms.of("", GroupId("g2"))
    live.room.config.public = False
    assert (await _items(ada))[0] == ["g1"]


@pytest.mark.requirement("DISCO-04", "DISCO-24")
async def test_disco_04_personal_rooms_are_listed_for_their_user_alone(personal: Stage) -> None:
    personal.group("ada", id="g1")
    personal.group("bao", id="g2", kind=GroupKind.PUBLIC)
    ada, bao = personal.person("ada"), personal.person("bao")
    await ada.joins(room=f"g1@{DOMAIN}")
    await bao.joins(room=f"g2@{DOMAIN}")
    ada.sends(
        f"<iq type='get' id='d' to='g2@{DOMAIN}'>"
        "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
    )
    await ada.receives("<iq type='result' id='d'/>")
    for public in (True, False):
        for live in personal.gateway.rooms:
            live.room.config.public = public
        assert (await _items(ada))[0] == ["g1"]
        assert (await _items(bao))[0] == ["g2"]


@pytest.mark.requirement("DISCO-05", "RSM-01", "RSM-05")
async def test_disco_05_pages(stage: Stage) -> None:
    for number in range(5):
        stage.group("ada", id=f"g{number}")
    await stage.person("ada").joins(room=f"g0@{DOMAIN}")
    ada = stage.person("ada")
    rooms, answer = await _items(ada, "<max>2</max>")
    assert rooms == ["g0", "g1"]
    assert find(answer, "count").text == "5"
    rooms, _ = await _items(ada, f"<max>2</max><after>{find(answer, 'last').text}</after>")
    assert rooms == ["g2", "g3"]
    assert (await _items(ada, "<max>2</max><before/>"))[0] == ["g3", "g4"]
    assert (await _items(ada, "<max>0</max>"))[0] == []
    _, answer = await _items(ada, "<max>x</max>")
    assert answer.get("type") == "error"
    find(answer, "bad-request")


@pytest.mark.requirement("DISCO-02", "DISCO-07", "GW-01", "OCC-04")
async def test_disco_02_identity_and_features_of_the_service(stage: Stage) -> None:
    await stage.seated("ada")
    ada = stage.person("ada")
    ada.sends("""<iq type='get' id='d' to='{gw}'>
      <query xmlns='http://jabber.org/protocol/disco#info'/></iq>""")
    (answer,) = await ada.receives("<iq type='result' id='d'/>")
    kinds = {
        (i.get("category"), i.get("type"))
        for i in answer.iter("{http://jabber.org/protocol/disco#info}identity")
    }
    assert {("conference", "text")} <= kinds
    assert "gateway" in {category for category, _ in kinds}
    features = {f.get("var") for f in answer.iter("{http://jabber.org/protocol/disco#info}feature")}
    assert {
        "http://jabber.org/protocol/muc",
        "http://jabber.org/protocol/muc#stable_id",
        "http://jabber.org/protocol/rsm",
        "jabber:iq:register",
    } <= features
