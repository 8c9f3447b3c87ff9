"""Becoming a member of a room, and ceasing to be one (XEP-0045 §7.10, XEP-0077)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from legacy_backend import GroupKind
from legacy_backend.events import MemberChanged
from legacy_backend.terms import Affiliation, MemberId
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, form, iq_refusal
from tests.muc.reading import codes, find, lacks
from tests.muc.saying import G1
from tests.stage import DOMAIN, Person, Stage, member


def register(inner: str = "", kind: str = "set", to: str = "{room}") -> str:
    query = f"<query xmlns='jabber:iq:register'>{inner}</query>"
    return f"<iq type='{kind}' id='k1' to='{to}'>{query}</iq>"


def wish(nick: str) -> str:
    return register(form({"muc#register_roomnick": nick}, name="muc#register"))


JOIN = wish("bao")
ASK = register(kind="get")
OPEN = GroupKind.PUBLIC


async def _outsider(stage: Stage, kind: GroupKind, *others: str) -> Person:
    await stage.seated("ada:owner", *others, but="bao", kind=kind)
    stage.group("bao", id="g2")
    bao = stage.person("bao")
    await bao.joins(room=f"g2@{DOMAIN}")
    await bao.has_heard()
    return bao


@pytest.mark.requirement("REG-01")
async def test_reg_01_a_room_that_is_not_there(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    for sent in (
        register(kind="get", to="nothing@{gw}"),
        wish("x").replace("{room}", "nothing@{gw}"),
    ):
        ada.sends(sent)
        await ada.hears_only(
            """<iq type='error' id='k1' from='nothing@{gw}'><error type='cancel'>
            <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"""
        )
    network.was_not_asked()


@pytest.mark.requirement("REG-03")
async def test_reg_03_a_member_is_registered(stage: Stage) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(ASK)
    await ada.hears_only(
        """<iq type='result' id='k1'><query xmlns='jabber:iq:register'>
        <registered/><username>ada</username></query></iq>"""
    )


@pytest.mark.requirement("REG-04")
async def test_reg_04_whoever_may_join_is_offered_the_form(stage: Stage) -> None:
    bao = await _outsider(stage, OPEN)
    bao.sends(ASK)
    (answer,) = await bao.hears_only(
        """<iq type='result' id='k1'><query xmlns='jabber:iq:register'>
        <x xmlns='jabber:x:data' type='form'>
        <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field>
        <field var='muc#register_roomnick'><required/></field></x></query></iq>"""
    )
    lacks(answer, "registered")


@pytest.mark.requirement("REG-08")
async def test_reg_08_becoming_a_member(stage: Stage, network: FakeNetwork) -> None:
    network.holds("join_group")
    bao = await _outsider(stage, OPEN)
    bao.sends(wish("Countess"))
    asked = await network.is_asked("join_group", "g1", "")
    await bao.hears_nothing()
    asked.agrees()
    (await network.is_asked("change_nick", "g1", "Countess")).agrees()
    await bao.hears_only(RESULT)
    bao.sends(ASK)
    (answer,) = await bao.hears_only("<iq type='result' id='k1'/>")
    find(answer, "registered")


@pytest.mark.requirement("REG-08", "REG-09")
@pytest.mark.parametrize("first", ["event", "answer"])
async def test_reg_08_somebody_who_is_here_is_shown_as_a_member_under_their_new_name(
    stage: Stage, network: FakeNetwork, first: str
) -> None:
    network.joins_nobody = True
    ada, bao = await stage.seated("ada:owner", "bao:none", kind=OPEN)
    bao.sends(wish("Countess"))
    renaming = await network.is_asked("change_nick", "g1", "Countess")
    event = MemberChanged(group=G1, member=replace(member("bao"), name="Countess"))
    if first == "event":
        await network.tells(event)
    for person in (ada, bao):
        await person.hears_nothing()
    renaming.agrees()
    await stage.settled()
    if first == "answer":
        await network.tells(event)
    shown = (
        """<presence from='{room}/bao'><x xmlns='http://jabber.org/protocol/muc#user'>
        <item affiliation='member'/></x></presence>""",
        "<presence from='{room}/bao' type='unavailable'/>",
        """<presence from='{room}/Countess'><x xmlns='http://jabber.org/protocol/muc#user'>
        <item affiliation='member'/></x></presence>""",
    )
    _, _, left, came = await bao.hears_only(RESULT, *shown)
    assert 303 in codes(left)
    assert sorted(codes(came)) == [100, 110, 210]
    *_, seen = await ada.hears_only(*shown)
    assert codes(seen) == []


@pytest.mark.requirement("REG-09")
async def test_reg_09_a_member_reserves_another_nickname(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    bao.sends(wish("Countess"))
    (await network.is_asked("change_nick", "g1", "Countess")).agrees()
    _, _, came = await bao.hears_only(
        RESULT,
        "<presence from='{room}/bao' type='unavailable'/>",
        "<presence from='{room}/Countess'/>",
    )
    assert sorted(codes(came)) == [100, 110, 210]
    _, seen = await ada.hears_only("<presence type='unavailable'/>", "<presence/>")
    assert codes(seen) == []
    bao.sends(wish("Countess"))
    await bao.hears_only(RESULT)
    network.was_not_asked()


@pytest.mark.requirement("REG-09")
async def test_reg_09_registrations_that_come_late_change_no_name_back(
    stage: Stage, network: FakeNetwork
) -> None:
    """Two clients of one user change the name, and register each change that they see."""
    ada, bao = await stage.seated("ada", "bao")
    laptop = stage.person("bao", "laptop")
    await laptop.joins()
    for client, nick in ((bao, "Countess"), (laptop, "Duchess")):
        client.sends(f"<presence to='{{room}}/{nick}'/>")
        (await network.is_asked("change_nick", "g1", nick)).agrees()
        await stage.settled()
    for person in (ada, bao, laptop):
        await person.has_heard()
    for client in (bao, laptop, bao):
        for nick in ("bao", "Countess", "Duchess"):
            client.sends(wish(nick))
            await client.hears_only(RESULT)
    client.sends(ASK)
    (answer,) = await client.hears_only("<iq type='result' id='k1'/>")
    assert find(answer, "username").text == "Duchess"
    await ada.hears_nothing()
    network.was_not_asked()


@pytest.mark.requirement("REG-08")
async def test_reg_08_who_registers_late_becomes_a_member_under_the_name_they_have_now(
    stage: Stage, network: FakeNetwork
) -> None:
    network.joins_nobody = True
    ada, bao = await stage.seated("ada:owner", "bao:none", kind=OPEN)
    bao.sends("<presence to='{room}/Countess'/>")
    (await network.is_asked("change_nick", "g1", "Countess")).agrees()
    await stage.settled()
    for person in (ada, bao):
        await person.has_heard()
    bao.sends(wish("bao"))
    (await network.is_asked("change_nick", "g1", "Countess")).agrees()
    member_now = """<presence from='{room}/Countess'><x xmlns='http://jabber.org/protocol/muc#user'>
        <item affiliation='member'/></x></presence>"""
    await bao.hears_only(RESULT, member_now)
    await ada.hears_only(member_now)


@pytest.mark.requirement("REG-05", "REG-12")
async def test_reg_05_a_nickname_that_is_reserved(stage: Stage, network: FakeNetwork) -> None:
    ada, bao, cyd = await stage.seated("ada:owner", "bao", "cyd", kind=OPEN)
    bao.sends("<presence to='{room}/bao' type='unavailable'/>")
    for person in (ada, bao, cyd):
        await person.has_heard()
    cyd.sends(wish("bao"))  # who is a member, and not here
    await cyd.hears_only(iq_refusal("conflict", "cancel"))
    cyd.sends("<presence to='{room}/bao' id='n1'/>")
    (no,) = await cyd.hears_only("<presence type='error' id='n1'/>")
    find(no, "conflict")
    cyd.sends("<presence to='{room}/cyd' type='unavailable'/>")
    await cyd.has_heard()
    cyd.sends("<presence to='{room}/bao'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    (no,) = await cyd.hears_only("<presence type='error' from='{room}/bao'/>")
    find(no, "conflict")
    network.was_not_asked()


@pytest.mark.requirement("REG-05")
async def test_reg_05_a_newcomer_who_wants_the_name_of_another(
    stage: Stage, network: FakeNetwork
) -> None:
    bao = await _outsider(stage, OPEN, "CYD")
    bao.sends(wish("CYD"))
    await bao.hears_only(iq_refusal("conflict", "cancel"))
    network.was_not_asked()


@pytest.mark.requirement("REG-02")
@pytest.mark.parametrize("sent", [JOIN, ASK])
@pytest.mark.parametrize("kind", [GroupKind.PRIVATE, OPEN])
async def test_reg_02_who_may_not_register(modest: Stage, kind: GroupKind, sent: str) -> None:
    bao = await _outsider(modest, kind, *(["bao:outcast"] if kind is OPEN else []))
    bao.sends(sent)
    await bao.hears_only(iq_refusal("not-allowed", "cancel"))
    modest.network.was_not_asked()


@pytest.mark.requirement("REG-06")
@pytest.mark.parametrize("sent", [JOIN, ASK])
async def test_reg_06_a_network_where_one_does_not_register(modest: Stage, sent: str) -> None:
    bao = await _outsider(modest, OPEN)
    bao.sends(sent)
    await bao.hears_only(iq_refusal("service-unavailable", "cancel"))
    modest.network.was_not_asked()


@pytest.mark.requirement("REG-07")
@pytest.mark.parametrize(
    "inner",
    [
        "",
        form({}),
        form({}, name="muc#register"),
        form({"muc#register_roomnick": "x"}, kind="form", name="muc#register"),
        form({"muc#register_roomnick": "x"}),
        "<username>x</username>",
    ],
)
async def test_reg_07_what_is_no_form(stage: Stage, network: FakeNetwork, inner: str) -> None:
    bao = await _outsider(stage, OPEN)
    bao.sends(register(inner))
    await bao.hears_only(iq_refusal("bad-request", "modify"))
    network.was_not_asked()


@pytest.mark.requirement("REG-10", "EXIT-09", "CODE-321")
async def test_reg_10_ceasing_to_be_a_member(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(register("<remove/>"))
    asked = await network.is_asked("leave_group", "g1")
    await ada.hears_nothing()
    del network.groups["g1"].members["ada"]
    asked.agrees()
    _, own = await ada.hears_only(
        RESULT,
        """<presence type='unavailable' from='{room}/ada'>
        <x xmlns='http://jabber.org/protocol/muc#user'>
          <item affiliation='none' role='none'/></x></presence>""",
    )
    assert sorted(codes(own)) == [110, 321]
    (seen,) = await bao.hears_only("<presence type='unavailable' from='{room}/ada'/>")
    assert codes(seen) == [321]


async def test_reg_10_the_networks_no(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(register("<remove/>"))
    (await network.is_asked("leave_group", "g1")).refuses("not-allowed", "You are needed.")
    await ada.hears_only(iq_refusal("not-allowed", "cancel"))
    await bao.hears_nothing()


@pytest.mark.requirement("REG-02", "REG-10")
async def test_reg_10_a_banned_member_has_nothing_to_remove(stage: Stage) -> None:
    bao = await _outsider(stage, OPEN, "bao:outcast")
    assert stage.network.groups["g1"].members[MemberId("bao")].affiliation is Affiliation.OUTCAST
    bao.sends(register("<remove/>"))
    await bao.hears_only(iq_refusal("registration-required", "auth"))
