"""What a room says of itself (XEP-0045 §6.4-§6.6, §16.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from legacy_backend import GroupConfig, GroupKind
from legacy_backend.events import GroupChanged, SubjectChanged
from legacy_backend.values import Subject
from tests.muc.reading import codes, find, lacks, values
from tests.muc.saying import G1
from tests.stage import Stage

INFO = """<iq type='get' id='d' to='{to}'>
  <query xmlns='http://jabber.org/protocol/disco#info'/></iq>"""
NODE = INFO.replace("#info'", "#info' node='{node}'")
ITEMS = INFO.replace("#info", "#items")


async def _info(stage: Stage, name: str = "ada", sent: str = INFO, **fields: str) -> ET.Element:
    person = stage.person(name)
    person.sends(sent, **{"to": stage.room, **fields})
    (answer,) = await person.hears_only("<iq type='result' id='d'/>")
    return answer


def _features(answer: ET.Element) -> set[str]:
    return {f.get("var", "") for f in answer.iter("{http://jabber.org/protocol/disco#info}feature")}


@pytest.mark.requirement(
    "DISCO-06", "DISCO-07", "DISCO-15", "DISCO-14", "HAT-02", "OCC-04", "SID-05", "G-040"
)
async def test_disco_06_identity_and_features(stage: Stage) -> None:
    await stage.seated("ada")
    answer = await _info(stage)
    identity = find(answer, "identity")
    assert identity.attrib == {"category": "conference", "type": "text", "name": "The g1"}
    assert {
        "http://jabber.org/protocol/muc",
        "http://jabber.org/protocol/muc#stable_id",
        "http://jabber.org/protocol/muc#self-ping-optimization",
        "http://jabber.org/protocol/muc#register",
        "muc_persistent",
        "urn:xmpp:mam:2",
        "urn:xmpp:mam:2#extended",
        "urn:xmpp:sid:0",
        "urn:xmpp:fulltext:0",
        "urn:xmpp:occupant-id:0",
        "urn:xmpp:message-retract:1",
        "urn:xmpp:message-moderate:1",
        "urn:xmpp:reactions:0",
        "vcard-temp",
    } <= _features(answer)
    assert "urn:xmpp:channel-search:0:search" not in _features(answer)


@pytest.mark.parametrize(
    ("config", "is_so", "is_not"),
    [
        ({"kind": GroupKind.PRIVATE}, "muc_hidden", "muc_public"),
        ({"kind": GroupKind.PRIVATE}, "muc_membersonly", "muc_open"),
        ({"kind": GroupKind.PRIVATE}, "muc_nonanonymous", "muc_semianonymous"),
        ({"kind": GroupKind.PUBLIC}, "muc_public", "muc_hidden"),
        ({"kind": GroupKind.PUBLIC}, "muc_open", "muc_membersonly"),
        ({"kind": GroupKind.PUBLIC}, "muc_nonanonymous", "muc_semianonymous"),
        ({"kind": GroupKind.ANONYMOUS}, "muc_semianonymous", "muc_nonanonymous"),
        ({"moderated": True}, "muc_moderated", "muc_unmoderated"),
        ({"moderated": False}, "muc_unmoderated", "muc_moderated"),
        ({"password": "x"}, "muc_passwordprotected", "muc_unsecured"),
        ({}, "muc_unsecured", "muc_passwordprotected"),
    ],
)
@pytest.mark.requirement("DISCO-08", "DISCO-09", "DISCO-10", "DISCO-11", "DISCO-12", "DISCO-13",
                         "G-002", "G-003", "G-004")  # fmt: skip
async def test_disco_08_one_of_each_pair(
    stage: Stage, config: dict[str, Any], is_so: str, is_not: str
) -> None:
    await stage.seated("ada", **config)
    features = _features(await _info(stage))
    assert is_so in features
    assert is_not not in features


@pytest.mark.requirement("INFO-01", "INFO-02", "INFO-03", "INFO-04", "INFO-05", "INFO-06",
                         "INFO-07", "INFO-11", "A-201", "A-202", "A-206", "A-207", "A-208",
                         "A-209", "PM-06")  # fmt: skip
async def test_info_01_the_form_that_describes_the_room(stage: Stage) -> None:
    await stage.seated("ada:owner", "CYD", description="About tea", private_messages="moderators")
    await stage.network.tells(SubjectChanged(group=G1, subject=Subject(text="Oolong")))
    await stage.settled()
    await stage.person("ada").has_heard()
    shown = values(await _info(stage))
    assert shown["FORM_TYPE"] == ["http://jabber.org/protocol/muc#roominfo"]
    assert shown["muc#roominfo_description"] == ["About tea"]
    assert shown["muc#roominfo_subject"] == ["Oolong"]
    assert shown["muc#roominfo_subjectmod"] == shown["muc#roomconfig_changesubject"] == ["1"]
    assert shown["muc#roominfo_occupants"] == ["2"]
    assert shown["muc#roominfo_contactjid"] == ["ada@example.org"]
    assert shown["muc#maxhistoryfetch"] == ["100"]
    assert shown["muc#roomconfig_allowpm"] == ["moderators"]
    assert "muc#roominfo_lang" not in shown
    assert "muc#roominfo_avatarhash" not in shown


@pytest.mark.requirement("DISCO-20", "DISCO-22", "NICK-10", "SVC-08")
async def test_disco_20_the_reserved_nickname(stage: Stage) -> None:
    await stage.seated("ada", "bao", but="bao")
    answer = await _info(stage, sent=NODE, node="x-roomuser-item")
    assert find(answer, "identity").get("name") == "ada"
    assert find(answer, "query").get("node") == "x-roomuser-item"


@pytest.mark.requirement("DISCO-20")
async def test_disco_20_who_is_no_member_has_none(stage: Stage) -> None:
    stage.network.joins_nobody = True
    await stage.seated("ada:none", kind=GroupKind.PUBLIC)
    lacks(await _info(stage, sent=NODE, node="x-roomuser-item"), "identity")


@pytest.mark.requirement("DISCO-21")
async def test_disco_21_what_passes(stage: Stage) -> None:
    await stage.seated("ada")
    node = "http://jabber.org/protocol/muc#traffic"
    answer = await _info(stage, sent=NODE, node=node)
    assert "urn:xmpp:reactions:0" in _features(answer)
    assert "http://jabber.org/protocol/nick" not in _features(answer)
    assert find(answer, "query").get("node") == node


@pytest.mark.requirement("DISCO-22")
async def test_disco_21_a_node_that_is_not_there(stage: Stage) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(NODE, to=stage.room, node="made-up")
    await ada.hears_only(
        """<iq type='error' id='d'><error type='cancel' by='{room}'>
        <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"""
    )


@pytest.mark.requirement("DISCO-16")
async def test_disco_16_who_is_here_is_for_those_who_join(stage: Stage) -> None:
    await stage.seated("ada", "CYD")
    answer = await _info(stage, sent=ITEMS)
    assert list(find(answer, "query")) == []


@pytest.mark.parametrize("sent", [INFO, ITEMS])
@pytest.mark.requirement("DISCO-17", "DISCO-18", "IQ-02")
async def test_disco_17_an_occupant_is_for_those_who_have_joined(stage: Stage, sent: str) -> None:
    ada, _ = await stage.seated("ada", "bao", "CYD")
    laptop = stage.person("ada", "laptop")
    laptop.sends(sent, to=f"{stage.room}/CYD")
    await laptop.hears_only(
        """<iq type='error' id='d' from='{room}/CYD'><error type='modify' by='{room}'>
        <bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"""
    )
    ada.sends(sent, to=f"{stage.room}/CYD")
    await ada.hears_only("<iq type='result' id='d' from='{room}/CYD'/>")


@pytest.mark.requirement("DISCO-19", "DISCO-24")
async def test_disco_19_a_room_that_is_not_there_or_not_theirs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(INFO, to="nothing@gw.example.org")
    await ada.hears_only(
        """<iq type='error' id='d'><error type='cancel'>
        <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"""
    )
    monkeypatch.setattr(type(stage.gateway), "auto_register", False)
    eve = stage.person("eve")
    eve.sends(INFO, to=stage.room)
    await eve.hears_only(
        """<iq type='error' id='d'><error type='auth'>
        <registration-required xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"""
    )
    mallory = stage.person("mallory", domain="evil.example")
    mallory.sends(INFO, to=stage.room)
    await mallory.hears_only(
        """<iq type='error' id='d'><error type='cancel'>
        <not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"""
    )


@pytest.mark.requirement("CAPS-05")
async def test_caps_05_what_is_new_of_a_room_is_told_by_code_and_not_by_its_presence(
    stage: Stage,
) -> None:
    (ada,) = await stage.seated("ada")
    before = len(stage.wire.stanzas)
    group = replace(stage.network.groups[G1].group, config=GroupConfig(name="New", public=True))
    await stage.network.tells(GroupChanged(group=G1, info=group))
    (told,) = await ada.receives("<message from='{room}'/>")
    assert 104 in codes(told)
    ada.sends("<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    await stage.settled()
    sent = stage.wire.stanzas[before:]
    assert not [s for s in sent if s.tag.endswith("}presence") and s.get("from") == stage.room]
