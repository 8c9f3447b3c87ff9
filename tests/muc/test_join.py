"""Entering a room (XEP-0045 §7.2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from legacy_backend import GroupId, GroupKind, Role
from legacy_backend.events import MemberLeft, MessagePosted
from legacy_backend.terms import MemberId, UserId
from tests.fake_network import FakeNetwork
from tests.muc.reading import codes, find, item, lacks, names
from tests.stage import DOMAIN, Stage, member

JOIN = "<presence to='{room}/{nick}' id='j1'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
MUC_USER = "http://jabber.org/protocol/muc#user"


@pytest.mark.requirement(
    "JOIN-01", "JOIN-03", "JOIN-07", "JOIN-14", "HIST-02", "SUBJ-01", "SUBJ-03"
)
async def test_join_02_order_is_occupants_self_history_subject(
    stage: Stage, network: FakeNetwork
) -> None:
    stage.group("ada", "BAO:admin", "CYD")
    network.says("g1", "BAO", "Hello")
    ada = stage.person("ada")

    ada.sends("""
        <presence to='{room}/ada' id='j1'>
          <x xmlns='http://jabber.org/protocol/muc'/>
        </presence>""")

    await ada.hears_only(
        """<presence from='{room}/BAO'>
          <x xmlns='http://jabber.org/protocol/muc#user'>
            <item affiliation='admin' role='moderator'/>
          </x>
        </presence>""",
        """<presence from='{room}/CYD'>
          <x xmlns='http://jabber.org/protocol/muc#user'>
            <item affiliation='member' role='participant'/>
          </x>
        </presence>""",
        """<presence from='{room}/ada' id='j1'>
          <x xmlns='http://jabber.org/protocol/muc#user'>
            <item affiliation='member' role='participant' jid='{ada}'/>
            <status code='110'/><status code='100'/>
          </x>
        </presence>""",
        """<message type='groupchat' from='{room}/BAO'>
          <body>Hello</body><delay xmlns='urn:xmpp:delay' from='{room}'/>
        </message>""",
        "<message type='groupchat' from='{room}'><subject/></message>",
    )


@pytest.mark.requirement(
    "JOIN-04", "JOIN-05", "JOIN-29", "MSG-11", "SVC-07", "OCC-01", "OCC-03", "HAT-06"
)
async def test_join_05_the_others_are_shown_a_clean_presence(stage: Stage) -> None:
    ada, _ = await stage.seated("ada", "bao")
    stage.network.groups[GroupId("g1")].members[MemberId("cyd")] = member("cyd")
    cyd = stage.person("cyd")
    stage.gateway.rooms.of("", GroupId("g1")).people_known = False
    cyd.sends("""
        <presence to='{room}/cyd' id='j1'>
          <x xmlns='http://jabber.org/protocol/muc'><password>x</password></x>
          <x xmlns='http://jabber.org/protocol/muc#user'>
            <item affiliation='owner' role='moderator'/><status code='301'/>
          </x>
          <show>away</show><status>At lunch</status>
          <occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/>
          <hats xmlns='urn:xmpp:hats:0'><hat uri='x' title='Boss'/></hats>
          <mav xmlns='urn:xmpp:muc:affiliations:1'/>
        </presence>""")
    (seen,) = await ada.receives(
        """<presence from='{room}/cyd'><show>away</show><status>At lunch</status>
        <x xmlns='http://jabber.org/protocol/muc#user'>
          <item affiliation='member' role='participant' jid='{cyd}'/></x></presence>"""
    )
    assert len(seen.findall(f"{{{MUC_USER}}}x")) == 1
    assert names(seen) == ["show", "status", "occupant-id", "x"]
    assert find(seen, "occupant-id").get("id") != "forged"
    assert codes(seen) == []
    assert seen.get("id") is None


@pytest.mark.requirement("JOIN-06", "OCC-01", "OCC-02")
async def test_join_06_everything_carries_the_occupant_id_and_it_outlasts_visits(
    stage: Stage,
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    bao.sends("<presence to='{room}/bao' type='unavailable'/>")
    (gone,) = await ada.receives("<presence type='unavailable' from='{room}/bao'/>")
    await bao.joins()
    (back,) = await ada.receives("<presence from='{room}/bao'/>")
    assert find(gone, "occupant-id").get("id") == find(back, "occupant-id").get("id")
    assert 0 < len(find(back, "occupant-id").get("id", "")) <= 128


@pytest.mark.requirement("JOIN-08", "JERR-09", "AMB-04", "JOIN-27")
async def test_join_08_without_a_nickname(stage: Stage) -> None:
    stage.group("ada")
    ada = stage.person("ada")
    ada.sends(
        "<presence to='{room}' id='j1'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
    )
    await ada.hears_only(
        """<presence type='error' from='{room}' id='j1'>
          <x xmlns='http://jabber.org/protocol/muc'/>
          <error type='modify' by='{room}'>
            <jid-malformed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
          </error>
        </presence>"""
    )


@pytest.mark.requirement("JOIN-09", "AVAIL-07")
@pytest.mark.parametrize("kind", ["probe", "subscribe", "subscribed", "unsubscribe"])
async def test_join_09_a_presence_with_a_type_is_no_join(stage: Stage, kind: str) -> None:
    ada, bao = await stage.seated("ada", "bao")
    bao.sends("<presence to='{room}/bao' type='unavailable'/>")
    await stage.settled()
    await bao.has_heard()
    await ada.has_heard()
    bao.sends(
        "<presence to='{room}/bao' type='{kind}'><x xmlns='http://jabber.org/protocol/muc'/>"
        "</presence>",
        kind=kind,
    )
    await bao.hears_nothing()
    await ada.hears_nothing()


@pytest.mark.requirement("AMB-01", "JOIN-10", "JOIN-11")
async def test_join_10_joining_again_tells_everything_again_and_nobody_else(
    stage: Stage, network: FakeNetwork
) -> None:
    network.obeys("send")
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("<message to='{room}' type='groupchat' id='m1'><body>Hello</body></message>")
    await ada.receives("<message id='m1'/>")
    await bao.receives("<message id='m1'/>")

    ada.sends(JOIN, nick="ada")

    await ada.hears_only(
        "<presence from='{room}/bao'/>",
        "<presence from='{room}/ada' id='j1'/>",
        "<message from='{room}/ada' id='m1'><body>Hello</body></message>",
        "<message type='groupchat'><subject/></message>",
    )
    await bao.hears_nothing()

    ada.sends(
        "<presence to='{room}/ada' id='j2'><x xmlns='http://jabber.org/protocol/muc'/>"
        "<show>dnd</show></presence>"
    )
    await bao.receives("<presence from='{room}/ada'><show>dnd</show></presence>")


@pytest.mark.requirement("JOIN-12", "SVC-02", "ADDR-03")
async def test_join_12_a_presence_of_somebody_who_is_not_in_says_so(stage: Stage) -> None:
    await stage.seated("ada", "bao")
    laptop = stage.person("ada", "laptop")
    laptop.sends("<presence to='{room}/ada'><show>away</show></presence>")
    (gone,) = await laptop.hears_only(
        """<presence type='unavailable' from='{room}/ada'>
          <x xmlns='http://jabber.org/protocol/muc#user'>
            <item affiliation='none' role='none'><reason/></item>
          </x>
        </presence>"""
    )
    assert codes(gone) == [110, 307, 333]
    assert laptop.jid not in stage.gateway.rooms.of("", GroupId("g1")).room.seats


@pytest.mark.requirement("JOIN-13", "ADDR-05")
async def test_join_13_addresses_are_shown_to_everybody_where_nobody_is_anonymous(
    stage: Stage,
) -> None:
    ada, _ = await stage.seated("ada", "bao", "CYD")
    ada.sends(JOIN, nick="ada")
    bao, cyd, _ = await ada.receives(
        "<presence from='{room}/bao'/>", "<presence from='{room}/CYD'/>", "<presence id='j1'/>"
    )
    assert item(bao).get("jid") == "bao@example.org/phone"
    assert "/" in item(cyd).get("jid", "")  # ADDR-05: a full JID


@pytest.mark.requirement("G-003", "MOD-14", "CODE-100")
async def test_join_15_addresses_are_for_moderators_where_people_are_anonymous(
    stage: Stage,
) -> None:
    ada, bao = await stage.seated("ada:owner", "bao", "CYD", kind=GroupKind.ANONYMOUS)
    ada.sends(JOIN, nick="ada")
    shown = await ada.receives(
        "<presence from='{room}/bao'/>", "<presence from='{room}/CYD'/>", "<presence id='j1'/>"
    )
    assert all(item(presence).get("jid") for presence in shown)
    bao.sends(JOIN, nick="bao")
    shown = await bao.receives("<presence from='{room}/ada'/>", "<presence from='{room}/CYD'/>")
    assert not any(item(presence).get("jid") for presence in shown)
    (own,) = await bao.receives("<presence id='j1'/>")
    assert item(own).get("jid") == bao.jid
    assert codes(own) == [110]


async def _refused(stage: Stage, name: str, condition: str, kind: str, x: str = "") -> None:
    person = stage.person(name)
    person.sends(
        "<presence to='{room}/{name}' id='j1'><x xmlns='http://jabber.org/protocol/muc'>"
        f"{x}</x></presence>",
        name=name,
    )
    await person.hears_only(
        f"""<presence type='error' from='{{room}}/{name}' id='j1'>
          <x xmlns='http://jabber.org/protocol/muc'/>
          <error type='{kind}' by='{{room}}'>
            <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
          </error>
        </presence>"""
    )


@pytest.mark.requirement("JERR-01")
async def test_join_16_a_password_where_the_room_has_one(
    stage: Stage, network: FakeNetwork
) -> None:
    network.obeys("join_group")
    network.joins_nobody = True
    stage.group("ADA:owner", kind=GroupKind.PUBLIC, password="sesame")
    await _refused(stage, "bao", "not-authorized", "auth")
    await _refused(stage, "bao", "not-authorized", "auth", "<password>open</password>")
    await stage.person("bao").joins(x="<password>sesame</password>")


@pytest.mark.requirement("AMB-08", "JERR-01")
async def test_amb_08_a_password_where_an_old_example_has_it(
    stage: Stage, network: FakeNetwork
) -> None:
    network.joins_nobody = True
    stage.group("ADA:owner", kind=GroupKind.PUBLIC, password="sesame")
    bao = stage.person("bao")
    for password, kind in (("open", "error"), ("sesame", None)):
        bao.sends(
            """<presence to='{room}/bao' id='j1'><x xmlns='http://jabber.org/protocol/muc'/>
            <x xmlns='http://jabber.org/protocol/muc#user'><password>{password}</password></x>
            </presence>""",
            password=password,
        )
        (own,) = await bao.receives("<presence from='{room}/bao' id='j1'/>")
        assert own.get("type") == kind


@pytest.mark.requirement("JOIN-17", "ROLE-03")
async def test_join_17_who_is_on_the_list_only_is_let_in_by_the_network(
    stage: Stage, network: FakeNetwork
) -> None:
    network.joins_nobody = True
    network.holds("join_group")
    stage.group("ada:owner", "bao")
    members = network.groups[GroupId("g1")].members
    members[MemberId("bao")] = replace(members[MemberId("bao")], present=False, role=Role.NONE)
    bao = stage.person("bao")
    bao.sends(JOIN, nick="bao")
    (await network.is_asked("join_group", "g1", "")).agrees()
    (own,) = await bao.receives("<presence from='{room}/bao' id='j1'/>")
    assert (item(own).get("affiliation"), item(own).get("role")) == ("member", "participant")


@pytest.mark.requirement("JOIN-22", "JERR-08")
async def test_join_22_a_full_group_may_have_room_later(stage: Stage, network: FakeNetwork) -> None:
    network.holds("join_group")
    stage.group("ADA:owner", kind=GroupKind.PUBLIC)
    bao = stage.person("bao")
    bao.sends(JOIN, nick="bao")
    (await network.is_asked("join_group", "g1", "")).refuses("service-unavailable", "Full.")
    await bao.receives(
        """<presence type='error' from='{room}/bao' id='j1'><error type='wait' by='{room}'>
        <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"""
    )


@pytest.mark.requirement("JERR-06")
async def test_join_17_members_only(stage: Stage, network: FakeNetwork) -> None:
    network.joins_nobody = True
    stage.group("ADA:owner", kind=GroupKind.PRIVATE)
    await _refused(stage, "bao", "registration-required", "auth")


@pytest.mark.requirement("JERR-02")
async def test_join_18_the_banned_stay_out(stage: Stage) -> None:
    stage.group("ADA:owner", "bao:outcast")
    await _refused(stage, "bao", "forbidden", "auth")


@pytest.mark.requirement("JERR-07", "AMB-09")
async def test_join_19_a_nickname_of_somebody_else(stage: Stage) -> None:
    stage.group("ADA:owner", "bao")
    bao = stage.person("bao")
    bao.sends(JOIN, nick="ADA")
    await bao.hears_only(
        """<presence type='error' from='{room}/ADA' id='j1'>
          <error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>
        </presence>"""
    )


@pytest.mark.requirement("CODE-210", "A-010", "ADDR-03")
@pytest.mark.parametrize("nick", ["\u200b", " \u00a0 "])
async def test_join_20_a_nickname_that_cannot_be_is_another(stage: Stage, nick: str) -> None:
    stage.group("ada")
    ada = stage.person("ada")
    ada.sends(JOIN, nick=nick)
    (own,) = await ada.receives("<presence from='{room}/ada' id='j1'/>")
    assert codes(own) == [110, 100, 210]


@pytest.mark.requirement("JOIN-20", "JOIN-25", "A-239")
async def test_join_20_what_the_network_makes_of_a_nickname_is_told(
    stage: Stage, network: FakeNetwork
) -> None:
    stage.group("ada")
    ada = stage.person("ada")
    ada.sends(JOIN, nick="Countess")
    asked = await network.is_asked("change_nick", "g1", "Countess")
    await ada.hears_nothing()
    asked.agrees("Countess_1")
    (own,) = await ada.receives("<presence from='{room}/Countess_1' id='j1'/>")
    assert 210 in codes(own)


@pytest.mark.requirement("TRAP-02", "JOIN-21", "NICK-08")
async def test_join_21_a_second_client_sits_on_the_same_occupant(stage: Stage) -> None:
    ada, bao = await stage.seated("ada", "bao")
    laptop = stage.person("ada", "laptop")
    laptop.sends(JOIN, nick="ada")
    await laptop.hears_only(
        "<presence from='{room}/bao'/>",
        "<presence from='{room}/ada' id='j1'/>",
        "<message type='groupchat'><subject/></message>",
    )
    await ada.hears_nothing()
    await bao.hears_nothing()


@pytest.mark.requirement("JERR-08")
async def test_join_22_a_full_room(stage: Stage) -> None:
    stage.group("ADA", "bao", "cyd:owner", max_users=1)
    await _refused(stage, "bao", "service-unavailable", "wait")
    await stage.person("cyd").joins()


@pytest.mark.requirement("JERR-03", "JERR-04", "CREATE-02")
@pytest.mark.parametrize(
    ("condition", "kind"), [("item-not-found", "cancel"), ("not-allowed", "cancel")]
)
async def test_join_24_a_group_that_is_not_there_and_may_not_be_made(
    stage: Stage, network: FakeNetwork, condition: str, kind: str
) -> None:
    ada = stage.person("ada")
    ada.sends(JOIN, nick="ada")
    asked = await network.is_asked("create_group", "g1")
    asked.refuses(condition, "Not here.")
    await ada.hears_only(
        f"""<presence type='error' from='{{room}}/ada' id='j1'><error type='{kind}' by='{{room}}'>
          <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
          <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Not here.</text>
        </error></presence>"""
    )


@pytest.mark.requirement("CREATE-01", "CODE-201")
async def test_create_01_joining_makes_a_group(stage: Stage, network: FakeNetwork) -> None:
    network.obeys("create_group")
    ada = stage.person("ada")
    ada.sends(JOIN, nick="ada")
    (own,) = await ada.receives(
        """<presence from='{room}/ada' id='j1'>
          <x xmlns='http://jabber.org/protocol/muc#user'>
            <item affiliation='owner' role='moderator'/></x></presence>"""
    )
    assert {110, 201} <= set(codes(own))


@pytest.mark.requirement("JOIN-28")
async def test_join_28_the_user_is_logged_out_of_the_network(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada")
    stage.group("ada", id="g2")
    (session,) = stage.gateway.sessions()
    await session.logout()
    ada.sends(JOIN, nick="ada", room=f"g2@{DOMAIN}")
    await ada.hears_only(
        """<presence type='error'><error type='wait'>
          <recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
        </error></presence>"""
    )


@pytest.mark.requirement("GW-04")
async def test_join_28_the_network_does_not_let_them_in_at_all(
    stage: Stage, network: FakeNetwork
) -> None:
    stage.group("ada")
    network.refused_logins.add(UserId("ada@example.org"))
    await _refused(stage, "ada", "not-authorized", "auth")


async def test_join_a_user_who_is_not_allowed_learns_nothing(stage: Stage) -> None:
    stage.group("ada")
    eve = stage.person("eve", domain="evil.example")
    for room in ("g1", "nothing"):
        eve.sends(JOIN, nick="eve", room=f"{room}@{DOMAIN}")
    (one, two) = await eve.hears_only(
        "<presence type='error'><error type='cancel'>"
        "<not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
        "<presence type='error'><error type='cancel'>"
        "<not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
    )
    assert [e.get("type") for e in (one, two)] == ["error", "error"]


@pytest.mark.requirement("JOIN-02", "A-078", "A-121")
async def test_join_02_what_happens_meanwhile_is_told_after_the_subject_and_once(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "bao", "CYD", "DAN", but="bao")
    bao = stage.person("bao")
    network.obeys("change_nick")
    # the join waits for the history, which the network is slow to give
    live = stage.gateway.rooms.of("", GroupId("g1"))
    live.history_known = False
    network.holds("history")
    bao.sends(JOIN, nick="bao")
    held = await network.is_asked("history", "g1")
    await network.tells(MessagePosted(group=GroupId("g1"), message=network.message("CYD", "One")))
    await network.tells(MemberLeft(group=GroupId("g1"), id=MemberId("DAN")))
    await ada.receives(
        "<presence from='{room}/bao'/>",
        "<message from='{room}/CYD'><body>One</body></message>",
        "<presence type='unavailable' from='{room}/DAN'/>",
    )
    held.agrees()
    heard = await bao.hears_only(
        "<presence from='{room}/ada'/>",
        "<presence from='{room}/CYD'/>",
        "<presence from='{room}/DAN'/>",
        "<presence from='{room}/bao' id='j1'/>",
        "<message from='{room}/CYD'><body>One</body><delay xmlns='urn:xmpp:delay'/></message>",
        "<message type='groupchat'><subject/></message>",
        "<presence type='unavailable' from='{room}/DAN'/>",
    )
    assert len([s for s in heard if s.find("{*}body") is not None]) == 1


async def test_join_02_a_message_that_history_leaves_out_comes_live(
    stage: Stage, network: FakeNetwork
) -> None:
    await stage.seated("ada", "bao", "CYD", but="bao")
    bao = stage.person("bao")
    live = stage.gateway.rooms.of("", GroupId("g1"))
    live.history_known = False
    network.holds("history")
    bao.sends(
        "<presence to='{room}/bao' id='j1'><x xmlns='http://jabber.org/protocol/muc'>"
        "<history maxchars='5'/></x></presence>"
    )
    held = await network.is_asked("history", "g1")
    await network.tells(MessagePosted(group=GroupId("g1"), message=network.message("CYD", "One")))
    await stage.person("ada").receives("<message><body>One</body></message>")
    held.agrees()
    heard = await bao.receives(
        "<message type='groupchat'><subject/></message>",
        "<message from='{room}/CYD'><body>One</body></message>",
    )
    lacks(heard[1], "delay[@from='{room}']")
    await bao.hears_nothing()


@pytest.mark.requirement("SVC-05")
async def test_svc_05_a_burst_of_a_thousand_joins_is_told_and_counted(stage: Stage) -> None:
    stage.group("ada")
    stage.refills_nothing()
    ada = stage.person("ada")
    for _ in range(1000):
        ada.sends(JOIN, nick="ada")
    heard = await ada.has_heard()
    refused = [s for s in heard if s.get("type") == "error"]
    assert len([s for s in heard if s.get("id") == "j1"]) == 1000
    assert len(refused) == stage.gateway.rates.refused["joins"] == 400
    assert all(s.find("{*}error/{*}resource-constraint") is not None for s in refused)
    bao = stage.person("bao")
    bao.sends("<iq type='get' id='p' to='{room}'><ping xmlns='urn:xmpp:ping'/></iq>")
    await bao.receives("<iq id='p'/>")


async def test_join_03_every_member_of_a_large_room_is_shown_once(stage: Stage) -> None:
    stage.group("ada", *(f"M{n}" for n in range(2000)))
    ada = stage.person("ada")
    ada.sends(JOIN, nick="ada")
    await ada.receives("<message type='groupchat'><subject/></message>")
    presences = [
        s for s in stage.wire.stanzas if s.tag.endswith("}presence") and "@" in s.get("from", "")
    ]
    assert len(presences) == 2001
