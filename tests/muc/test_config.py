"""How a room is set up (XEP-0045 §10.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from legacy_backend import GroupKind
from legacy_backend.events import GroupChanged
from legacy_backend.values import Picture
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, form, iq_refusal, owner
from tests.muc.pictures import png
from tests.muc.reading import codes, find, lacks, values
from tests.muc.saying import G1
from tests.stage import Stage

FORM = owner(kind="get")
NOTICE = """<message type='groupchat' from='{room}'>
  <x xmlns='http://jabber.org/protocol/muc#user'><status code='{code}'/></x></message>"""


@pytest.mark.requirement("CONF-01", "FIELD-01", "FIELD-02", "FIELD-12", "FIELD-13", "FIELD-18",
                         "FIELD-22", "A-030", "A-196", "A-197", "G-035")  # fmt: skip
async def test_conf_01_the_form_has_what_the_network_has(stage: Stage) -> None:
    (ada,) = await stage.seated("ada:owner", description="About tea", max_users=50)
    ada.sends(FORM)
    (answer,) = await ada.hears_only(
        """<iq type='result' id='k1'><query xmlns='http://jabber.org/protocol/muc#owner'>
        <x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE' type='hidden'>
        <value>http://jabber.org/protocol/muc#roomconfig</value></field></x></query></iq>"""
    )
    shown = values(answer)
    assert shown["muc#roomconfig_roomname"] == ["The g1"]
    assert shown["muc#roomconfig_roomdesc"] == ["About tea"]
    assert shown["muc#roomconfig_moderatedroom"] == ["0"]
    assert shown["muc#roomconfig_persistentroom"] == ["1"]
    assert shown["muc#roomconfig_maxusers"] == ["50"]
    assert shown["muc#maxhistoryfetch"] == ["100"]
    assert "muc#roomconfig_lang" not in shown  # the network knows of none
    labels = {f.get("var"): f.get("label", "") for f in answer.iter("{jabber:x:data}field")}
    assert "(fixed)" in labels["muc#roomconfig_maxusers"]
    assert "(fixed)" not in labels["muc#roomconfig_roomname"]


@pytest.mark.requirement("CONF-02")
@pytest.mark.parametrize("sent", [FORM, owner(form({"muc#roomconfig_roomname": "Tea"}))])
async def test_conf_02_only_owners(stage: Stage, network: FakeNetwork, sent: str) -> None:
    (ada,) = await stage.seated("ada:admin", "CYD:owner")
    ada.sends(sent)
    await ada.hears_only(iq_refusal("forbidden", "auth"))
    network.was_not_asked()


@pytest.mark.parametrize("first", ["event", "answer"])
@pytest.mark.requirement("CONF-04", "CONF-14", "CONF-15", "CODE-104", "A-031", "G-105", "G-106")
async def test_conf_04_what_was_changed_is_asked_and_told_once(
    stage: Stage, network: FakeNetwork, first: str
) -> None:
    ada, bao = await stage.seated("ada:owner", "bao")
    ada.sends(owner(form({"muc#roomconfig_roomname": "Tea", "muc#roomconfig_moderatedroom": "0"})))
    asked = await network.is_asked("set_config", "g1", {"name": "Tea"})
    await bao.hears_nothing()
    group = network.groups[G1].group
    event = GroupChanged(group=G1, info=replace(group, config=replace(group.config, name="Tea")))
    if first == "event":
        await network.tells(event)
    await stage.settled()
    asked.agrees()
    await stage.settled()
    if first == "answer":
        await network.tells(event)
    heard = await ada.has_heard()
    assert sorted(s.tag.partition("}")[2] for s in heard) == ["iq", "message"]
    (notice,) = await bao.hears_only(NOTICE, code="104")
    assert codes(notice) == [104]
    lacks(notice, "body")
    bao.sends("""<iq type='get' id='d' to='{room}'>
      <query xmlns='http://jabber.org/protocol/disco#info'/></iq>""")
    (info,) = await bao.hears_only("<iq type='result' id='d'/>")
    assert find(info, "identity").get("name") == "Tea"


@pytest.mark.requirement("A-032", "CONF-04", "CONF-08", "CREATE-03")
async def test_conf_04_a_form_sent_back_as_it_is_asks_nothing(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada:owner", "bao", max_users=33)
    ada.sends(FORM)
    (answer,) = await ada.hears_only("<iq type='result' id='k1'/>")
    shown = {var: v for var, v in values(answer).items() if var != "FORM_TYPE"}
    for fields in (shown, {}, {"made#up": "1", "muc#roomconfig_voice_requests": "x"}):
        ada.sends(owner(form(fields)))
        await ada.hears_only(RESULT)
    ada.sends(owner("<x xmlns='jabber:x:data' type='submit'/>"))
    await ada.hears_only(RESULT)
    await bao.hears_nothing()
    network.was_not_asked()


@pytest.mark.parametrize(
    "fields",
    [
        {"muc#roomconfig_maxusers": "10"},
        {"muc#roomconfig_persistentroom": "0"},
        {"muc#roomconfig_moderatedroom": "maybe"},
        {"muc#roomconfig_whois": "none"},
        {"muc#maxhistoryfetch": "-1"},
        {"muc#roomconfig_pubsub": "https://example.org/"},
        {"muc#roomconfig_maxusers": "9" * 99},
    ],
)
@pytest.mark.requirement("CONF-05", "FIELD-22", "CREATE-04", "AMB-09")
async def test_conf_05_what_cannot_be_is_refused_by_name_and_nothing_is_done(
    stage: Stage, network: FakeNetwork, fields: dict[str, str]
) -> None:
    ada, bao = await stage.seated("ada:owner", "bao", max_users=50, anonymous=False)
    ada.sends(owner(form({"muc#roomconfig_roomname": "Tea", **fields})))
    (no,) = await ada.hears_only(iq_refusal("not-acceptable", "modify"))
    assert next(iter(fields)) in (find(no, "text").text or "")
    await bao.hears_nothing()
    network.was_not_asked()


async def test_conf_05_the_networks_no(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:owner", "bao")
    ada.sends(owner(form({"muc#roomconfig_roomname": "Tea", "muc#maxhistoryfetch": "7"})))
    asked = await network.is_asked("set_config", "g1", {"name": "Tea"})
    asked.refuses("not-acceptable", "That name is taken.")
    await ada.hears_only(iq_refusal("not-acceptable", "modify"))
    await bao.hears_nothing()
    assert stage.gateway.rooms.of("", G1).room.config.history_max == 100


@pytest.mark.requirement("CONF-06")
async def test_conf_06_cancelling_changes_nothing(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:owner", "bao")
    ada.sends(owner(form({"muc#roomconfig_roomname": "Tea"}, kind="cancel")))
    await ada.hears_only(RESULT)
    await bao.hears_nothing()
    network.was_not_asked()


@pytest.mark.parametrize(
    "inner",
    [
        form({}, name="muc#register"),
        form({}, kind="form"),
        "<x xmlns='jabber:x:data'/>",
        "<made-up/>",
        "",
        form({}) + "<destroy/>",
    ],
)
@pytest.mark.requirement("CONF-07", "XML-05")
async def test_conf_07_what_is_no_form(stage: Stage, network: FakeNetwork, inner: str) -> None:
    (ada,) = await stage.seated("ada:owner")
    ada.sends(owner(inner))
    await ada.hears_only(iq_refusal("bad-request", "modify"))
    network.was_not_asked()


async def test_field_18_the_rooms_own_setting_needs_no_network(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada:owner")
    ada.sends(owner(form({"muc#maxhistoryfetch": "7"})))
    await ada.hears_only(RESULT, NOTICE, code="104")
    network.was_not_asked()


@pytest.mark.parametrize(
    ("now", "then", "told"),
    [
        ({"anonymous": False}, {"anonymous": True}, [173]),
        ({"anonymous": True}, {"anonymous": False}, [172]),
        ({"anonymous": True}, {"anonymous": False, "name": "Tea"}, [172, 104]),
        ({}, {"description": "About tea"}, [104]),
    ],
)
@pytest.mark.requirement("CODE-172", "CODE-173", "CONF-13", "CONF-14")
async def test_conf_13_a_change_on_the_network_is_told_once(
    stage: Stage, network: FakeNetwork, now: dict[str, Any], then: dict[str, Any], told: list[int]
) -> None:
    (ada,) = await stage.seated("ada", **now)
    group = network.groups[G1].group
    event = GroupChanged(group=G1, info=replace(group, config=replace(group.config, **then)))
    for _ in range(2):
        await network.tells(event)
    (notice,) = await ada.hears_only("<message type='groupchat' from='{room}'/>")
    assert codes(notice) == told


@pytest.mark.requirement("CONF-12", "CODE-322")
async def test_conf_12_a_room_becomes_for_members_only(stage: Stage, network: FakeNetwork) -> None:
    network.joins_nobody = True
    ada, bao = await stage.seated("ada:owner", "bao:none", kind=GroupKind.PUBLIC)
    ada.sends(owner(form({"muc#roomconfig_membersonly": "1"})))
    (await network.is_asked("set_config", "g1", {"members_only": True})).agrees()
    (own,) = await bao.hears_only("<presence type='unavailable' from='{room}/bao'/>")
    assert sorted(codes(own)) == [110, 322]
    heard = await ada.has_heard()
    assert [s.tag.partition("}")[2] for s in heard] == ["iq", "presence", "message"]
    assert codes(heard[1]) == [322]


@pytest.mark.requirement("FIELD-15", "FIELD-16")
async def test_field_15_a_password_and_its_switch(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada:owner", password="")
    ada.sends(owner(form({"muc#roomconfig_passwordprotectedroom": "1"})))
    await ada.hears_only(iq_refusal("not-acceptable", "modify"))
    secret = {"muc#roomconfig_passwordprotectedroom": "1", "muc#roomconfig_roomsecret": "sesame"}
    ada.sends(owner(form(secret)))
    (await network.is_asked("set_config", "g1", {"password": "sesame"})).agrees()
    await ada.hears_only(RESULT, NOTICE, code="104")
    ada.sends(owner(form({"muc#roomconfig_passwordprotectedroom": "0"})))
    (await network.is_asked("set_config", "g1", {"password": ""})).agrees()
    await ada.hears_only(RESULT, NOTICE, code="104")


async def test_conf_14_another_picture_is_told(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    group = replace(network.groups[G1].group, picture=Picture("p1", png()))
    for _ in range(2):
        await network.tells(GroupChanged(group=G1, info=group))
        await stage.settled()
    await ada.receives(NOTICE, code="104")
    await ada.hears_nothing()


async def test_conf_04_a_form_of_ten_thousand_fields(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada:owner")
    ada.sends(owner(form({f"f{n}": "x" * 100 for n in range(10_000)})))
    await ada.hears_only(RESULT)
    ada.sends(owner(form({"muc#roomconfig_persistentroom": "0", "x": "y" * 100_000})))
    (no,) = await ada.hears_only(iq_refusal("not-acceptable", "modify"))
    lacks(no, "value")  # so much is not sent back
