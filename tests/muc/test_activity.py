"""Hearing that something was said in rooms that one is not in (XEP-0437)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from legacy_backend import GroupId, GroupKind
from legacy_backend.events import MemberLeft, MessagePosted
from legacy_backend.terms import MemberId, MessageId
from tests.stage import DOMAIN, Person, Stage, on_stage

WANTS = "<presence to='{gw}'><rai xmlns='urn:xmpp:rai:0'/></presence>"
LEAVES = "<presence to='{room}/bao' type='unavailable'/>"


async def said(stage: Stage, group: str = "g1") -> None:
    now = datetime.now(tz=UTC)
    message = stage.network.message("CYD", "Hello", at=now, id=MessageId(now.isoformat()))
    await stage.network.tells(MessagePosted(group=GroupId(group), message=message))
    await stage.settled()


async def told(person: Person) -> list[list[str]]:
    """The rooms that each notification names."""
    found = [s for s in await person.has_heard() if s.find("{urn:xmpp:rai:0}rai") is not None]
    assert all(s.get("from") == DOMAIN for s in found)
    return [[a.text or "" for a in stanza.iter("{urn:xmpp:rai:0}activity")] for stanza in found]


async def left(stage: Stage, **config: object) -> Person:
    """A member who was in the room."""
    _, bao = await stage.seated("ada", "bao", "CYD", **config)
    bao.sends(LEAVES)
    await bao.has_heard()
    return bao


@pytest.mark.requirement("ALSO-07")
async def test_also_07_told_once_of_what_is_said_while_away(stage: Stage) -> None:
    bao = await left(stage)
    await said(stage)
    assert await told(bao) == []
    bao.sends(WANTS)
    assert await told(bao) == [[stage.room]]
    await said(stage)
    assert await told(bao) == []
    bao.sends(WANTS)  # a client that has restarted
    assert await told(bao) == [[stage.room]]


@pytest.mark.requirement("ALSO-07")
async def test_also_07_told_as_it_happens_and_not_of_rooms_they_are_in(stage: Stage) -> None:
    bao = await left(stage)
    ada = stage.person("ada")
    for person in (ada, bao):
        person.sends(WANTS)
        assert await told(person) == []
    await said(stage)
    assert await told(bao) == [[stage.room]]
    assert await told(ada) == []
    await said(stage)
    assert await told(bao) == []


@pytest.mark.requirement("ALSO-07")
@pytest.mark.parametrize(
    "ends",
    [
        "<presence to='{gw}' type='unavailable'/>",
        "<presence to='{gw}' type='error'/>",
        "<message to='{gw}' type='error'/>",
    ],
)
async def test_also_07_until_they_are_gone(stage: Stage, ends: str) -> None:
    bao = await left(stage)
    bao.sends(WANTS)
    assert await told(bao) == []
    bao.sends(ends)
    await said(stage)
    assert await told(bao) == []


@pytest.mark.requirement("ALSO-07")
async def test_also_07_nothing_of_rooms_they_may_not_join(stage: Stage) -> None:
    bao = await left(stage)
    eve = stage.person("eve")
    eve.sends(WANTS)
    bao.sends(WANTS)
    await stage.settled()
    await stage.network.tells(MemberLeft(group=GroupId("g1"), id=MemberId("bao")))
    await stage.settled()
    await said(stage)
    assert await told(bao) == []
    assert await told(eve) == []


async def test_also_07_each_room_for_itself(stage: Stage) -> None:
    bao = await left(stage)
    stage.group("bao", "CYD", id="g2", kind=GroupKind.PUBLIC)
    await bao.joins(room=f"g2@{DOMAIN}")
    bao.sends(LEAVES.replace("{room}", f"g2@{DOMAIN}"))
    bao.sends(WANTS)
    assert await told(bao) == []
    await said(stage, "g2")
    assert await told(bao) == [[f"g2@{DOMAIN}"]]
    await said(stage)
    assert await told(bao) == [[stage.room]]


async def test_also_07_so_many_clients_and_no_more(stage: Stage) -> None:
    bao = await left(stage)
    clients = [stage.person("bao", f"c{number}") for number in range(21)]
    for client in clients:
        client.sends(WANTS)
        await stage.settled()
    await said(stage)
    assert [len(await told(client)) for client in clients] == [0, *[1] * 20]
    assert await told(bao) == []


@pytest.mark.requirement("ALSO-07")
async def test_also_07_when_somebody_left_is_known_after_a_restart(
    tmp_path: Path, database: Path
) -> None:
    async with on_stage(tmp_path, database) as stage:
        bao = await left(stage)
        await said(stage)
        bao.sends(LEAVES)
        await bao.joins()
        bao.sends(LEAVES)
        await stage.settled()
    async with on_stage(tmp_path, database) as stage:
        stage.group("ada", "bao", "CYD")
        await stage.starts()
        bao = stage.person("bao")
        bao.sends(WANTS)
        assert await told(bao) == []
        await said(stage)
        assert await told(bao) == [[stage.room]]


async def test_also_07_the_service_says_so(stage: Stage) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends("""<iq type='get' id='d' to='{gw}'>
      <query xmlns='http://jabber.org/protocol/disco#info'/></iq>""")
    await ada.receives("""<iq id='d'><query xmlns='http://jabber.org/protocol/disco#info'>
      <feature var='urn:xmpp:rai:0'/></query></iq>""")
