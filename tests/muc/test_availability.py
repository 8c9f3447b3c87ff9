"""Statuses and nicknames of those who are in (XEP-0045 §7.6, §7.7)."""

from __future__ import annotations

import pytest

from legacy_backend import GroupId, GroupKind, Member
from legacy_backend.events import MemberChanged, MemberJoined
from legacy_backend.terms import MemberId, UserId
from legacy_backend.values import Hat
from tests.fake_network import FakeNetwork
from tests.muc.reading import codes, find, item, lacks, names
from tests.stage import Stage, member


@pytest.mark.requirement("AVAIL-02", "MSG-11", "ALSO-12")
async def test_avail_01_a_status_is_shown_to_everyone(stage: Stage) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("""
        <presence to='{room}/ada' id='s1'><show>dnd</show><status>Busy</status>
          <priority>5</priority>
          <c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='x' ver='y'/>
          <nick xmlns='http://jabber.org/protocol/nick'>Boss</nick>
          <x xmlns='http://jabber.org/protocol/muc#user'><status code='307'/></x>
        </presence>""")
    shown = """<presence from='{room}/ada'><show>dnd</show><status>Busy</status>
      <x xmlns='http://jabber.org/protocol/muc#user'>
        <item affiliation='member' role='participant'/></x></presence>"""
    (seen,) = await bao.hears_only(shown)
    assert names(seen) == ["show", "status", "occupant-id", "x"]
    (own,) = await ada.hears_only(shown)
    assert codes(own) == [110, 100]
    assert codes(seen) == []


async def test_avail_01_the_same_status_again_is_no_news(stage: Stage) -> None:
    ada, bao = await stage.seated("ada", "bao")
    for _ in range(3):
        ada.sends("<presence to='{room}/ada'><show>xa</show></presence>")
    await bao.hears_only("<presence from='{room}/ada'><show>xa</show></presence>")


async def test_avail_01_a_show_that_is_none_is_not_shown(stage: Stage) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("<presence to='{room}/ada'><show>&lt;b/&gt;</show><status>x</status></presence>")
    (seen,) = await bao.hears_only("<presence from='{room}/ada'><status>x</status></presence>")
    lacks(seen, "show")


@pytest.mark.requirement("AVAIL-03")
async def test_avail_03_the_client_of_the_highest_priority_decides(stage: Stage) -> None:
    ada, bao = await stage.seated("ada", "bao")
    laptop = stage.person("ada", "laptop")
    await laptop.joins()
    laptop.sends("<presence to='{room}/ada'><show>away</show><priority>-1</priority></presence>")
    await bao.hears_nothing()
    ada.sends("<presence to='{room}/ada'><show>dnd</show><priority>7</priority></presence>")
    await bao.hears_only("<presence from='{room}/ada'><show>dnd</show></presence>")
    ada.sends("<presence to='{room}/ada' type='unavailable'/>")
    await bao.hears_only("<presence from='{room}/ada'><show>away</show></presence>")


@pytest.mark.requirement("AVAIL-04", "AVA-05", "HAT-01", "HAT-03", "A-098", "G-061")
async def test_avail_04_what_the_network_says_of_a_member_is_shown(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    changed = Member(
        id=MemberId("CYD"), name="CYD", show="away", status="Tea", hats=(Hat("h:1", "Bot"),)
    )
    for _ in range(2):
        await network.tells(MemberChanged(group=GroupId("g1"), member=changed))
    await ada.hears_only(
        """<presence from='{room}/CYD'><show>away</show><status>Tea</status>
        <hats xmlns='urn:xmpp:hats:0'><hat uri='h:1' title='Bot'/></hats></presence>"""
    )


@pytest.mark.requirement("JOIN-15", "NICK-02", "AVAIL-01", "EXIT-03")
async def test_join_15_nothing_that_happens_later_tells_an_address(
    stage: Stage, network: FakeNetwork
) -> None:
    network.obeys("change_nick", "kick")
    _, bao, cyd = await stage.seated("ada:owner", "bao", "cyd", kind=GroupKind.ANONYMOUS)
    cyd.sends("<presence to='{room}/cyd'><show>away</show></presence>")
    cyd.sends("<presence to='{room}/Cydney'/>")
    await network.tells(MemberJoined(group=GroupId("g1"), member=member("DAN")))
    await stage.settled()
    cyd.sends("<presence to='{room}/Cydney' type='unavailable'/>")
    heard = await bao.has_heard()
    assert len(heard) == 5
    assert not any(item(presence).get("jid") for presence in heard)
    seen = await stage.person("ada").has_heard()
    assert len(seen) == 5
    assert all(item(presence).get("jid") for presence in seen)


@pytest.mark.requirement("A-101")
async def test_avail_04_somebody_new_appears_once(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    for _ in range(2):
        await network.tells(MemberJoined(group=GroupId("g1"), member=member("DAN:admin")))
    await ada.hears_only(
        """<presence from='{room}/DAN'><x xmlns='http://jabber.org/protocol/muc#user'>
        <item affiliation='admin' role='moderator'/></x></presence>"""
    )


@pytest.mark.requirement("AVAIL-06")
async def test_avail_06_a_probe_is_answered_to_those_who_are_in(stage: Stage) -> None:
    ada, _ = await stage.seated("ada", "bao")
    ada.sends("<presence to='{room}/bao' type='probe'/>")
    await ada.hears_only("<presence from='{room}/bao'/>")
    ada.sends("<presence to='{room}' type='probe'/>")
    (own,) = await ada.hears_only("<presence from='{room}/ada'/>")
    assert 110 in codes(own)
    stranger = stage.person("bao", "laptop")
    stranger.sends("<presence to='{room}/ada' type='probe'/>")
    await stranger.hears_nothing()


@pytest.mark.requirement("AVAIL-06")
async def test_avail_06_a_server_probes_for_its_user(stage: Stage) -> None:
    ada, bao = await stage.seated("ada", "bao")
    stage.feed("<presence to='{room}' type='probe'/>", ada.bare)
    (own,) = await ada.hears_only("<presence from='{room}/ada'/>")
    assert 110 in codes(own)
    stage.feed("<presence to='{room}/bao' type='probe'/>", ada.bare)
    await ada.hears_only("<presence from='{room}/bao'/>")
    eve = stage.person("eve")
    for sender in ("eve@example.org", eve.jid, "example.org"):
        stage.feed("<presence to='{room}/bao' type='probe'/>", sender)
    await eve.hears_nothing()
    await bao.hears_nothing()


@pytest.mark.requirement("NICK-01", "NICK-02", "NICK-03", "NICK-04", "CODE-303", "A-079")
async def test_nick_02_another_nickname_once_the_network_agrees(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    laptop = stage.person("ada", "laptop")
    await laptop.joins()
    await laptop.has_heard()

    ada.sends("<presence to='{room}/Countess' id='n1'/>")
    asked = await network.is_asked("change_nick", "g1", "Countess")
    await bao.hears_nothing()
    asked.agrees()

    shown = (
        """<presence type='unavailable' from='{room}/ada'>
          <x xmlns='http://jabber.org/protocol/muc#user'>
            <item affiliation='member' role='participant' nick='Countess'/>
            <status code='303'/></x></presence>""",
        """<presence from='{room}/Countess'>
          <x xmlns='http://jabber.org/protocol/muc#user'>
            <item affiliation='member' role='participant'/></x></presence>""",
    )
    old, new = await bao.hears_only(*shown)
    assert (codes(old), codes(new)) == ([303], [])
    assert find(old, "occupant-id").get("id") == find(new, "occupant-id").get("id")
    for client in (ada, laptop):
        old, new = await client.hears_only(*shown)
        assert 110 in codes(old)
        assert 110 in codes(new)


async def test_nick_02_the_networks_own_word_of_it_is_no_second_change(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    renamed = Member(id=MemberId("ada"), name="Countess", user="ada@example.org")
    for first in ("event", "answer"):
        name = renamed.name if first == "event" else "ada"
        ada.sends("<presence to='{room}/{nick}'/>", nick=name)
        asked = await network.is_asked("change_nick", "g1", name)
        event = MemberChanged(
            group=GroupId("g1"), member=Member(id=renamed.id, name=name, user=renamed.user)
        )
        if first == "event":
            await network.tells(event)
            await stage.settled()
        asked.agrees()
        await stage.settled()
        await network.tells(event)
        await bao.hears_only(
            "<presence type='unavailable'/>", f"<presence from='{{room}}/{name}'/>"
        )


async def test_nick_02_what_the_network_tells_of_before_is_no_change_back(
    stage: Stage, network: FakeNetwork
) -> None:
    _, bao = await stage.seated("ada", "bao")
    ada = stage.people["ada"]
    ada.sends("<presence to='{room}/Countess'/>")
    (await network.is_asked("change_nick", "g1", "Countess")).agrees()
    await stage.settled()
    for name in ("ada", "Countess", "Duchess"):
        await network.tells(
            MemberChanged(
                group=GroupId("g1"),
                member=Member(id=MemberId("ada"), name=name, user="ada@example.org"),
            )
        )
    await stage.settled()
    await bao.hears_only(
        "<presence type='unavailable' from='{room}/ada'/>",
        "<presence from='{room}/Countess'/>",
        "<presence type='unavailable' from='{room}/Countess'/>",
        "<presence from='{room}/Duchess'/>",
    )


@pytest.mark.requirement("CODE-210")
async def test_nick_05_the_network_makes_another_name_of_it(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("<presence to='{room}/Countess' id='n1'/>")
    (await network.is_asked("change_nick", "g1", "Countess")).agrees("Countess_1")
    old, new = await ada.hears_only(
        "<presence type='unavailable' from='{room}/ada'/>", "<presence from='{room}/Countess_1'/>"
    )
    assert item(old).get("nick") == "Countess_1"
    assert {110, 210} <= set(codes(new))
    _, new = await bao.hears_only("<presence/>", "<presence from='{room}/Countess_1'/>")
    assert codes(new) == []


@pytest.mark.requirement("NICK-06", "ADDR-04")
async def test_nick_06_a_nickname_of_somebody_else_is_refused(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    for nick in ("bao", "CYD"):
        ada.sends("<presence to='{room}/{nick}' id='n1'/>", nick=nick)
        await ada.hears_only(
            """<presence type='error' from='{room}/ada' id='n1'>
              <error type='cancel' by='{room}'>
                <conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"""
        )
    await bao.hears_nothing()
    network.was_not_asked()


async def test_nick_07_the_network_refuses(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("<presence to='{room}/Countess' id='n1'/>")
    (await network.is_asked("change_nick", "g1", "Countess")).refuses(
        "not-acceptable", "No titles."
    )
    await ada.hears_only(
        """<presence type='error' from='{room}/ada' id='n1'><error>
          <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
          <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>No titles.</text>
        </error></presence>"""
    )
    await bao.hears_nothing()


@pytest.mark.requirement("NICK-07")
async def test_nick_07_where_nicknames_are_fixed(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, _ = await stage.seated("ada", "bao")
    muc = type(stage.gateway.sessions()[0].bookmarks.known(GroupId("g1")))
    monkeypatch.setattr(muc, "ABILITIES", muc.ABILITIES - {"on_nick_change"})
    ada.sends("<presence to='{room}/Countess' id='n1'/>")
    await ada.hears_only(
        """<presence type='error' id='n1'><error type='cancel'>
          <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"""
    )


@pytest.mark.parametrize("nick", ["\u200b", "\u00ad"])
async def test_nick_09_a_nickname_that_cannot_be_seen(
    stage: Stage, network: FakeNetwork, nick: str
) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends("<presence to='{room}/{nick}' id='n1'/>", nick=nick)
    await ada.hears_only(
        """<presence type='error' id='n1'><error type='modify'>
          <jid-malformed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"""
    )
    network.was_not_asked()


@pytest.mark.requirement("NICK-02", "A-099")
async def test_nick_02_a_member_is_called_otherwise(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    renamed = Member(id=MemberId("CYD"), name="Dana")
    await network.tells(MemberChanged(group=GroupId("g1"), member=renamed))
    (old, _) = await ada.hears_only(
        "<presence type='unavailable' from='{room}/CYD'/>", "<presence from='{room}/Dana'/>"
    )
    assert codes(old) == [303]
    assert item(old).get("nick") == "Dana"


@pytest.mark.requirement("ADDR-02")
@pytest.mark.parametrize(
    ("name", "nick"),
    [
        ("a\x00b", "ab"),
        ("\ud800x", "x"),
        ("\u200b", "CYD"),
        ("Zoe\u0308", "Zoë"),
        ("x" * 3000, "x" * 1023),
        ("two\nlines", "two lines"),
        ("<&'\">", "<&'\">"),
        ("Cyd \U0001f389", "Cyd :party_popper:"),
    ],
)
async def test_addr_02_a_name_that_xmpp_cannot_carry_is_made_one_that_it_can(
    stage: Stage, network: FakeNetwork, name: str, nick: str
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    renamed = Member(id=MemberId("CYD"), name=name, status=f"on {name[:3]}")
    await network.tells(MemberChanged(group=GroupId("g1"), member=renamed))
    heard = await ada.has_heard()
    assert heard[-1].get("from") == f"{stage.room}/{nick}"


async def test_addr_04_namesakes_are_told_apart(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    for number in ("7", "8"):
        joined = Member(id=MemberId(number), name="CYD")
        await network.tells(MemberJoined(group=GroupId("g1"), member=joined))
    await ada.hears_only("<presence from='{room}/CYD (7)'/>", "<presence from='{room}/CYD (8)'/>")


@pytest.mark.requirement("ADDR-02")
async def test_addr_02_who_is_called_by_an_emoji_enters_by_it_too(
    stage: Stage, network: FakeNetwork
) -> None:
    stage.group("bao")
    network.groups[GroupId("g1")].members[MemberId("ada")] = Member(
        id=MemberId("ada"), name="Ada \U0001f389", user=UserId("ada@example.org")
    )
    ada = stage.person("ada")
    for wish, told in (("Ada \U0001f389", [210]), ("Ada :party_popper:", [])):
        ada.sends(
            "<presence to='{room}/{wish}'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
            wish=wish,
        )
        (own,) = await ada.receives("<presence from='{room}/Ada :party_popper:'/>")
        assert [code for code in codes(own) if code == 210] == told
        await ada.has_heard()
    network.was_not_asked()
    ada.sends("<presence to='{room}/Ada \U0001f389'><show>away</show></presence>")
    await ada.hears_only("<presence from='{room}/Ada :party_popper:'><show>away</show></presence>")


@pytest.mark.requirement("CAPS-04", "ALSO-12")
async def test_caps_04_what_a_joining_client_can_do_is_its_own_affair(stage: Stage) -> None:
    (ada,) = await stage.seated("ada", "bao", but="bao")
    bao = stage.person("bao")
    bao.sends("""<presence to='{room}/bao'><x xmlns='http://jabber.org/protocol/muc'/>
      <nick xmlns='http://jabber.org/protocol/nick'>Boss</nick>
      <c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='x' ver='y'/></presence>""")
    (seen,) = await ada.hears_only("<presence from='{room}/bao'/>")
    assert names(seen) == ["occupant-id", "x"]
    assert not [s for s in await bao.has_heard() if s.find(".//{*}c") is not None]
