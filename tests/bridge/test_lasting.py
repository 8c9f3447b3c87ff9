"""What outlasts the process, and what the first minutes of the next one are like."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from legacy_backend.events import GroupChanged, MemberChanged, MessagePosted, SubjectChanged
from legacy_backend.terms import Affiliation, GroupId, MemberId, UserId
from legacy_backend.values import Hat, Member, Picture, Subject
from tests.muc.pictures import png
from tests.muc.reading import find
from tests.muc.saying import G1
from tests.stage import DOMAIN, Stage, on_stage

CYD = Member(id=MemberId("CYD"), name="Cydney", affiliation=Affiliation.ADMIN,
             hats=(Hat("urn:cook", "Cook"),))  # fmt: skip
HELLO = "<message to='{room}' type='groupchat' id='m1'><body>Hello</body></message>"
JOIN = "<presence to='{room}/{me}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"


async def prepared(stage: Stage) -> None:
    """A room with all that a room can have."""
    network = stage.network
    network.obeys("send")
    ada, _ = await stage.seated("ada:owner", "bao", "CYD", description="Where we meet")
    await network.tells(MemberChanged(group=G1, member=CYD))
    subject = Subject(text="Tea", by=CYD.id, at=datetime(2026, 1, 2, tzinfo=UTC))
    await network.tells(SubjectChanged(group=G1, subject=subject))
    info = replace(network.groups[G1].group, picture=Picture("p1", png()), subject=subject)
    network.groups[G1].group = info
    network.groups[G1].members[CYD.id] = CYD
    await network.tells(GroupChanged(group=G1, info=info))
    ada.sends(HELLO)
    await ada.receives("<message id='m1'/>")
    await stage.settled()


async def test_svc_02_a_room_is_as_it_was_before_anybody_has_logged_in(
    tmp_path: Path, database: Path
) -> None:
    async with on_stage(tmp_path, database) as stage:
        await prepared(stage)
        live = stage.gateway.rooms.of(UserId(""), G1)
        before, picture = live.room, live.room.avatar
        face = before.face(before.people[CYD.id])
        assert face.nick == "Cydney"
        assert picture
    async with on_stage(tmp_path, database) as stage:
        room = stage.gateway.rooms.of(UserId(""), G1).room
        assert room.config == before.config
        assert room.config.description == "Where we meet"
        assert room.subject == before.subject
        assert room.subject.text == "Tea"
        assert room.avatar == picture
        assert set(room.seats) == set(before.seats) != set()
        assert room.face(room.people[CYD.id]) == face
        assert room.face(room.nicks["ada"]) == before.face(before.nicks["ada"])


async def test_svc_02_a_seat_outlasts_a_fall_in_the_very_moment_it_was_taken(
    tmp_path: Path, database: Path
) -> None:
    async with on_stage(tmp_path, database) as stage:
        [ada] = await stage.seated("ada", "CYD", description="Where we meet")
        live = stage.gateway.rooms.of(UserId(""), G1)
        live.keeping.end()  # what was to be written a moment later is not
    async with on_stage(tmp_path, database) as stage:
        room = stage.gateway.rooms.of(UserId(""), G1).room
        assert ada.jid in room.seats
        assert room.config.description == "Where we meet"


async def test_svc_02_who_comes_first_after_a_restart_need_not_wait_for_others(
    tmp_path: Path, database: Path
) -> None:
    async with on_stage(tmp_path, database) as stage:
        await prepared(stage)
        groups = stage.network.groups
    async with on_stage(tmp_path, database) as stage:
        stage.network.groups = groups
        stage.network.refused_logins.add(UserId("ada@example.org"))
        await stage.starts()
        bao = stage.person("bao", "laptop")
        await bao.joins()
        bao.sends(HELLO.replace("m1", "m2"))
        (await stage.network.is_asked("send", "g1", "Hello")).agrees("m200")
        await bao.receives("<message from='{room}/bao' id='m2'/>")
        await stage.person("ada").receives("<message from='{room}/bao' id='m2'/>")


async def test_svc_02_one_whose_login_fails_still_reads_what_was_said(
    tmp_path: Path, database: Path
) -> None:
    async with on_stage(tmp_path, database) as stage:
        await prepared(stage)
        groups = stage.network.groups
    async with on_stage(tmp_path, database) as stage:
        stage.network.groups = groups
        stage.network.refused_logins |= {UserId("ada@example.org"), UserId("bao@example.org")}
        await stage.starts()
        bao = stage.person("bao")
        await bao.has_heard()
        bao.sends("<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
        await bao.receives("<message/>", "<iq type='result' id='q'/>")
        laptop = stage.person("bao", "laptop")
        laptop.sends(JOIN, me="bao")
        await laptop.receives("<presence/>")
        laptop.sends(HELLO)
        await laptop.receives("<message type='error' id='m1'/>")


@pytest.mark.parametrize("before", [True, False], ids=["after-another", "as-the-first"])
async def test_svc_02_what_was_missed_while_we_were_gone_is_heard_by_those_who_kept_seats(
    tmp_path: Path, database: Path, before: bool
) -> None:
    async with on_stage(tmp_path, database) as stage:
        await stage.seated("ada", "CYD")
        if before:
            await stage.network.tells(
                MessagePosted(group=G1, message=stage.network.says("g1", "CYD", "Before"))
            )
        await stage.settled()
        groups = stage.network.groups
    async with on_stage(tmp_path, database) as stage:
        network = stage.network
        network.groups = groups
        ada = stage.person("ada")
        for number in range(3):
            at = datetime.now(UTC) + timedelta(seconds=number)
            network.says("g1", "CYD", f"Missed {number}", id=f"x{number}", at=at)
        await stage.starts()
        await ada.hears_only(
            *(f"<message><body>Missed {number}</body></message>" for number in range(3))
        )


async def test_svc_02_what_comes_before_any_login_is_not_lost(
    tmp_path: Path, database: Path
) -> None:
    async with on_stage(tmp_path, database) as stage:
        await stage.seated("ada", "CYD")
        await stage.network.tells(
            MessagePosted(group=G1, message=stage.network.says("g1", "CYD", "Before"))
        )
        await stage.settled()
        groups = stage.network.groups
    async with on_stage(tmp_path, database) as stage:
        network = stage.network
        network.groups = groups
        ada = stage.person("ada")
        early = network.says("g1", "CYD", "Early", id="x1")
        await network.tells(MessagePosted(group=G1, message=early))
        await stage.settled()
        await stage.starts()
        await ada.hears_only("<message><body>Early</body></message>")


@pytest.mark.parametrize("ident", ["Room One", "!Caf\u00e9:\"'<&"])
async def test_svc_02_rooms_of_odd_ids_keep_their_address(
    tmp_path: Path, database: Path, ident: str
) -> None:
    async def room_of(stage: Stage, id: str) -> str:
        await stage.settled()
        return str(stage.gateway.rooms.of(UserId(""), GroupId(id)).room.jid)

    ids = (ident, ident.swapcase())
    async with on_stage(tmp_path, database) as stage:
        await stage.seated("ada")
        for id in ids:
            stage.group("ada", id=id)
        await stage.starts()
        session = stage.gateway.sessions()[0]
        for id in ids:
            await session.bookmarks.by_legacy_id(id)
        before = [await room_of(stage, id) for id in ids]
        groups = stage.network.groups
    assert len(set(before)) == 2
    async with on_stage(tmp_path, database) as stage:
        stage.network.groups = groups
        assert [await room_of(stage, id) for id in ids] == before
        await stage.starts()
        ada = stage.person("ada")
        for room in before:
            await ada.joins(room=room)


async def test_a_burst_of_joins_of_somebody_new_lets_them_into_all_rooms(stage: Stage) -> None:
    """A client that starts joins all its rooms at once, and its user is registered by that."""
    network = stage.network
    rooms = [f"g{number}" for number in range(1, 21)]
    for room in rooms:
        stage.group("ada", "CYD", id=room)
    ada = stage.person("ada")
    for room in rooms:
        ada.sends(JOIN.replace("{room}", f"{room}@{DOMAIN}"), me="ada")
    heard = await ada.has_heard()
    errors = [s for s in heard if s.get("type") == "error"]
    assert [find(s, "error").find("{*}text").text for s in errors] == []
    subjects = {s.get("from") for s in heard if s.find("{*}subject") is not None}
    assert subjects == {f"{room}@{DOMAIN}" for room in rooms}
    assert len(stage.gateway.sessions()) == 1
    network.was_not_asked()


async def test_a_network_that_fails_to_end_does_not_keep_the_rest_from_it(
    tmp_path: Path, database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    async with on_stage(tmp_path, database) as stage:
        await prepared(stage)
        stage.network.stop = broken  # type: ignore[method-assign]
    assert "could not be left in order" in caplog.text
    async with on_stage(tmp_path, database) as stage:
        assert stage.gateway.rooms.of(UserId(""), G1).room.subject.text == "Tea"
