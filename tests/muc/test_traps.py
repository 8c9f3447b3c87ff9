"""What other gateways have stumbled over, and no other test of ours is about."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import os
import sqlite3
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from legacy_backend import Member, MemberId, Picture
from legacy_backend.events import MemberJoined, MemberLeft, MessagePosted
from tests.fake_network import FakeAccount, FakeNetwork
from tests.muc.pictures import png
from tests.muc.reading import codes, find, lacks, stanza_id
from tests.muc.saying import G1
from tests.stage import DOMAIN, Person, Stage, on_stage

JOIN = "<presence to='{room}/ada' id='j1'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
SPLIT = 2_000
CROWD = 20_000
MANY_ROOMS = int(os.environ.get("TRAP_ROOMS") or 3_000)
KIB_A_ROOM = 40
"""What a room that nobody has joined may take of the memory."""


@pytest.mark.requirement("TRAP-01")
async def test_trap_01_who_is_here_comes_first_and_oneself_with_110_last(stage: Stage) -> None:
    await stage.seated("ada", "bao", "CYD", but="ada")
    ada = stage.person("ada")
    ada.sends(JOIN)
    heard = [s for s in await ada.has_heard() if s.tag.endswith("}presence")]
    heard = [s for s in heard if s.get("from", "").startswith(stage.room)]
    assert all(s.get("from", "").partition("/")[2] for s in heard)
    assert [110 in codes(s) for s in heard] == [False, False, True]
    assert heard[-1].get("from") == f"{stage.room}/ada"


@pytest.mark.parametrize("to", ["{room}", "{gw}"])
@pytest.mark.requirement("TRAP-01")
async def test_trap_01_a_room_and_the_service_are_conferences(stage: Stage, to: str) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(f"""<iq type='get' id='d' to='{to}'>
        <query xmlns='http://jabber.org/protocol/disco#info'/></iq>""")
    (answer,) = await ada.receives("<iq type='result' id='d'/>")
    identities = answer.findall(".//{http://jabber.org/protocol/disco#info}identity")
    assert "conference" in [one.get("category") for one in identities]


@pytest.mark.parametrize(
    ("ident", "origin"),
    [("id='m1'", "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>"), ("id='m1'", ""), ("", "")],
)
@pytest.mark.requirement("TRAP-06")
async def test_trap_06_one_knows_ones_own_message_by_whatever_it_had(
    stage: Stage, network: FakeNetwork, ident: str, origin: str
) -> None:
    network.obeys("send")
    (ada,) = await stage.seated("ada")
    ada.sends(f"<message to='{{room}}' type='groupchat' {ident}><body>A</body>{origin}</message>")
    (own,) = await ada.hears_only(
        "<message from='{room}/ada' type='groupchat'><body>A</body></message>"
    )
    assert own.get("id") == ("m1" if ident else stanza_id(own))
    if origin:
        assert find(own, "origin-id").get("id") == "o1"
    else:
        lacks(own, "origin-id")
    lacks(own, "delay")


@pytest.mark.requirement("TRAP-07")
async def test_trap_07_an_archive_is_read_beside_four_hundred_pictures(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()
    person = FakeAccount.person

    async def slow(self: FakeAccount, member: MemberId) -> Member:
        await gate.wait()
        return await person(self, member)

    monkeypatch.setattr(FakeAccount, "person", slow)
    network.has_group(
        G1,
        *(
            Member(id=MemberId(f"M{n}"), name=f"M{n}", picture=Picture("p1", png()))
            for n in range(400)
        ),
        Member(id=MemberId("ada"), name="ada"),
    )
    ada = stage.person("ada")
    await ada.joins()
    for n in range(400):
        ada.sends(f"<iq type='get' id='v{n}' to='{{room}}/M{n}'><vCard xmlns='vcard-temp'/></iq>")
    ada.sends("<iq type='set' id='mam' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
    await ada.receives("<iq type='result' id='mam'/>")
    gate.set()
    for n in range(400):
        await ada.receives(f"<iq type='result' id='v{n}'><vCard xmlns='vcard-temp'/></iq>")


@pytest.mark.slow
@pytest.mark.requirement("TRAP-14")
async def test_trap_14_two_thousand_go_at_once_and_come_back(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", *(f"M{n}" for n in range(SPLIT)))
    live = stage.gateway.rooms.of("", G1)
    before = {nick: person.id for nick, person in live.room.nicks.items()}
    for n in range(SPLIT):
        await network.tells(MemberLeft(group=G1, id=MemberId(f"M{n}")))
    gone = await ada.has_heard()
    assert _from(gone, "unavailable") == [f"M{n}" for n in range(SPLIT)]
    assert len(live.room.nicks) == 1

    for n in range(SPLIT):
        back = Member(id=MemberId(f"M{n}"), name=f"M{n}")
        await network.tells(MemberJoined(group=G1, member=back))
    assert _from(await ada.has_heard(), None) == [f"M{n}" for n in range(SPLIT)]
    assert {nick: person.id for nick, person in live.room.nicks.items()} == before


@pytest.mark.slow
@pytest.mark.requirement("TRAP-14")
async def test_trap_14_a_room_of_twenty_thousand(stage: Stage, network: FakeNetwork) -> None:
    stage.group("ada", *(f"M{n}" for n in range(CROWD)))
    ada = stage.person("ada")
    ada.sends(JOIN)
    heard = await ada.has_heard()
    assert len(_from(heard, None)) == CROWD + 1
    await network.tells(MessagePosted(group=G1, message=network.message("M7", "Hello")))
    await ada.receives("<message from='{room}/M7'><body>Hello</body></message>")


@pytest.mark.slow
@pytest.mark.timeout(300 + MANY_ROOMS // 25)
@pytest.mark.requirement("TRAP-14")
async def test_trap_14_one_of_thousands_of_rooms_is_there_at_once(
    stage: Stage, network: FakeNetwork, caplog: pytest.LogCaptureFixture
) -> None:
    """The first login: all rooms are made while one of them is joined."""
    for n in range(MANY_ROOMS):
        stage.group("ada", id=f"r{n}", name="One of many")
    before = _memory_kib()
    ada = stage.person("ada")
    await ada.joins(room=f"r{MANY_ROOMS - 1}@{DOMAIN}")
    session = stage.gateway.known_session(ada.bare)
    assert not session.bookmarks.ready.done()
    await session.bookmarks.ready
    assert await _listed(ada) == {f"r{n}@{DOMAIN}" for n in range(MANY_ROOMS)}
    taken = (_memory_kib() - before) / MANY_ROOMS
    print(f"\n{MANY_ROOMS} rooms, {taken:.1f} KiB each")
    assert taken < KIB_A_ROOM
    assert "locked" not in caplog.text


async def _listed(ada: Person) -> set[str]:
    """All rooms that the service has for somebody, page by page."""
    found: set[str] = set()
    after = ""
    while True:
        ada.sends(f"""<iq type='get' id='i' to='{{gw}}'>
            <query xmlns='http://jabber.org/protocol/disco#items'>
              <set xmlns='http://jabber.org/protocol/rsm'>{after}</set></query></iq>""")
        (answer,) = await ada.receives("<iq type='result' id='i'/>")
        items = [item.get("jid", "") for item in answer[0] if item.tag.endswith("}item")]
        if not items:
            return found
        assert found.isdisjoint(items)
        found.update(items)
        after = f"<after>{items[-1]}</after>"


def _memory_kib() -> int:
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


@pytest.mark.slow
@pytest.mark.timeout(300 + MANY_ROOMS // 25)
@pytest.mark.requirement("TRAP-14")
async def test_trap_14_thousands_of_rooms_after_a_restart(tmp_path: Path, database: Path) -> None:
    async with on_stage(tmp_path, database) as stage:
        stage.group("ada", id="r0", name="One of many")
        await stage.person("ada").joins(room="r0@{gw}")
    await asyncio.to_thread(_multiply, tmp_path / "sluice.sqlite")
    async with on_stage(tmp_path, database) as stage:
        for n in range(MANY_ROOMS):
            stage.group("ada", id=f"r{n}", name="One of many")
        stage.group("bao")
        await stage.starts()
        await stage.person("bao").joins()
        ada = stage.person("ada")
        await ada.joins(room=f"r{MANY_ROOMS - 1}@{DOMAIN}")
        ada.sends("""<iq type='get' id='i' to='{gw}'>
            <query xmlns='http://jabber.org/protocol/disco#items'/></iq>""")
        (answer,) = await ada.receives("<iq type='result' id='i'/>")
        assert find(answer, "count").text == str(MANY_ROOMS)
        assert len(answer[0]) == 101  # a page of them, and where it stands


def _multiply(file: Path) -> None:
    """Have the database hold ada's room so many times, as years of use would have it."""
    with contextlib.closing(sqlite3.connect(file)) as db, db:
        rooms = [(n + 1, f"r{n}") for n in range(1, MANY_ROOMS)]
        db.executemany(
            "INSERT INTO sluice_room SELECT ?1, owner, ?2, ?2, state FROM sluice_room WHERE id = 1",
            rooms,
        )
        db.executemany(
            "INSERT INTO sluice_occupant SELECT ?1, member_id, nick, state FROM sluice_occupant"
            " WHERE room_id = 1 AND ?2 != ''",
            rooms,
        )


@pytest.mark.requirement("TRAP-15")
async def test_trap_15_what_the_gateway_says_comes_back_and_ends_there(
    stage: Stage, network: FakeNetwork
) -> None:
    """Another gateway that answers all it is sent with errors, or with the same again."""
    network.obeys("send")
    (ada,) = await stage.seated("ada", "bao", but="bao")
    bao = stage.person("bao")
    bao.sends("<message to='{room}' type='groupchat' id='m1'><body>Hello</body></message>")
    bao.sends("<iq to='nobody@{gw}' type='get' id='q'><query xmlns='urn:example:no'/></iq>")
    ada.sends("<message to='{room}' type='groupchat' id='m2'><body>Hello</body></message>")
    await stage.settled()
    wire = stage.wire.stanzas
    assert wire
    for _ in range(10):
        said = list(wire)
        wire.clear()
        for stanza in said:
            stage.gateway._spawn_event(_thrown_back(stanza))
        await stage.settled()
        if not wire:
            return
    pytest.fail(f"there is no end: {[ET.tostring(s) for s in wire]}")


def _thrown_back(stanza: ET.Element) -> ET.Element:
    """The same, from the gateway's own domain, as a server routes what is addressed to it."""
    back = copy.deepcopy(stanza)
    back.set("from", stanza.get("from", ""))
    back.set("to", stanza.get("from", ""))
    return back


@pytest.mark.requirement("TRAP-15")
async def test_trap_15_what_the_network_tells_of_ones_own_message_is_no_news(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("<message to='{room}' type='groupchat' id='m1'><body>Hello</body></message>")
    (await network.is_asked("send", "g1", "Hello")).agrees("m100")
    told = network.message("ada", "Hello", id="m100")
    for _ in range(3):
        await network.tells(MessagePosted(group=G1, message=told))
    for person in (ada, bao):
        await person.hears_only("<message from='{room}/ada' id='m1'><body>Hello</body></message>")
    network.was_not_asked()


def _from(stanzas: list[ET.Element], kind: str | None) -> list[str]:
    """The nicknames from which presences of this type have come."""
    return [
        s.get("from", "").partition("/")[2]
        for s in stanzas
        if s.tag.endswith("}presence") and s.get("type") == kind and "@" in s.get("from", "")
    ]
