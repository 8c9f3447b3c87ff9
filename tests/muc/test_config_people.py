"""Owners and admins as fields of the configuration form (XEP-0045 §10.2)."""

from __future__ import annotations

import pytest

from legacy_backend import Affiliation, MemberId
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, form, iq_refusal, owner
from tests.muc.reading import find, item, values
from tests.muc.saying import G1
from tests.stage import DOMAIN, Stage

ADMINS, OWNERS = "muc#roomconfig_roomadmins", "muc#roomconfig_roomowners"
SHOWN = """<presence from='{room}/{nick}'><x xmlns='http://jabber.org/protocol/muc#user'>
  <item affiliation='{rank}' role='{role}'/></x></presence>"""
ADA, BAO = "ada@example.org", "bao@example.org"


def contact(stage: Stage, name: str) -> str:
    """The address of somebody of the network who is in g1."""
    jid: str = stage.gateway.rooms.of("", G1).room.people[MemberId(name)].jid
    return jid.partition("/")[0]


@pytest.mark.requirement("CONF-01", "FIELD-19", "FIELD-20")
async def test_field_19_the_lists_are_shown(stage: Stage) -> None:
    (ada,) = await stage.seated("ada:owner", "bao:admin", "CYD:admin", "DAN", but="bao")
    ada.sends(owner(kind="get"))
    (answer,) = await ada.hears_only("<iq type='result' id='k1'/>")
    assert values(answer)[OWNERS] == [ADA]
    assert values(answer)[ADMINS] == [BAO, contact(stage, "CYD")]
    types = {f.get("var"): f.get("type") for f in answer.iter("{jabber:x:data}field")}
    assert types[OWNERS] == types[ADMINS] == "jid-multi"


@pytest.mark.requirement("CONF-10", "FIELD-19", "FIELD-20")
async def test_conf_10_a_list_is_the_whole_list(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:owner", "bao", "CYD:admin", "DAN:owner")
    ada.sends(owner(form({ADMINS: [f"{BAO}/phone"], OWNERS: [ADA, contact(stage, "CYD")]})))
    for name, rank in (("CYD", "owner"), ("bao", "admin"), ("DAN", "member")):
        asked = await network.is_asked("set_affiliation", "g1", name, Affiliation[rank.upper()], "")
        await bao.hears_nothing()
        asked.agrees()
    heard = await bao.has_heard()
    shown = {p.get("from", "").partition("/")[2]: item(p).get("affiliation") for p in heard}
    assert shown == {"CYD": "owner", "bao": "admin", "DAN": "member"}
    assert [item(p).get("role") for p in heard] == ["moderator", "moderator", "participant"]
    await ada.receives(RESULT)


@pytest.mark.requirement("CONF-10", "CONF-04")
async def test_conf_10_the_same_lists_ask_nothing(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:owner", "bao:admin", "CYD")
    for fields in ({ADMINS: [BAO], OWNERS: [ADA]}, {ADMINS: [BAO]}, {ADMINS: [BAO, ADA, ""]}):
        ada.sends(owner(form(fields)))
        await ada.hears_only(RESULT)
    await bao.hears_nothing()
    network.was_not_asked()


@pytest.mark.requirement("CONF-11", "AFF-06")
@pytest.mark.parametrize("owners", [[], [BAO]])
async def test_conf_11_the_last_owner_stays(
    stage: Stage, network: FakeNetwork, owners: list[str]
) -> None:
    ada, bao = await stage.seated("ada:owner", "bao:admin")
    ada.sends(owner(form({OWNERS: owners, "muc#roomconfig_roomname": "Tea"})))
    await ada.hears_only(iq_refusal("conflict", "cancel"))
    await bao.hears_nothing()
    network.was_not_asked()


@pytest.mark.requirement("CONF-05", "CONF-10")
@pytest.mark.parametrize("jid", ["nobody@gw.example.org", "eve@elsewhere.example"])
async def test_conf_10_somebody_unknown_is_refused_and_nothing_is_done(
    stage: Stage, network: FakeNetwork, jid: str
) -> None:
    ada, bao = await stage.seated("ada:owner", "bao")
    ada.sends(owner(form({ADMINS: [BAO, jid], "muc#roomconfig_roomname": "Tea"})))
    (no,) = await ada.hears_only(iq_refusal("not-acceptable", "modify"))
    text = find(no, "text").text or ""
    assert ADMINS in text
    assert jid in text
    await bao.hears_nothing()
    network.was_not_asked()


@pytest.mark.requirement("CONF-05", "SVC-05")
async def test_conf_10_a_list_of_ten_thousand(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada:owner")
    ada.sends(owner(form({ADMINS: [f"m{n}@{DOMAIN}" for n in range(10_000)]})))
    (no,) = await ada.hears_only(iq_refusal("not-acceptable", "modify"))
    assert find(no, "text").text == f"{ADMINS} takes at most 200 people."
    network.was_not_asked()


@pytest.mark.requirement("CONF-10")
async def test_conf_10_what_was_done_is_shown_if_the_network_then_refuses(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada:owner", "bao", "CYD")
    ada.sends(owner(form({OWNERS: [ADA, BAO], ADMINS: [contact(stage, "CYD")]})))
    (await network.is_asked("set_affiliation", "g1", "bao", Affiliation.OWNER, "")).agrees()
    asked = await network.is_asked("set_affiliation", "g1", "CYD", Affiliation.ADMIN, "")
    asked.refuses("forbidden", "No more admins.")
    await bao.hears_only(SHOWN, nick="bao", rank="owner", role="moderator")
    await ada.receives(iq_refusal("forbidden", "auth"))


@pytest.mark.requirement("AFF-06", "CONF-02")
async def test_aff_06_a_group_without_an_owner_is_nobodys_to_set_up(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada:admin", "bao:member")
    for person in (ada, bao):
        for question in (owner(kind="get"), owner(form({OWNERS: [ADA]})), owner("<destroy/>")):
            person.sends(question)
            await person.hears_only(iq_refusal("forbidden", "auth"))
    network.was_not_asked()
