"""Who comes, goes and changes on the network, as the room shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from legacy_backend.events import (
    Departure,
    MemberChanged,
    MemberJoined,
    MemberLeft,
    VoiceRequested,
)
from legacy_backend.terms import Affiliation, MemberId, Role, UserId
from legacy_backend.values import Hat, Member
from tests.fake_network import FakeNetwork
from tests.muc.reading import codes, find, item, lacks
from tests.muc.saying import G1
from tests.stage import Stage, member

ADA = UserId("ada@example.org")
BAO = UserId("bao@example.org")
CYD = Member(id=MemberId("CYD"), name="CYD")


async def test_somebody_comes_in(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    await network.tells(MemberJoined(group=G1, member=CYD))
    (seen,) = await ada.hears_only("<presence from='{room}/CYD'/>")
    assert item(seen).get("affiliation") == "member"
    await network.tells(MemberJoined(group=G1, member=CYD))
    await ada.hears_nothing()


async def test_a_namesake_is_told_apart(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(MemberJoined(group=G1, member=replace(CYD, id=MemberId("c2"))))
    await ada.hears_only("<presence from='{room}/CYD (c2)'/>")


@pytest.mark.parametrize(
    ("how", "code", "affiliation"),
    [
        (Departure.LEFT, [], "none"),
        (Departure.KICKED, [307], "none"),
        (Departure.BANNED, [301], "outcast"),
        (Departure.REMOVED, [321], "none"),
    ],
)
async def test_somebody_goes(
    stage: Stage, network: FakeNetwork, how: Departure, code: list[int], affiliation: str
) -> None:
    (ada,) = await stage.seated("ada:owner", "CYD")
    gone = MemberLeft(group=G1, id=CYD.id, how=how, by=MemberId("ada"), reason="Enough")
    await network.tells(gone)
    (seen,) = await ada.hears_only("<presence type='unavailable' from='{room}/CYD'/>")
    assert codes(seen) == code
    assert item(seen).get("affiliation") == affiliation
    assert find(seen, "reason").text == "Enough"
    assert find(seen, "actor").get("nick") == "ada"
    await network.tells(gone)
    await ada.hears_nothing()


async def test_somebody_is_called_otherwise(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(MemberChanged(group=G1, member=replace(CYD, name="Cydney")))
    old, new = await ada.hears_only(
        "<presence type='unavailable' from='{room}/CYD'/>", "<presence from='{room}/Cydney'/>"
    )
    assert codes(old) == [303]
    assert item(old).get("nick") == "Cydney"
    assert find(old, "occupant-id").get("id") == find(new, "occupant-id").get("id")


@pytest.mark.parametrize(
    ("change", "role", "affiliation"),
    [
        ({"affiliation": Affiliation.ADMIN}, "moderator", "admin"),
        ({"role": Role.VISITOR}, "visitor", "member"),
        ({"role": Role.MODERATOR}, "moderator", "member"),
        ({"affiliation": Affiliation.NONE}, "participant", "none"),
    ],
)
async def test_somebody_ranks_otherwise(
    stage: Stage, network: FakeNetwork, change: dict[str, object], role: str, affiliation: str
) -> None:
    (ada,) = await stage.seated("ada", "CYD", members_only=False)
    changed = replace(CYD, **change)  # type: ignore[arg-type]
    event = MemberChanged(group=G1, member=changed, by=MemberId("ada"), reason="So it is")
    await network.tells(event)
    (seen,) = await ada.hears_only("<presence from='{room}/CYD'/>")
    assert (item(seen).get("role"), item(seen).get("affiliation")) == (role, affiliation)
    assert find(seen, "actor").get("nick") == "ada"
    await network.tells(event)
    await ada.hears_nothing()


async def test_how_somebody_is_and_what_they_wear(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    busy = replace(CYD, show="dnd", status="Cooking", hats=(Hat("urn:cook", "Cook"),))
    await network.tells(MemberChanged(group=G1, member=busy))
    (seen,) = await ada.hears_only(
        "<presence from='{room}/CYD'><show>dnd</show><status>Cooking</status></presence>"
    )
    assert find(seen, "hat").get("title") == "Cook"
    await network.tells(MemberChanged(group=G1, member=replace(busy, present=False)))
    (gone,) = await ada.hears_only("<presence type='unavailable' from='{room}/CYD'/>")
    assert codes(gone) == []
    await network.tells(MemberChanged(group=G1, member=busy))
    await ada.hears_only("<presence from='{room}/CYD'/>")


async def test_those_who_ask_for_a_voice_are_shown_to_moderators(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada:admin", "bao", "CYD", moderated=True)
    await network.tells(VoiceRequested(group=G1, by=CYD.id))
    (form,) = await ada.hears_only("<message from='{room}'><x xmlns='jabber:x:data'/></message>")
    values = {f.get("var"): f.findtext("{*}value") for f in form.iterfind(".//{*}field")}
    assert values["muc#roomnick"] == "CYD"
    await bao.hears_nothing()


@pytest.mark.parametrize("known", [True, False])
async def test_a_user_who_is_added_is_asked_in(
    stage: Stage, network: FakeNetwork, known: bool
) -> None:
    (ada,) = await stage.seated("ada")
    bao = stage.person("bao")
    if known:
        stage.group("bao", id="g2")
        await bao.joins(room="g2@{gw}")
    new = member("bao")
    network.groups[G1].members[new.id] = new
    await network.tells(MemberJoined(group=G1, member=new))
    await ada.hears_nothing()
    if not known:
        return await bao.hears_nothing()
    await bao.receives(
        "<message from='{room}'><x xmlns='http://jabber.org/protocol/muc#user'><invite/></x></message>"
    )
    await bao.joins()
    await ada.receives("<presence from='{room}/bao'/>")
    return None


async def test_a_user_who_is_kicked_on_the_network_is_out_and_may_come_back(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    del network.groups[G1].members[MemberId("bao")]
    await network.tells(MemberLeft(group=G1, id=MemberId("bao"), how=Departure.KICKED))
    (own,) = await bao.hears_only("<presence type='unavailable' from='{room}/bao'/>")
    assert sorted(codes(own)) == [110, 307]
    await ada.hears_only("<presence type='unavailable' from='{room}/bao'/>")
    await bao.joins()
    await ada.receives("<presence from='{room}/bao'/>")


async def test_in_personal_rooms_other_users_are_people_of_the_network(personal: Stage) -> None:
    network = personal.network
    (ada, _) = await personal.seated("ada", "bao", "CYD")
    ada.sends("<presence to='{room}/ada' type='unavailable'/>")
    await ada.has_heard()
    ada.sends("<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    await ada.receives("<presence from='{room}/bao'/>")
    await ada.has_heard()
    await network.tells(MemberLeft(group=G1, id=MemberId("bao"), to=ADA))
    await ada.hears_only("<presence type='unavailable' from='{room}/bao'/>")


async def test_in_personal_rooms_each_login_tells_its_own_user(personal: Stage) -> None:
    network = personal.network
    ada, bao = await personal.seated("ada", "bao")
    kicked = MemberLeft(group=G1, id=MemberId("bao"), how=Departure.KICKED)
    await network.tells(replace(kicked, to=ADA))
    (seen,) = await ada.hears_only("<presence type='unavailable' from='{room}/bao'/>")
    lacks(seen, "destroy")
    await bao.hears_nothing()
    await network.tells(replace(kicked, to=BAO))
    (own,) = await bao.hears_only("<presence type='unavailable' from='{room}/bao'/>")
    assert sorted(codes(own)) == [110, 307]
    await ada.hears_nothing()


async def test_in_personal_rooms_what_is_told_without_a_name_is_told_to_all(
    personal: Stage,
) -> None:
    ada, bao = await personal.seated("ada", "bao")
    await personal.network.tells(MemberJoined(group=G1, member=CYD))
    for person in (ada, bao):
        await person.hears_only("<presence from='{room}/CYD'/>")
