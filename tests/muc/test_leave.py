"""Leaving a room, and having gone without a word (XEP-0045 §7.14, §18.1.2)."""

from __future__ import annotations

from typing import Any

import pytest
from slixmpp.plugins.xep_0356.permissions import IqPermission

from gateway.link.privileges import Granted
from legacy_backend import GroupId
from legacy_backend.events import Departure, MemberLeft
from legacy_backend.terms import MemberId
from tests.fake_network import FakeNetwork
from tests.muc.reading import codes, item
from tests.stage import Stage


@pytest.mark.requirement("EXIT-01", "EXIT-02", "EXIT-03", "EXIT-04", "EXIT-05", "ROLE-02")
async def test_exit_01_leaving_is_shown_to_oneself_and_to_the_others(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada:admin", "bao")
    ada.sends("<presence to='{room}/ada' type='unavailable'><status>Bye</status></presence>")
    (own,) = await ada.hears_only(
        """<presence type='unavailable' from='{room}/ada'><status>Bye</status>
        <x xmlns='http://jabber.org/protocol/muc#user'>
          <item affiliation='admin' role='none' jid='{ada}'/><status code='110'/>
        </x></presence>"""
    )
    assert codes(own) == [110]
    (seen,) = await bao.hears_only(
        """<presence type='unavailable' from='{room}/ada'><status>Bye</status>
        <x xmlns='http://jabber.org/protocol/muc#user'>
          <item affiliation='admin' role='none'/></x></presence>"""
    )
    assert codes(seen) == []
    network.was_not_asked()


@pytest.mark.requirement("TRAP-02", "EXIT-03", "JOIN-21")
async def test_exit_03_one_client_of_several_leaves_and_the_others_stay(stage: Stage) -> None:
    ada, bao = await stage.seated("ada", "bao")
    laptop = stage.person("ada", "laptop")
    await laptop.joins()
    await laptop.has_heard()

    laptop.sends("<presence to='{room}/ada' type='unavailable'/>")

    (own,) = await laptop.hears_only("<presence type='unavailable' from='{room}/ada'/>")
    assert codes(own) == [110]
    await ada.hears_nothing()
    await bao.hears_nothing()
    ada.sends("<iq type='get' id='p' to='{room}/ada'><ping xmlns='urn:xmpp:ping'/></iq>")
    await ada.receives("<iq type='result' id='p'/>")

    ada.sends("<presence to='{room}/ada' type='unavailable'/>")
    await bao.hears_only("<presence type='unavailable' from='{room}/ada'/>")


@pytest.mark.parametrize("to", ["{room}/bao", "{room}"])
@pytest.mark.requirement("EXIT-06")
async def test_exit_06_leaving_without_having_joined_is_ignored(stage: Stage, to: str) -> None:
    ada, bao = await stage.seated("ada", "bao")
    stage.person("bao", "laptop").sends(f"<presence to='{to}' type='unavailable'/>")
    await ada.hears_nothing()
    await bao.hears_nothing()
    await stage.person("bao", "laptop").hears_nothing()


@pytest.mark.parametrize("to", ["{room}", "{room}/bao", "{room}/nobody"])
@pytest.mark.requirement("EXIT-07")
async def test_exit_07_leaving_by_another_address_is_leaving(stage: Stage, to: str) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(f"<presence to='{to}' type='unavailable'/>")
    await ada.receives("<presence type='unavailable' from='{room}/ada'/>")
    await bao.receives("<presence type='unavailable' from='{room}/ada'/>")


async def test_exit_08_the_room_stays_when_everybody_has_left(stage: Stage) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends("<presence to='{room}/ada' type='unavailable'/>")
    await ada.receives("<presence type='unavailable'/>")
    ada.sends(
        "<iq type='get' id='d' to='{room}'>"
        "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
    )
    await ada.receives("<iq type='result' id='d'/>")


@pytest.mark.requirement("G-026")
async def test_exit_10_a_member_leaves_the_group(stage: Stage, network: FakeNetwork) -> None:
    ada, _ = await stage.seated("ada", "bao", "CYD")
    await network.tells(MemberLeft(group=GroupId("g1"), id=MemberId("CYD")))
    (seen,) = await ada.hears_only(
        """<presence type='unavailable' from='{room}/CYD'>
        <x xmlns='http://jabber.org/protocol/muc#user'>
          <item affiliation='none' role='none'/></x></presence>"""
    )
    assert codes(seen) == []


@pytest.mark.parametrize(
    ("how", "code", "affiliation"),
    [
        (Departure.KICKED, 307, "none"),
        (Departure.BANNED, 301, "outcast"),
        (Departure.REMOVED, 321, "none"),
    ],
)
@pytest.mark.requirement(
    "EXIT-11", "MOD-03", "BAN-03", "MEM-03", "G-027", "G-028", "AMB-05", "XML-02", "A-106"
)
async def test_exit_11_a_user_put_out_of_the_group_is_out_of_the_room(
    stage: Stage, network: FakeNetwork, how: Departure, code: int, affiliation: str
) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD:admin")
    laptop = stage.person("bao", "laptop")
    await laptop.joins()
    await network.tells(
        MemberLeft(
            group=GroupId("g1"), id=MemberId("bao"), how=how, by=MemberId("CYD"), reason="Enough"
        )
    )
    gone = f"""<presence type='unavailable' from='{{room}}/bao'>
        <x xmlns='http://jabber.org/protocol/muc#user'>
          <item affiliation='{affiliation}' role='none'>
            <actor nick='CYD'/><reason>Enough</reason>
          </item></x></presence>"""
    for client in (bao, laptop):
        (own,) = await client.receives(gone)
        assert sorted(codes(own)) == [110, code]
        await client.hears_nothing()
    (seen,) = await ada.hears_only(gone)
    assert codes(seen) == [code]
    bao.sends("<message to='{room}' type='groupchat' id='m'><body>Still here?</body></message>")
    await bao.receives("<message type='error' id='m'><error/></message>")
    network.was_not_asked()


@pytest.mark.requirement("EXIT-11", "G-016")
async def test_exit_11_the_group_is_no_more_in_their_bookmarks(
    stage: Stage, network: FakeNetwork
) -> None:
    _, bao = await stage.seated("ada", "bao")
    asked: list[Any] = []

    async def answer(iq: Any) -> None:
        asked.append(iq)

    privilege = stage.gateway.plugin["xep_0356"]
    granted = privilege.granted_privileges["example.org"] = Granted()
    granted.iq["http://jabber.org/protocol/pubsub"] = IqPermission.BOTH
    privilege.send_privileged_iq = answer
    await network.tells(
        MemberLeft(group=GroupId("g1"), id=MemberId("bao"), how=Departure.KICKED, reason="Enough")
    )
    await bao.receives("<presence type='unavailable' from='{room}/bao'/>")
    await stage.settled()
    (iq,) = asked
    assert iq["to"] == "bao@example.org"
    assert iq["pubsub"]["retract"]["node"] == "urn:xmpp:bookmarks:1"
    assert iq["pubsub"]["retract"]["item"]["id"] == stage.room


CONDITIONS = [
    "gone",
    "item-not-found",
    "recipient-unavailable",
    "redirect",
    "remote-server-not-found",
    "remote-server-timeout",
    "service-unavailable",
]
ERROR = (
    "<{kind} type='error' id='x' to='{to}'><error type='cancel'>"
    "<{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></{kind}>"
)


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("kind", ["message", "presence"])
@pytest.mark.requirement("GHOST-03", "AVAIL-05", "CODE-333", "AMB-06", "MSG-16", "SUB-12", "A-238")
async def test_ghost_01_a_seat_whose_stanzas_bounce_is_vacated(
    stage: Stage, kind: str, condition: str
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    to = stage.room + ("/bao" if kind == "presence" else "")
    ada.sends(ERROR, kind=kind, to=to, condition=condition)
    (seen,) = await bao.hears_only("<presence type='unavailable' from='{room}/ada'/>")
    assert codes(seen) == [333]
    (own,) = await ada.hears_only("<presence type='unavailable' from='{room}/ada'/>")
    assert sorted(codes(own)) == [110, 333]
    assert item(own).get("role") == "none"


@pytest.mark.requirement("GHOST-01", "MSG-16", "TRAP-04")
async def test_ghost_01_an_error_that_somebody_sends_who_is_there_changes_nothing(
    stage: Stage,
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(ERROR, kind="message", to=stage.room, condition="feature-not-implemented")
    ada.sends(ERROR, kind="message", to=f"{stage.room}/bao", condition="not-acceptable")
    stage.person("ada", "laptop").sends(ERROR, kind="message", to=stage.room, condition="gone")
    for person in (ada, bao, stage.person("ada", "laptop")):
        await person.hears_nothing()


@pytest.mark.requirement("GHOST-01", "JOIN-21")
async def test_ghost_01_only_the_client_that_bounces_loses_its_seat(stage: Stage) -> None:
    ada, bao = await stage.seated("ada", "bao")
    laptop = stage.person("ada", "laptop")
    await laptop.joins()
    laptop.sends(ERROR, kind="message", to=stage.room, condition="gone")
    await laptop.receives("<presence type='unavailable' from='{room}/ada'/>")
    await ada.hears_nothing()
    await bao.hears_nothing()


async def test_exit_01_a_client_that_left_gets_nothing_more(
    stage: Stage, network: FakeNetwork
) -> None:
    network.obeys("send")
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("<presence to='{room}/ada' type='unavailable'/>")
    await ada.receives("<presence type='unavailable'/>")
    bao.sends("<message to='{room}' type='groupchat' id='m'><body>Gone?</body></message>")
    await bao.receives("<message id='m'><body>Gone?</body></message>")
    await ada.hears_nothing()
