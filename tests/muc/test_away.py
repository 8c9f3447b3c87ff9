"""A new affiliation of somebody who is not in the room just now (XEP-0045 §18.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from legacy_backend import Affiliation, MemberId
from legacy_backend.events import Departure, MemberChanged, MemberLeft
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, admin
from tests.muc.reading import codes, item, lacks
from tests.muc.saying import G1
from tests.stage import Stage, member

TOLD = """<message from='{room}' to='bao@example.org'>
  <x xmlns='http://jabber.org/protocol/muc#user'>
    <item affiliation='{rank}' role='none' jid='bao@example.org'/><status code='101'/></x>
</message>"""


@pytest.mark.parametrize("first", ["event", "answer"])
@pytest.mark.parametrize("rank", ["owner", "admin", "none", "outcast"])
@pytest.mark.requirement("CODE-101", "SVC-03", "AMB-07", "OWN-02", "XML-06")
async def test_svc_03_a_user_who_is_away_is_told_once(
    stage: Stage, network: FakeNetwork, first: str, rank: str
) -> None:
    ada, _ = await stage.seated("ada:owner", "bao", "CYD")
    bao = stage.person("bao")
    bao.sends("<presence to='{room}/bao' type='unavailable'/>")
    for person in (ada, bao):
        await person.has_heard()
    ada.sends(admin(f"<item jid='bao@example.org' affiliation='{rank}'><reason>So</reason></item>"))
    wanted = Affiliation[rank.upper()]
    asked = await network.is_asked("set_affiliation", "g1", "bao", wanted, "So")
    await bao.hears_nothing()
    event = MemberChanged(group=G1, member=replace(member("bao"), affiliation=wanted))
    left = MemberLeft(
        group=G1,
        id=MemberId("bao"),
        how=Departure.BANNED if rank == "outcast" else Departure.REMOVED,
    )
    news = left if rank in ("none", "outcast") else event
    if first == "event":
        await network.tells(news)
    await stage.settled()
    asked.agrees()
    await stage.settled()
    if first == "answer":
        await network.tells(news)
    (told,) = await bao.hears_only(TOLD, rank=rank)
    assert codes(told) == [101]
    assert item(told).findtext("{*}reason") == "So"
    lacks(told, "body")
    await ada.hears_only(RESULT)


@pytest.mark.requirement("CODE-101")
async def test_code_101_it_is_for_those_who_are_away(stage: Stage, network: FakeNetwork) -> None:
    _, bao = await stage.seated("ada:owner", "bao", "CYD")
    changed = replace(member("bao"), affiliation=Affiliation.ADMIN)
    await network.tells(MemberChanged(group=G1, member=changed))
    changed = replace(member("CYD"), affiliation=Affiliation.ADMIN)
    await network.tells(MemberChanged(group=G1, member=changed))
    await network.tells(MemberLeft(group=G1, id=MemberId("CYD")))
    heard = await bao.has_heard()
    assert {stanza.tag.partition("}")[2] for stanza in heard} == {"presence"}
