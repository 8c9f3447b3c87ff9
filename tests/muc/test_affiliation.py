"""Who belongs to the room, and as what (XEP-0045 §9.1-§9.5, §10.3-§10.8)."""

from __future__ import annotations

import pytest

from legacy_backend import Affiliation, GroupKind
from legacy_backend.events import Departure, MemberChanged, MemberJoined, MemberLeft
from legacy_backend.terms import MemberId
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, admin, iq_refusal
from tests.muc.reading import codes, lacks
from tests.muc.saying import G1
from tests.stage import Stage, member

GONE = """<presence type='unavailable' from='{room}/bao'>
  <x xmlns='http://jabber.org/protocol/muc#user'>
    <item affiliation='{rank}' role='none'><actor nick='ada'/><reason>Spam</reason></item>
  </x></presence>"""


@pytest.mark.parametrize("first", ["event", "answer"])
@pytest.mark.parametrize(
    ("rank", "code", "how"),
    [("outcast", 301, Departure.BANNED), ("none", 321, Departure.REMOVED)],
)
@pytest.mark.requirement("BAN-01", "BAN-02", "BAN-03", "BAN-04", "MEM-02", "MEM-03", "MEM-04",
                         "A-034", "A-035", "A-070", "CODE-301", "CODE-321")  # fmt: skip
async def test_ban_01_somebody_is_put_out_once_the_network_agrees(
    stage: Stage, network: FakeNetwork, first: str, rank: str, code: int, how: Departure
) -> None:
    ada, bao, cyd = await stage.seated("ada:admin", "bao", "cyd")
    ada.sends(
        admin(f"<item jid='bao@example.org' affiliation='{rank}'><reason>Spam</reason></item>")
    )
    wanted = Affiliation[rank.upper()]
    asked = await network.is_asked("set_affiliation", "g1", "bao", wanted, "Spam")
    event = MemberLeft(group=G1, id=MemberId("bao"), how=how, by=MemberId("ada"), reason="Spam")
    if first == "event":
        await network.tells(event)
    for person in (ada, bao, cyd):
        await person.hears_nothing()
    asked.agrees()
    await stage.settled()
    if first == "answer":
        await network.tells(event)
    _, seen = await ada.hears_only(RESULT, GONE, rank=rank)
    (own,) = await bao.hears_only(GONE, rank=rank)
    await cyd.hears_only(GONE, rank=rank)
    assert codes(seen) == [code]
    assert sorted(codes(own)) == [110, code]


@pytest.mark.requirement("MEM-02", "MEM-09")
async def test_mem_02_in_an_open_room_one_may_stay(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:admin", "bao", kind=GroupKind.PUBLIC)
    ada.sends(admin("<item jid='bao@example.org' affiliation='none'/>"))
    (await network.is_asked("set_affiliation", "g1", "bao", Affiliation.NONE, "")).agrees()
    shown = """<presence from='{room}/bao'><x xmlns='http://jabber.org/protocol/muc#user'>
      <item affiliation='none' role='participant'/></x></presence>"""
    await ada.hears_only(RESULT, shown)
    await bao.hears_only(shown)


@pytest.mark.requirement("OWN-01", "OWN-02", "OWN-06", "AFF-04", "AFF-05", "MEM-10", "A-083")
@pytest.mark.parametrize("rank", ["owner", "admin"])
@pytest.mark.parametrize("jid", ["bao@example.org", "bao@example.org/phone"])
async def test_own_01_somebody_is_promoted(
    stage: Stage, network: FakeNetwork, rank: str, jid: str
) -> None:
    ada, bao = await stage.seated("ada:owner", "bao")
    ada.sends(admin(f"<item jid='{jid}' affiliation='{rank}'/>"))
    wanted = Affiliation[rank.upper()]
    asked = await network.is_asked("set_affiliation", "g1", "bao", wanted, "")
    await bao.hears_nothing()
    asked.agrees()
    shown = f"""<presence from='{{room}}/bao'><x xmlns='http://jabber.org/protocol/muc#user'>
      <item affiliation='{rank}' role='moderator'><actor nick='ada'/></item></x></presence>"""
    await ada.hears_only(RESULT, shown)
    await bao.hears_only(shown)


@pytest.mark.requirement("MEM-01", "G-101", "INV-13")
async def test_mem_01_somebody_new_becomes_a_member(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada:admin")
    network.strangers[MemberId("eve")] = member("EVE")
    ada.sends(admin("<item jid='eve@gw.example.org' affiliation='member'/>"))
    asked = await network.is_asked("set_affiliation", "g1", "EVE", Affiliation.MEMBER, "")
    await ada.hears_nothing()
    asked.agrees()
    await ada.hears_only(RESULT)
    await network.tells(MemberJoined(group=G1, member=member("EVE")))
    await ada.hears_only("<presence from='{room}/EVE'/>")


@pytest.mark.requirement("ADM-01", "AFF-07", "BAN-05", "BAN-06", "BAN-07", "BAN-10", "OWN-01",
                         "OWN-05", "OWN-06", "CONF-11", "MOD-13", "MOD-16", "XML-05")  # fmt: skip
@pytest.mark.parametrize(
    ("who", "item", "condition", "kind"),
    [
        ("ada", "jid='bao@example.org' affiliation='outcast'", "forbidden", "auth"),
        ("ada", "jid='bao@example.org' affiliation='member'", "forbidden", "auth"),
        ("ada:admin", "jid='bao@example.org' affiliation='owner'", "forbidden", "auth"),
        ("ada:admin", "jid='bao@example.org' affiliation='admin'", "forbidden", "auth"),
        ("ada:admin", "nick='CYD' affiliation='outcast'", "not-allowed", "cancel"),
        ("ada:admin", "nick='CYD' affiliation='none'", "not-allowed", "cancel"),
        ("ada:admin", "jid='ada@example.org' affiliation='outcast'", "conflict", "cancel"),
        ("ada:admin", "jid='ada@example.org' affiliation='owner'", "forbidden", "auth"),
        ("ada:admin", "jid='x@elsewhere.org' affiliation='member'", "item-not-found", "cancel"),
        ("ada:admin", "jid='no@gw.example.org' affiliation='member'", "item-not-found", "cancel"),
        ("ada:admin", "nick='nobody' affiliation='member'", "item-not-found", "cancel"),
        ("ada:admin", "nick='bao' affiliation='king'", "bad-request", "modify"),
        ("ada:admin", "affiliation='member'", "bad-request", "modify"),
        ("ada:admin", "nick='bao' affiliation='member' role='visitor'", "bad-request", "modify"),
        ("ada:admin", "nick='bao'", "bad-request", "modify"),
        ("ada:admin", "jid='@@' affiliation='member'", "jid-malformed", "modify"),
    ],
)
async def test_adm_01_who_may_not(
    stage: Stage, network: FakeNetwork, who: str, item: str, condition: str, kind: str
) -> None:
    ada, bao = await stage.seated(who, "bao", "CYD:owner")
    ada.sends(admin(f"<item {item}/>"))
    await ada.hears_only(iq_refusal(condition, kind))
    await bao.hears_nothing()
    network.was_not_asked()


@pytest.mark.requirement("OWN-03")
async def test_conf_11_the_last_owner_stays(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada:owner", "CYD:admin")
    for rank in ("admin", "member", "none"):
        ada.sends(admin(f"<item jid='ada@example.org' affiliation='{rank}'/>"))
        await ada.hears_only(iq_refusal("conflict", "cancel"))
    network.was_not_asked()


@pytest.mark.requirement("BAN-09", "MOD-12")
async def test_ban_09_all_or_nothing(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:admin", "bao", "CYD:owner")
    ada.sends(
        admin("<item nick='bao' affiliation='outcast'/>", "<item nick='CYD' affiliation='none'/>")
    )
    await ada.hears_only(iq_refusal("not-allowed", "cancel"))
    await bao.hears_nothing()
    network.was_not_asked()


async def test_ban_01_the_networks_no(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:admin", "bao")
    ada.sends(admin("<item nick='bao' affiliation='outcast'/>"))
    asked = await network.is_asked("set_affiliation", "g1", "bao", Affiliation.OUTCAST, "")
    asked.refuses("forbidden", "You are no admin any more.")
    await ada.hears_only(iq_refusal("forbidden", "auth"))
    await bao.hears_nothing()


@pytest.mark.requirement("BAN-02")
async def test_ban_02_a_ban_frees_the_nickname_and_its_end_does_not_take_it_back(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada:admin", "CYD")
    banned = MemberLeft(group=G1, id=MemberId("CYD"), how=Departure.BANNED)
    await network.tells(banned)
    other = member("CYD")
    joined = type(other)(id=MemberId("2"), name="CYD")
    await network.tells(MemberJoined(group=G1, member=joined))
    await ada.hears_only(
        "<presence type='unavailable' from='{room}/CYD'/>", "<presence from='{room}/CYD'/>"
    )
    await network.tells(MemberChanged(group=G1, member=other))
    await ada.hears_only("<presence from='{room}/CYD (CYD)'/>")


@pytest.mark.requirement("AFFQ-01", "EXIT-09", "MEM-03")
async def test_affq_01_leaving_the_group_for_good(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(admin("<item jid='ada@example.org' affiliation='none'/>"))
    asked = await network.is_asked("leave_group", "g1")
    await bao.hears_nothing()
    asked.agrees()
    _, own = await ada.hears_only(RESULT, "<presence type='unavailable' from='{room}/ada'/>")
    assert sorted(codes(own)) == [110, 321]
    (seen,) = await bao.hears_only("<presence type='unavailable' from='{room}/ada'/>")
    lacks(seen, "show")


@pytest.mark.requirement("AFFQ-01")
async def test_affq_01_the_networks_no(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(admin("<item jid='ada@example.org' affiliation='none'/>"))
    (await network.is_asked("leave_group", "g1")).refuses("not-allowed", "You are needed.")
    await ada.hears_only(iq_refusal("not-allowed", "cancel"))
    await bao.hears_nothing()


@pytest.mark.requirement("MEM-08")
async def test_mem_08_a_new_member_who_uses_the_gateway_is_invited(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada:admin")
    stage.group("bao", id="g2")
    bao = stage.person("bao")
    await bao.joins(room="g2@gw.example.org")
    await bao.has_heard()
    network.strangers[MemberId("bao")] = member("bao")
    ada.sends(admin("<item jid='bao@example.org' affiliation='member'/>"))
    asked = await network.is_asked("set_affiliation", "g1", "bao", Affiliation.MEMBER, "")
    await bao.hears_nothing()
    network.groups["g1"].members[MemberId("bao")] = member("bao")
    await network.tells(MemberJoined(group=G1, member=member("bao")))
    asked.agrees()
    await ada.receives(RESULT)
    await bao.receives(
        """<message from='{room}'><x xmlns='http://jabber.org/protocol/muc#user'><invite/></x>
        </message>"""
    )
    await bao.joins()


@pytest.mark.requirement("MEM-07")
async def test_mem_07_a_name_for_somebody_else(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:admin", "bao", "CYD")
    ada.sends(admin("<item jid='bao@example.org' affiliation='member' nick='Countess'/>"))
    asked = await network.is_asked("rename_member", "g1", "bao", "Countess")
    await bao.hears_nothing()
    asked.agrees("Countess")
    await ada.hears_only(
        RESULT,
        "<presence from='{room}/bao' type='unavailable'/>",
        "<presence from='{room}/Countess'/>",
    )
    await bao.hears_only("<presence type='unavailable'/>", "<presence from='{room}/Countess'/>")
    ada.sends(admin("<item jid='bao@example.org' affiliation='admin' nick='Countess'/>"))
    await ada.hears_only(iq_refusal("forbidden", "auth"))
    ada.sends(admin("<item jid='bao@example.org' affiliation='member' nick='CYD'/>"))
    await ada.hears_only(iq_refusal("conflict", "cancel"))
    ada.sends(admin("<item jid='bao@example.org' affiliation='member' nick=''/>"))
    (await network.is_asked("rename_member", "g1", "bao", "")).agrees("bao")
    await bao.hears_only("<presence type='unavailable'/>", "<presence from='{room}/bao'/>")


@pytest.mark.requirement("MEM-07")
async def test_mem_07_a_network_whose_people_name_themselves(modest: Stage) -> None:
    ada, bao = await modest.seated("ada:admin", "bao")
    for nick in ("Countess", ""):
        ada.sends(admin(f"<item jid='bao@example.org' affiliation='member' nick='{nick}'/>"))
        await ada.hears_only(iq_refusal("not-acceptable", "modify"))
    ada.sends(admin("<item jid='bao@example.org' affiliation='member' nick='bao'/>"))
    (await modest.network.is_asked("set_affiliation", "g1", "bao", Affiliation.MEMBER, "")).agrees()
    await ada.hears_only(RESULT)
    await bao.hears_nothing()
