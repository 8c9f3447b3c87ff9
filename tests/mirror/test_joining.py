"""Joining through a mirror (DMUC3, Joining), both ends together."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from gateway.mirror.names import DMUC, OWN
from tests.mirror.link import FAIRFAX, MIRROR, RALEIGH, World, direct_member, join_as, local_member
from tests.muc.reading import codes, find, item, lacks, names, values
from tests.stage import DOMAIN, _parsed, matches

OPEN = (direct_member("scott", "owner"), direct_member("kevin", "admin"))
LOCALS = (local_member("wayne"), local_member("keith"))


STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"


def shape(stanza: ET.Element) -> str:
    """What a stanza is, in a word or two."""
    name = stanza.tag.partition("}")[2]
    if name == "iq" and len(stanza):
        return f"iq {stanza.get('type')} {names(stanza)[0]}"
    return " ".join(filter(None, [name, stanza.get("type")]))


def is_like(stanza: ET.Element, xml: str) -> None:
    """A stanza has all that the XML has."""
    wanted = _parsed(xml.replace("{room}", f"g1@{DOMAIN}").replace("{mirror}", MIRROR))
    assert matches(stanza, wanted), ET.tostring(stanza, encoding="unicode")


@pytest.mark.requirement("D-006", "D-011", "D-020", "D-021", "D-022", "D-023", "D-031")
async def test_d_020_the_mirror_asks_once_whether_a_service_has_mirrors(world: World) -> None:
    world.group(*LOCALS)
    for name in ("wayne", "keith"):
        world.raleigh.person(name).sends(join_as(name.capitalize()))
    await world.settled()
    await world.raleigh.joined("wayne", "keith")
    asked = [s for s in world.link.up if shape(s) == "iq get query"]
    (answer,) = [s for s in world.link.down if shape(s) == "iq result query"]
    assert [(s.get("from"), s.get("to")) for s in asked] == [(MIRROR, DOMAIN)]
    features = {f.get("var") for f in answer.iterfind("{*}query/{*}feature")}
    assert {DMUC, "urn:xmpp:dmuc:0"} <= features


@pytest.mark.requirement("D-031")
async def test_d_031_a_service_without_mirrors_is_not_joined_through_one(world: World) -> None:
    world.group(*LOCALS)
    disco = world.fairfax.gateway.plugin["xep_0030"]
    await disco.del_feature(feature=DMUC, jid=world.fairfax.gateway.boundjid)
    wayne = world.raleigh.person("wayne")
    wayne.sends(join_as("Wayne"))
    await wayne.receives(
        f"<presence type='error'><error><service-unavailable {STANZAS}/></error></presence>"
    )
    assert [shape(s) for s in world.link.up] == ["iq get query"]


@pytest.mark.requirement(
    "D-030", "D-032", "D-035", "D-036", "D-037", "D-038", "D-039", "D-040", "D-041", "D-044",
    "D-045", "D-010", "D-034",
)  # fmt: skip
async def test_d_032_the_first_join_brings_everything_over_the_link_once(world: World) -> None:
    world.group(*OPEN, *LOCALS, name="Chat", moderated=True)
    scott, kevin = await world.direct("scott", "kevin")
    await world.raleigh.person("wayne").joins("Wayne")
    await world.settled()

    assert [shape(s) for s in world.link.up] == [
        "iq get query", "presence", "iq result", "iq result", "iq get room"
    ]  # fmt: skip
    assert [shape(s) for s in world.link.down] == [
        "iq result query", "iq set config", "iq set roster", "message groupchat", "presence",
        "iq result history",
    ]  # fmt: skip
    _, join, config_ack, roster_ack, history = world.link.up
    _, config, roster, subject, confirmed, said = world.link.down
    is_like(join, f"""
        <presence from='{world.puppet("wayne")}' to='{{room}}/Wayne'>
          <x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>
          <dmuc xmlns='{DMUC}' from='{{mirror}}' user='wayne@{RALEIGH}/TransVerse'>
            <new xmlns='{OWN}'/></dmuc>
        </presence>""")  # fmt: skip
    is_like(config, """
        <iq type='set' from='{room}' to='{mirror}'><config xmlns='urn:xmpp:dmuc:0'>
          <x xmlns='jabber:x:data' type='result'/></config></iq>""")  # fmt: skip
    form = values(config)
    assert form["FORM_TYPE"] == ["http://jabber.org/protocol/muc#roomconfig"]
    assert form["muc#roomconfig_roomname"] == ["Chat"]
    assert form["muc#roomconfig_moderatedroom"] == ["1"]
    assert "muc#roomconfig_roomsecret" not in form
    is_like(roster, f"""
        <iq type='set' from='{{room}}' to='{{mirror}}'><roster xmlns='urn:xmpp:dmuc:0'>
          <item affiliation='owner' role='moderator' jid='scott@{FAIRFAX}' name='Scott'/>
          <item affiliation='admin' role='moderator' jid='kevin@{FAIRFAX}' name='Kevin'/>
        </roster></iq>""")  # fmt: skip
    assert len(find(roster, "roster")) == 2
    assert (config_ack.get("id"), config_ack.get("to")) == (config.get("id"), f"g1@{DOMAIN}")
    assert (roster_ack.get("id"), roster_ack.get("to")) == (roster.get("id"), f"g1@{DOMAIN}")
    is_like(history, f"""
        <iq type='get' from='{{mirror}}' to='{{room}}'>
          <room xmlns='urn:xmpp:dmuc:0' id='g1@{DOMAIN}'>
            <history xmlns='http://jabber.org/protocol/muc'/></room></iq>""")  # fmt: skip
    assert said.get("id") == history.get("id")
    is_like(subject, "<message from='{room}' to='{mirror}' type='groupchat'><subject/></message>")
    is_like(confirmed, """
        <presence from='{room}/Wayne' to='{mirror}'>
          <x xmlns='http://jabber.org/protocol/muc#user'>
            <item affiliation='member' role='participant'/></x></presence>""")  # fmt: skip
    for direct in (scott, kevin):
        (seen,) = await direct.hears_only("<presence from='{room}/Wayne'/>")
        assert item(seen).get("jid") == f"wayne@{RALEIGH}/TransVerse"
    for stanza in world.link.up + world.link.down:
        lacks(stanza, "addresses")


@pytest.mark.requirement("D-046", "D-043")
async def test_d_046_the_joiner_is_told_all_that_a_room_tells_in_its_order(world: World) -> None:
    world.group(*OPEN, *LOCALS)
    scott, kevin = await world.direct("scott", "kevin")
    kevin.sends("<presence to='{room}/Kevin'><show>away</show></presence>")
    scott.sends("<message to='{room}' type='groupchat' id='h1'><body>All work</body></message>")
    await scott.receives("<message id='h1'/>")
    wayne = world.raleigh.person("wayne")
    wayne.sends("<presence to='{room}/Wayne' id='j'>"
                "<x xmlns='http://jabber.org/protocol/muc'/></presence>")  # fmt: skip
    *_, own, said, _ = heard = await wayne.hears_only(
        "<presence from='{room}/Scott'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<item affiliation='owner' role='moderator'/></x></presence>",
        "<presence from='{room}/Kevin'><show>away</show></presence>",
        "<presence from='{room}/Wayne' id='j'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<item affiliation='member' role='participant' jid='{wayne}'/>"
        "<status code='110'/></x></presence>",
        "<message from='{room}/Scott' id='h1' type='groupchat'><body>All work</body>"
        "<stanza-id xmlns='urn:xmpp:sid:0' by='{room}'/>"
        "<delay xmlns='urn:xmpp:delay' from='{room}'/></message>",
        "<message from='{room}' type='groupchat'><subject/></message>",
    )
    assert codes(own) == [110, 100]
    assert len(said.findall("{urn:xmpp:delay}delay")) == 1
    assert not [s for s in heard if f"g1@{DOMAIN}" in ET.tostring(s, encoding="unicode")]


@pytest.mark.requirement("D-001", "D-034", "D-042")
async def test_d_034_a_later_join_costs_one_stanza_each_way(world: World) -> None:
    world.group(*LOCALS)
    (wayne,) = await world.raleigh.joined("wayne")
    world.link.forget()
    (_keith,) = await world.raleigh.joined("keith")
    assert [shape(s) for s in world.link.up] == ["presence"]
    assert [shape(s) for s in world.link.down] == ["presence"]
    lacks(world.link.up[0], "new")
    await wayne.hears_only("<presence from='{room}/Keith'/>")


@pytest.mark.requirement("D-033", "D-050", "D-051", "D-052", "D-053", "D-054")
async def test_d_050_a_refused_join_is_told_to_nobody_else(world: World) -> None:
    world.group(*OPEN, local_member("keith"), members_only=True)
    (scott,) = await world.direct("scott")
    (keith,) = await world.raleigh.joined("keith")
    await scott.has_heard()
    world.link.forget()
    world.fairfax.network.holds("join_group")
    wayne = world.raleigh.person("wayne")
    wayne.sends("<presence to='{room}/Wayne' id='j1'>"
                "<x xmlns='http://jabber.org/protocol/muc'/></presence>")  # fmt: skip
    asked = await world.fairfax.network.is_asked("join_group", "g1", "")
    asked.refuses("registration-required", "For members.")
    await wayne.hears_only(
        "<presence type='error' from='{room}/Wayne' id='j1'>"
        "<x xmlns='http://jabber.org/protocol/muc'/><error type='auth'><registration-required "
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"
    )
    (refused,) = world.link.down
    assert refused.get("to") == rf"wayne\40{RALEIGH}@{MIRROR}/TransVerse"
    await keith.hears_nothing()
    await scott.hears_nothing()


@pytest.mark.requirement("D-033")
async def test_d_033_the_banned_are_banned_behind_a_mirror(world: World) -> None:
    world.group(*OPEN, local_member("wayne", "outcast"))
    wayne = world.raleigh.person("wayne")
    wayne.sends(join_as("Wayne"))
    await wayne.hears_only(
        f"<presence type='error'><error type='auth'><forbidden {STANZAS}/></error></presence>"
    )
    assert not world.raleigh.mirror.copies


@pytest.mark.requirement("D-053")
async def test_d_053_the_protocols_own_form_of_an_address_is_understood(world: World) -> None:
    """It has the resource in the localpart, where servers fold letter case."""
    world.group(*OPEN, *LOCALS)
    wayne, keith = await world.raleigh.joined("wayne", "keith")
    folded = rf"wayne\40{RALEIGH}\2ftransverse@{MIRROR}"
    world.raleigh.hears(_parsed(
        f"<message type='chat' from='g1@{DOMAIN}/Scott' to='{folded}'><body>Psst</body></message>"
    ))  # fmt: skip
    await wayne.hears_only("<message type='chat' from='{room}/Scott'><body>Psst</body></message>")
    await keith.hears_nothing()


@pytest.mark.requirement("D-060", "D-061", "D-062", "D-063", "D-064", "D-078")
async def test_d_060_a_direct_join_and_a_status_cross_once(world: World) -> None:
    world.group(*OPEN, *LOCALS)
    (scott,) = await world.direct("scott")
    wayne, keith = await world.raleigh.joined("wayne", "keith")
    await scott.has_heard()
    world.link.forget()

    (kevin,) = await world.direct("kevin")
    assert [shape(s) for s in world.link.down] == ["presence"]
    assert not world.link.up
    assert world.link.down[0].get("to") == MIRROR
    for person in (scott, wayne, keith):
        await person.hears_only(
            "<presence from='{room}/Kevin'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item affiliation='admin' role='moderator'/></x></presence>"
        )
    world.link.forget()
    kevin.sends("<presence to='{room}/Kevin'><show>dnd</show><status>Busy</status></presence>")
    await world.settled()
    assert [shape(s) for s in world.link.down] == ["presence"]
    for person in (wayne, keith):
        await person.hears_only(
            "<presence from='{room}/Kevin'><show>dnd</show><status>Busy</status></presence>"
        )
    wayne.sends("<presence to='{room}/Wayne'><show>away</show></presence>")
    away = "<presence from='{room}/Wayne'><show>away</show></presence>"
    for person in (wayne, keith, scott):
        await person.receives(away)
    assert [shape(s) for s in world.link.up] == ["presence"]


@pytest.mark.requirement("D-101")
async def test_d_101_no_nickname_is_changed_for_them(world: World) -> None:
    world.group(*OPEN, *LOCALS)
    await world.direct("scott")
    wayne = world.raleigh.person("wayne")
    wayne.sends(join_as("Scott"))
    await wayne.hears_only(
        "<presence type='error' from='{room}/Scott'>"
        f"<error><conflict {STANZAS}/></error></presence>"
    )


@pytest.mark.requirement("D-102")
async def test_d_102_a_change_of_nickname_is_refused_by_the_mirror(world: World) -> None:
    world.group(*OPEN, *LOCALS)
    wayne, keith = await world.raleigh.joined("wayne", "keith")
    world.link.forget()
    wayne.sends("<presence to='{room}/Duke' id='n'/>")
    await wayne.hears_only(
        f"<presence type='error' id='n'><error><not-acceptable {STANZAS}/></error></presence>"
    )
    await keith.hears_nothing()
    assert not world.link.stanzas


@pytest.mark.requirement("D-102")
async def test_d_102_a_second_client_comes_in_by_the_same_name_only(world: World) -> None:
    world.group(*OPEN, *LOCALS)
    wayne, keith = await world.raleigh.joined("wayne", "keith")
    phone = world.raleigh.person("wayne", "phone")
    phone.sends(join_as("wayne"))
    await phone.hears_only(
        f"<presence type='error'><error><not-acceptable {STANZAS}/></error></presence>"
    )
    await phone.joins("Wayne")
    await keith.hears_nothing()
    await world.settled()
    seats = world.fairfax.gateway.rooms.of("", "g1").room.seats
    assert world.puppet("wayne", "phone") in seats
    await phone.has_heard()
    wayne.sends("<presence to='{room}/Wayne' type='unavailable'/>")
    await phone.hears_nothing()
    await keith.hears_nothing()
