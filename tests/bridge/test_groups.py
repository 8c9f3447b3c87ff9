"""What becomes of groups on the network, as rooms show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from legacy_backend.events import (
    GroupAdded,
    GroupChanged,
    GroupDestroyed,
    InvitationDeclined,
    Invited,
    MessagePosted,
    SubjectChanged,
)
from legacy_backend.terms import GroupId, MemberId, UserId
from legacy_backend.values import GroupConfig, Subject
from tests.fake_network import FakeNetwork
from tests.muc.pictures import png
from tests.muc.reading import codes, find
from tests.muc.saying import G1
from tests.stage import DOMAIN, Stage, member

ADA = UserId("ada@example.org")
BAO = UserId("bao@example.org")
G2 = GroupId("g2")


async def listed(stage: Stage, name: str) -> set[str]:
    """The rooms that the gateway lists for somebody."""
    person = stage.person(name)
    person.sends(
        "<iq type='get' id='l' to='{gw}'>"
        "<query xmlns='http://jabber.org/protocol/disco#items'/></iq>"
    )
    (answer,) = await person.receives("<iq type='result' id='l'/>")
    return {i.get("jid", "") for i in answer.iterfind(".//{*}item")}


@pytest.mark.parametrize("to", [ADA, None])
async def test_a_group_that_a_user_is_added_to_is_theirs(
    stage: Stage, network: FakeNetwork, to: UserId | None
) -> None:
    await stage.seated("ada", "bao")
    stage.group("ada", "CYD", id="g2")
    await network.tells(GroupAdded(group=G2, info=network.groups[G2].group, to=to))
    await stage.settled()
    assert f"g2@{DOMAIN}" in await listed(stage, "ada")
    assert f"g2@{DOMAIN}" not in await listed(stage, "bao")


async def test_a_group_that_is_set_up_otherwise(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    info = network.groups[G1].group
    new = replace(info, config=replace(info.config, name="New name", moderated=True))
    await network.tells(GroupChanged(group=G1, info=new, by=MemberId("ada")))
    (notice,) = await ada.hears_only("<message from='{room}' type='groupchat'/>")
    assert 104 in codes(notice)
    await network.tells(GroupChanged(group=G1, info=new))
    await ada.hears_nothing()


async def test_a_picture_is_told_once(stage: Stage, network: FakeNetwork) -> None:
    from legacy_backend.values import Picture

    (ada,) = await stage.seated("ada")
    info = replace(network.groups[G1].group, picture=Picture("p1", png()))
    for _ in range(2):
        await network.tells(GroupChanged(group=G1, info=info))
        await stage.settled()
    (notice,) = await ada.hears_only("<message from='{room}' type='groupchat'/>")
    assert codes(notice) == [104]
    assert stage.gateway.events.handles(G1)[0].room.avatar


async def test_a_subject_is_shown_under_the_name_of_its_author(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    subject = Subject(text="Tea", by=MemberId("CYD"), at=datetime.now(tz=UTC))
    await network.tells(SubjectChanged(group=G1, subject=subject))
    await ada.hears_only("<message from='{room}/CYD'><subject>Tea</subject></message>")
    await network.tells(SubjectChanged(group=G1, subject=subject))
    await ada.hears_nothing()
    await network.tells(SubjectChanged(group=G1, subject=Subject(text="")))
    (cleared,) = await ada.hears_only("<message type='groupchat'><subject/></message>")
    assert not find(cleared, "subject").text


async def test_a_group_that_is_destroyed_is_gone_with_its_archive(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    stage.group("ada", id="g2")
    await ada.joins(room="g2@{gw}")
    await ada.has_heard()
    del network.groups[G1]
    await network.tells(GroupDestroyed(group=G1, reason="Over", alternate=G2))
    for person in (ada, bao):
        (gone,) = await person.hears_only("<presence type='unavailable' from='{room}/{nick}'/>",
                                          nick=person.name)  # fmt: skip
        destroy = find(gone, "destroy")
        assert destroy.get("jid") == f"g2@{DOMAIN}"
        assert find(destroy, "reason").text == "Over"
    await stage.settled()
    assert await listed(stage, "ada") == {f"g2@{DOMAIN}"}
    ada.sends("<message to='{room}' type='groupchat' id='m'><body>Hello?</body></message>")
    await ada.receives("<message type='error' id='m'/>")
    await network.tells(
        MessagePosted(group=G1, message=network.message("CYD", "Still here", id="late"))
    )
    await ada.hears_nothing()


async def test_a_group_destroyed_in_a_personal_room_is_gone_for_that_user(
    personal: Stage,
) -> None:
    ada, bao = await personal.seated("ada", "bao")
    await personal.network.tells(GroupDestroyed(group=G1, to=ADA))
    await ada.hears_only("<presence type='unavailable' from='{room}/ada'/>")
    await bao.hears_nothing()
    assert personal.gateway.rooms.of(ADA, G1) is None
    assert personal.gateway.rooms.of(BAO, G1) is not None
    await personal.network.tells(GroupDestroyed(group=G1))
    await bao.hears_only("<presence type='unavailable' from='{room}/bao'/>")
    assert personal.gateway.rooms.of(BAO, G1) is None


@pytest.mark.parametrize(("by", "inviter"), [("CYD", "/CYD"), ("nobody", ""), (None, "")])
async def test_an_invitation_is_passed_on(
    stage: Stage, network: FakeNetwork, by: str | None, inviter: str
) -> None:
    await stage.seated("ada", "CYD")
    bao = stage.person("bao")
    stage.group("bao", id="g2")
    await bao.joins(room="g2@{gw}")
    await bao.has_heard()
    await network.tells(
        Invited(
            group=G1,
            to=BAO,
            info=network.groups[G1].group,
            by=None if by is None else MemberId(by),
            reason="Come",
        )
    )
    (asked,) = await bao.hears_only(
        "<message from='{room}'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<invite><reason>Come</reason></invite></x></message>"
    )
    assert find(asked, "invite").get("from") == stage.room + inviter


async def test_an_invitation_into_a_group_never_seen_can_be_followed(
    stage: Stage, network: FakeNetwork
) -> None:
    bao = stage.person("bao")
    stage.group("bao", id="g2")
    await bao.joins(room="g2@{gw}")
    await bao.has_heard()
    stage.group("CYD", id="New/Group", members_only=False)
    new = GroupId("New/Group")
    await network.tells(Invited(group=new, to=BAO, info=network.groups[new].group))
    (asked,) = await bao.hears_only("<message/>")
    await bao.joins(room=asked.get("from", ""))


async def test_who_declined_is_told_to_who_invited(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    await network.tells(InvitationDeclined(group=G1, to=ADA, by=MemberId("CYD"), reason="No time"))
    await ada.hears_only(
        "<message from='{room}'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<decline from='{@CYD}/sluice'><reason>No time</reason></decline></x></message>"
    )
    await bao.hears_nothing()


async def test_events_of_groups_nobody_has_are_let_go(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    g9 = GroupId("g9")
    await network.tells(MessagePosted(group=g9, message=network.message("CYD", "Hello")))
    await network.tells(GroupDestroyed(group=g9))
    await network.tells(
        GroupChanged(group=g9, info=replace(network.groups[G1].group, config=GroupConfig()))
    )
    await ada.hears_nothing()


@pytest.mark.parametrize("ident", ["Group One", "group one", "#Caf\u00e9/'\"<>&@:", "g" * 3000])
async def test_a_group_of_any_id_can_be_joined_and_spoken_in(
    stage: Stage, network: FakeNetwork, ident: str
) -> None:
    group = GroupId(ident)
    stage.group("ada", "CYD", id="lobby")
    ada = stage.person("ada")
    await ada.joins(room="lobby@{gw}")
    stage.group("ada", "CYD", id=ident)
    stage.group("ada", "CYD", id=ident.swapcase())
    for id in (ident, ident.swapcase()):
        info = network.groups[GroupId(id)].group
        await network.tells(GroupAdded(group=GroupId(id), info=info, to=ADA))
    await stage.settled()
    session = stage.gateway.sessions()[0]
    room = session.bookmarks.known(group).room.jid
    other = session.bookmarks.known(GroupId(ident.swapcase())).room.jid
    assert room != other
    assert room in await listed(stage, "ada")
    await ada.joins(room=room)
    await ada.has_heard()
    ada.sends(f"<message to='{room}' type='groupchat' id='m'><body>Hello</body></message>")
    (await network.is_asked("send", ident, "Hello")).agrees("m100")
    await ada.hears_only(f"<message from='{room}/ada'><body>Hello</body></message>")
    assert member("ada").id in network.groups[group].members
