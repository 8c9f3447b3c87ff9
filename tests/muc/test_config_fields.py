"""Each field of the configuration form, shown and set (XEP-0045 §16.5.3)."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from gateway.bridge.muc import BridgeMUC
from legacy_backend import GroupConfig, Role
from legacy_backend.events import GroupChanged
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, form, iq_refusal, owner
from tests.muc.reading import codes, find, values
from tests.muc.saying import G1
from tests.stage import Stage

FORM = owner(kind="get")
EVERY = frozenset({Role.MODERATOR, Role.PARTICIPANT, Role.VISITOR})


@pytest.fixture
def settable(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that has every setting, and can change it."""
    monkeypatch.setattr(BridgeMUC, "CONFIG_FIELDS", frozenset(f.name for f in fields(GroupConfig)))


FIELDS = [
    ("roomname", "name", "Tea", ["Tea"], "Mint tea", ["Mint tea"]),
    ("roomdesc", "description", "", [""], "About tea", ["About tea"]),
    ("lang", "language", "en", ["en"], "de-AT", ["de-AT"]),
    ("enablelogging", "public_log", False, ["0"], True, ["1"]),
    ("changesubject", "members_may_change_subject", True, ["1"], False, ["0"]),
    ("allowinvites", "members_may_invite", False, ["0"], True, ["true"]),
    ("allowpm", "private_messages", "anyone", ["anyone"], "moderators", ["moderators"]),
    ("maxusers", "max_users", 50, ["50"], 0, ["none"]),
    ("maxusers", "max_users", 0, ["none"], 33, ["33"]),
    ("presencebroadcast", "shown_roles", EVERY, ["moderator", "participant", "visitor"],
     EVERY - {Role.VISITOR}, ["moderator", "participant"]),
    ("presencebroadcast", "shown_roles", EVERY, ["moderator", "participant", "visitor"],
     frozenset(), []),
    ("getmemberlist", "list_readers", frozenset({Role.MODERATOR}), ["moderator"],
     EVERY, ["visitor", "moderator", "participant"]),
    ("publicroom", "public", False, ["0"], True, ["1"]),
    ("moderatedroom", "moderated", False, ["0"], True, ["1"]),
    ("membersonly", "members_only", True, ["1"], False, ["0"]),
    ("roomsecret", "password", "", [""], "sesame", ["sesame"]),
    ("whois", "anonymous", False, ["anyone"], True, ["moderators"]),
]  # fmt: skip


@pytest.mark.usefixtures("settable")
@pytest.mark.requirement(
    "CONF-01", "CONF-04", "FIELD-01", "FIELD-02", "FIELD-03", "FIELD-04", "FIELD-05", "FIELD-06",
    "FIELD-07", "FIELD-08", "FIELD-09", "FIELD-10", "FIELD-11", "FIELD-13", "FIELD-14", "FIELD-16",
    "FIELD-17", "SVC-09",
)  # fmt: skip
@pytest.mark.parametrize(("field", "setting", "now", "shown", "then", "sent"), FIELDS)
async def test_field_01_a_setting_is_shown_and_set(
    stage: Stage, network: FakeNetwork, field: str, setting: str,
    now: Any, shown: list[str], then: Any, sent: list[str],
) -> None:  # fmt: skip
    (ada,) = await stage.seated("ada:owner", **{setting: now})
    var = f"muc#roomconfig_{field}"
    ada.sends(FORM)
    (answer,) = await ada.hears_only("<iq type='result' id='k1'/>")
    assert values(answer)[var] == shown
    ada.sends(owner(form({var: sent})))
    (await network.is_asked("set_config", "g1", {setting: then})).agrees()
    told = await ada.receives(RESULT, "<message type='groupchat' from='{room}'/>")
    assert len(codes(told[1])) == 1
    ada.sends(FORM)
    (answer,) = await ada.receives("<iq type='result' id='k1'/>")
    assert set(values(answer)[var]) == ({"1"} if sent == ["true"] else set(sent))
    assert getattr(stage.gateway.rooms.of("", G1).room.config, setting) == then


@pytest.mark.usefixtures("settable")
@pytest.mark.requirement("FIELD-07", "FIELD-09", "FIELD-10", "CONF-05")
@pytest.mark.parametrize(
    "wrong",
    [
        {"muc#roomconfig_presencebroadcast": ["moderator", "none"]},
        {"muc#roomconfig_getmemberlist": "everyone"},
        {"muc#roomconfig_allowpm": "friends"},
        {"muc#roomconfig_maxusers": "many"},
        {"muc#roomconfig_enablelogging": "2"},
    ],
)
async def test_conf_05_a_value_that_is_none(
    stage: Stage, network: FakeNetwork, wrong: dict[str, Any]
) -> None:
    (ada,) = await stage.seated("ada:owner", max_users=50)
    ada.sends(owner(form({"muc#roomconfig_roomname": "Tea", **wrong})))
    (no,) = await ada.hears_only(iq_refusal("not-acceptable", "modify"))
    assert next(iter(wrong)) in (find(no, "text").text or "")
    network.was_not_asked()


@pytest.mark.requirement("CONF-09")
async def test_conf_09_what_the_network_has_not_is_not_offered(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada:owner", language="en", public_log=False)
    offered = []
    for config in ({}, {"language": None, "public_log": None}):
        group = network.groups[G1].group
        now = replace(group, config=replace(group.config, **config))
        await network.tells(GroupChanged(group=G1, info=now))
        await stage.settled()
        ada.sends(FORM)
        (answer,) = await ada.receives("<iq type='result' id='k1'/>")
        offered.append(values(answer).keys())
    gone = {"muc#roomconfig_lang", "muc#roomconfig_enablelogging"}
    assert offered[0] - offered[1] == gone
    assert "muc#roomconfig_presencebroadcast" not in offered[0]


@pytest.mark.requirement("FIELD-21", "INFO-12")
async def test_field_21_the_room_keeps_the_address_of_a_node(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada:owner", "bao")
    node = "xmpp:pubsub.example.org?;node=tea"
    ada.sends(owner(form({"muc#roomconfig_pubsub": node})))
    await ada.receives(RESULT)
    network.was_not_asked()
    bao.sends("""<iq type='get' id='d' to='{room}'>
      <query xmlns='http://jabber.org/protocol/disco#info'/></iq>""")
    (info,) = await bao.receives("<iq type='result' id='d'/>")
    assert values(info)["muc#roomconfig_pubsub"] == [node]


@pytest.mark.requirement("FIELD-15", "CREATE-04")
async def test_field_15_the_switch_without_a_password(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada:owner", password="sesame")
    ada.sends(FORM)
    (answer,) = await ada.hears_only("<iq type='result' id='k1'/>")
    shown = values(answer)
    assert shown["muc#roomconfig_passwordprotectedroom"] == ["1"]
    assert shown["muc#roomconfig_roomsecret"] == ["sesame"]
    blank = {"muc#roomconfig_passwordprotectedroom": "1", "muc#roomconfig_roomsecret": ""}
    ada.sends(owner(form(blank)))
    await ada.hears_only(iq_refusal("not-acceptable", "modify"))
    network.was_not_asked()
