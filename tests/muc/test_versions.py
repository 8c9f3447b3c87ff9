"""Versions of who has which affiliation (XEP-0463)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from legacy_backend import Affiliation, GroupKind
from legacy_backend.events import Departure, MemberChanged, MemberJoined, MemberLeft
from legacy_backend.terms import MemberId
from tests.fake_network import FakeNetwork
from tests.muc.reading import find, lacks
from tests.muc.saying import G1
from tests.stage import Person, Stage, member, on_stage

MAV = "{urn:xmpp:muc:affiliations:1}mav"
ITEM = "{http://jabber.org/protocol/muc#user}item"


async def joins(person: Person, since: str | None = None) -> list[ET.Element]:
    """They join asking for a version; all that they are told."""
    known = "" if since is None else f"since='{since}'"
    person.sends(
        f"<presence to='{{room}}/{person.name}' id='j'><x xmlns='http://jabber.org/protocol/muc'>"
        f"<mav xmlns='urn:xmpp:muc:affiliations:1' {known}/></x></presence>"
    )
    return await person.has_heard()


def version(heard: list[ET.Element]) -> str:
    """What the self-presence says."""
    (own,) = [s for s in heard if s.find(".//{*}status[@code='110']") is not None]
    (mav,) = own.iter(MAV)
    assert mav.get("since") is None
    return mav.get("until", "")


def told(stanza: ET.Element) -> dict[str, str]:
    return {i.get("jid", ""): i.get("affiliation", "") for i in stanza.iter(ITEM)}


def leads(stanza: ET.Element) -> tuple[str | None, str]:
    (mav,) = stanza.iter(MAV)
    return mav.get("since"), mav.get("until", "")


async def _changes(network: FakeNetwork, who: str) -> None:
    await network.tells(MemberChanged(group=G1, member=member(who)))


@pytest.mark.requirement("MAV-01", "MAV-02", "MAV-03")
async def test_mav_02_the_whole_list_comes_before_any_presence(stage: Stage) -> None:
    (bao,) = await stage.seated("ada:owner", "bao", "CYD:admin", "EVE:outcast", but="ada")
    ada = stage.person("ada")
    heard = await joins(ada)
    first = heard[0]
    assert first.tag.endswith("}message")
    assert first.get("type") in (None, "normal")
    assert {jid.partition("@")[0].partition("-")[0]: a for jid, a in told(first).items()} == {
        "ada": "owner",
        "bao": "member",
        "cyd": "admin",
        "eve": "outcast",
    }
    assert leads(first) == (None, version(heard))
    assert sum(1 for s in heard for _ in s.iter(MAV)) == 2
    (seen,) = await bao.has_heard()
    assert seen.find(".//{http://jabber.org/protocol/muc}x") is None
    lacks(seen, "mav")


@pytest.mark.requirement("MAV-02", "MAV-03")
async def test_mav_02_only_what_is_new(stage: Stage, network: FakeNetwork) -> None:
    await stage.seated("ada:owner", "bao", "CYD", but="bao")
    bao = stage.person("bao")
    before = version(await joins(bao))
    bao.sends("<presence to='{room}/bao' type='unavailable'/>")
    await bao.has_heard()
    same = await joins(bao, before)
    assert same[0].tag.endswith("}presence")
    assert version(same) == before
    bao.sends("<presence to='{room}/bao' type='unavailable'/>")
    await bao.has_heard()
    await _changes(network, "CYD:admin")
    await network.tells(MemberJoined(group=G1, member=member("DAN")))
    await network.tells(MemberLeft(group=G1, id=MemberId("DAN"), how=Departure.LEFT))
    await network.tells(MemberJoined(group=G1, member=member("EVE")))
    await stage.settled()
    heard = await joins(bao, before)
    assert leads(heard[0]) == (before, version(heard))
    news = {jid.partition("@")[0].partition("-")[0]: a for jid, a in told(heard[0]).items()}
    assert news == {"cyd": "admin", "dan": "none", "eve": "member"}
    bao.sends("<presence to='{room}/bao' type='unavailable'/>")
    await bao.has_heard()
    unknown = await joins(bao, "made-up")
    assert leads(unknown[0]) == (None, version(heard))
    assert len(told(unknown[0])) == 4


@pytest.mark.requirement("MAV-04")
async def test_mav_04_changes_lead_from_version_to_version(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada:owner", "bao", "CYD", but="bao")
    bao = stage.person("bao")
    at = version(await joins(bao))
    await ada.has_heard()
    await _changes(network, "CYD:admin")
    (shown,) = await bao.has_heard()
    assert shown.tag.endswith("}presence")
    since, until = leads(shown)
    assert since == at != until
    away = replace(member("CYD:owner"), present=False)
    await network.tells(MemberChanged(group=G1, member=away))
    heard = await bao.has_heard()
    chain = [leads(s) for s in heard if list(s.iter(MAV))]
    assert chain[0][0] == until
    assert chain[-1][1] != until
    still_away = replace(member("CYD"), present=False)
    await network.tells(MemberChanged(group=G1, member=still_away))
    (message,) = await bao.has_heard()
    assert message.tag.endswith("}message")
    assert leads(message)[0] == chain[-1][1]
    assert list(told(message).values()) == ["member"]
    await _changes(network, "bao:admin")
    (own,) = await bao.has_heard()
    find(own, "status")
    await network.tells(
        MemberLeft(group=G1, id=MemberId("CYD"), how=Departure.BANNED, by=MemberId("ada"))
    )
    (banned,) = await bao.has_heard()
    assert list(told(banned).values()) == ["outcast"]
    await ada.has_heard()
    looks = replace(member("bao:admin"), status="Here")
    await network.tells(MemberChanged(group=G1, member=looks))
    for stanza in await ada.has_heard():
        lacks(stanza, "mav")


@pytest.mark.requirement("MAV-05")
async def test_mav_05_a_list_that_is_not_for_everybody(stage: Stage, network: FakeNetwork) -> None:
    await stage.seated("ada:owner", "bao", "EVE:outcast", but="bao", kind=GroupKind.ANONYMOUS)
    bao = stage.person("bao")
    heard = await joins(bao)
    no = heard[0]
    assert no.tag.endswith("}message")
    assert (no.get("type"), no.get("id"), no.get("from")) == ("error", "j", stage.room)
    assert find(no, "error").get("type") == "auth"
    find(no, "forbidden")
    assert any(s.find(".//{*}status[@code='110']") is not None for s in heard)
    assert not any(list(s.iter(MAV)) for s in heard)
    await _changes(network, "ada:admin")
    for stanza in await bao.has_heard():
        lacks(stanza, "mav")


@pytest.mark.requirement("MAV-02", "MAV-04", "MAV-05")
async def test_mav_05_who_is_banned_is_for_admins(stage: Stage, network: FakeNetwork) -> None:
    await stage.seated("ada:owner", "bao", "CYD", "EVE:outcast", but="bao")
    bao = stage.person("bao")
    heard = await joins(bao)
    at = version(heard)
    assert "outcast" not in told(heard[0]).values()
    unbanned = replace(member("EVE"), affiliation=Affiliation.OUTCAST, name="Eve")
    await network.tells(MemberChanged(group=G1, member=unbanned))
    await bao.hears_nothing()
    await network.tells(MemberLeft(group=G1, id=MemberId("CYD"), how=Departure.BANNED))
    (shown,) = await bao.has_heard()
    assert leads(shown)[0] == at


@pytest.mark.requirement("MAV-02", "MAV-03", "MAV-04")
async def test_mav_03_versions_outlast_the_process(tmp_path: Path, database: Path) -> None:
    async with on_stage(tmp_path, database) as stage:
        await stage.seated("ada:owner", "bao", "CYD", but="bao")
        bao = stage.person("bao")
        at = version(await joins(bao))
        await stage.settled()
    async with on_stage(tmp_path, database) as stage:
        stage.group("ada:owner", "bao", "CYD")
        await stage.starts()
        bao = stage.person("bao")
        await _changes(stage.network, "CYD:admin")
        (shown,) = [s for s in await bao.has_heard() if list(s.iter(MAV))]
        assert leads(shown)[0] == at
        await _changes(stage.network, "CYD")
        await bao.has_heard()
        assert version(await joins(bao, at)) == at


async def test_mav_02_a_long_list_comes_in_parts(stage: Stage) -> None:
    await stage.seated("ada:owner", *(f"P{n}" for n in range(1200)))
    laptop = stage.person("ada", "laptop")
    laptop.name = "ada"
    heard = await joins(laptop)
    parts = [s for s in heard if s.tag.endswith("}message") and list(s.iter(MAV))]
    assert len(parts) == 3
    assert sum(len(told(part)) for part in parts) == 1201
    assert leads(parts[0])[0] is None
    assert leads(parts[1])[0] == leads(parts[0])[1]
    assert leads(parts[2])[0] == leads(parts[1])[1]
    assert leads(parts[2])[1] == version(heard)
