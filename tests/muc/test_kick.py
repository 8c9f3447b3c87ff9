"""Putting somebody out for now (XEP-0045 §8.2)."""

from __future__ import annotations

import pytest

from legacy_backend.events import Departure, MemberLeft
from legacy_backend.terms import MemberId
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, admin, iq_refusal
from tests.muc.reading import codes, find
from tests.muc.saying import G1
from tests.stage import Stage

KICK = admin("<item nick='{nick}' role='none'><reason>Spam</reason></item>")
GONE = """<presence type='unavailable' from='{room}/bao'>
  <x xmlns='http://jabber.org/protocol/muc#user'>
    <item role='none'><actor nick='ada'/><reason>Spam</reason></item></x></presence>"""


@pytest.mark.parametrize("first", ["event", "answer"])
@pytest.mark.requirement("MOD-02", "MOD-03", "MOD-04", "CODE-307", "CODE-110", "A-072")
async def test_mod_04_a_kick_shows_once_the_network_agrees(
    stage: Stage, network: FakeNetwork, first: str
) -> None:
    ada, bao, cyd = await stage.seated("ada::moderator", "bao", "cyd")
    before = len(stage.wire.stanzas)
    ada.sends(KICK, nick="bao")
    asked = await network.is_asked("kick", "g1", "bao", "Spam")
    event = MemberLeft(
        group=G1,
        id=MemberId("bao"),
        how=Departure.KICKED,
        by=MemberId("ada"),
        reason="Spam",
    )
    if first == "event":
        await network.tells(event)
    for person in (ada, bao, cyd):
        await person.hears_nothing()
    asked.agrees()
    await stage.settled()
    if first == "answer":
        await network.tells(event)

    (own,) = await bao.hears_only(GONE)
    _, seen = await ada.hears_only(RESULT, GONE)
    await cyd.hears_only(GONE)
    assert sorted(codes(own)) == [110, 307]
    assert codes(seen) == [307]
    order = [s.get("to", "").partition("@")[0] for s in stage.wire.stanzas[before:]]
    assert order == ["bao", "ada", "ada", "cyd"]
    assert find(stage.wire.stanzas[before], "item").get("jid") == bao.jid


@pytest.mark.requirement("MOD-04")
async def test_mod_04_what_the_network_tells_of_others_need_not_wait(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao, cyd = await stage.seated("ada::moderator", "bao", "cyd", "DAN")
    ada.sends(KICK, nick="bao")
    asked = await network.is_asked("kick", "g1", "bao", "Spam")
    await network.tells(
        MemberLeft(
            group=G1, id=MemberId("bao"), how=Departure.KICKED, by=MemberId("ada"), reason="Spam"
        )
    )
    await network.tells(MemberLeft(group=G1, id=MemberId("DAN")))
    for person in (ada, bao, cyd):
        await person.hears_only("<presence type='unavailable' from='{room}/DAN'/>")
    asked.agrees()
    await ada.hears_only(RESULT, GONE)
    for person in (bao, cyd):
        await person.hears_only(GONE)


async def test_mod_02_a_refused_kick_is_what_the_network_tells(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada::moderator", "bao")
    ada.sends(KICK, nick="bao")
    asked = await network.is_asked("kick", "g1", "bao", "Spam")
    await network.tells(MemberLeft(group=G1, id=MemberId("bao")))
    asked.refuses("item-not-found", "They have left.")
    await ada.hears_only(
        "<presence type='unavailable' from='{room}/bao'/>",
        iq_refusal("item-not-found", "cancel"),
    )
    await bao.hears_only("<presence type='unavailable' from='{room}/bao'/>")


async def test_mod_02_a_refused_kick_shows_nothing(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada::moderator", "bao")
    ada.sends(KICK, nick="bao")
    (await network.is_asked("kick", "g1", "bao", "Spam")).refuses("not-allowed", "They stay.")
    (no,) = await ada.hears_only(iq_refusal("not-allowed", "cancel"))
    assert find(no, "text").text == "They stay."
    await bao.hears_nothing()


@pytest.mark.requirement("MOD-03", "EXIT-10")
async def test_mod_02_a_member_of_the_network_is_kicked(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada:admin", "CYD")
    ada.sends(admin("<item nick='CYD' role='none'/>"))
    (await network.is_asked("kick", "g1", "CYD", "")).agrees()
    _, seen = await ada.hears_only(RESULT, "<presence type='unavailable' from='{room}/CYD'/>")
    assert codes(seen) == [307]


@pytest.mark.requirement("MOD-01", "MOD-05", "MOD-06", "MOD-07", "G-064", "BAN-05")
@pytest.mark.parametrize(
    ("who", "nick", "condition", "kind"),
    [
        ("ada", "bao", "forbidden", "auth"),
        ("ada::moderator", "CYD", "not-allowed", "cancel"),
        ("ada::moderator", "ada", "conflict", "cancel"),
        ("ada::moderator", "nobody", "item-not-found", "cancel"),
    ],
)
async def test_mod_01_who_may_not_kick_whom(
    stage: Stage, network: FakeNetwork, who: str, nick: str, condition: str, kind: str
) -> None:
    ada, bao = await stage.seated(who, "bao", "CYD:admin")
    ada.sends(KICK, nick=nick)
    (no,) = await ada.hears_only(iq_refusal(condition, kind))
    find(no, "query")  # what was asked is told again
    await bao.hears_nothing()
    network.was_not_asked()


@pytest.mark.requirement("MOD-01", "A-033")
async def test_mod_01_an_admin_kicks_from_outside(stage: Stage, network: FakeNetwork) -> None:
    network.obeys("kick")
    _, bao = await stage.seated("ada:admin", "bao")
    laptop = stage.person("ada", "laptop")
    laptop.sends(KICK, nick="bao")
    await laptop.hears_only(RESULT)
    await bao.hears_only(GONE)


@pytest.mark.requirement("TRAP-03")
async def test_mod_03_who_was_kicked_may_not_write_and_may_come_back(
    stage: Stage, network: FakeNetwork
) -> None:
    network.obeys("kick")
    ada, bao = await stage.seated("ada:admin", "bao")
    ada.sends(KICK, nick="bao")
    await bao.hears_only(GONE)
    bao.sends("<message to='{room}' type='groupchat' id='m'><body>Hm</body></message>")
    await bao.receives(
        "<message type='error' id='m'><error><not-acceptable "
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    )
    await bao.joins()
    await ada.receives("<presence from='{room}/bao'/>")


@pytest.mark.requirement("MOD-12")
async def test_mod_12_all_or_nothing(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:admin", "bao", "CYD:owner")
    ada.sends(admin("<item nick='bao' role='none'/>", "<item nick='CYD' role='none'/>"))
    await ada.hears_only(iq_refusal("not-allowed", "cancel"))
    await bao.hears_nothing()
    network.was_not_asked()


async def test_mod_04_what_happens_meanwhile_does_no_harm(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada:admin", "bao")
    ada.sends(KICK, nick="bao")
    asked = await network.is_asked("kick", "g1", "bao", "Spam")
    bao.sends("<presence to='{room}/bao' type='unavailable'/>")
    await bao.hears_only("<presence type='unavailable' from='{room}/bao'/>")
    asked.agrees()
    left, result = await ada.hears_only("<presence type='unavailable'/>", RESULT)
    assert codes(left) == []
    assert result.get("id") == "k1"
    await bao.hears_nothing()
