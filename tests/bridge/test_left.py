"""A group that a user has left: their own archive of it waits for them, and is looked after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.archive.gap import State
from gateway.group.live import LiveRoom
from gateway.retention import expire_now
from gateway.upkeep import unseen
from gateway.upkeep.erase import erase
from gateway.upkeep.export import lines
from legacy_backend import GroupId, MemberId, UserId
from legacy_backend.events import MemberLeft, MessagePosted
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, admin
from tests.stage import Person, Stage, member

G1 = GroupId("g1")
ADA = UserId("ada@example.org")
MINE = "<message to='{room}' type='groupchat' id='m1'><body>Mine</body></message>"


async def talked(stage: Stage) -> tuple[Person, LiveRoom]:
    (ada,) = await stage.seated("ada", "CYD")
    network = stage.network
    network.obeys("send")
    ada.sends(MINE)
    await ada.receives("<message id='m1'/>")
    said = network.says("g1", "CYD", "Hello")
    await network.tells(MessagePosted(group=G1, to=ADA, message=said))
    await ada.receives("<message><body>Hello</body></message>")
    live = stage.gateway.rooms.of(ADA, G1)
    assert live is not None
    return ada, live


async def leaves(stage: Stage, ada: Person, how: str) -> None:
    network = stage.network
    if how == "here":
        ada.sends(admin("<item jid='ada@example.org' affiliation='none'/>"))
        (await network.is_asked("leave_group", "g1")).agrees()
        await ada.receives(RESULT)
    else:
        await network.tells(MemberLeft(group=G1, to=ADA, id=MemberId("ada")))
        await ada.receives("<presence type='unavailable' from='{room}/ada'/>")
    await stage.settled()
    network.groups[G1].members.pop(MemberId("ada"), None)


async def archived(live: LiveRoom) -> list[str]:
    return [c.entry.body async for some in live.host.archive.copies(live.id) for c in some]


@pytest.mark.parametrize("how", ["here", "on the network"])
async def test_the_archive_is_there_again_and_what_was_missed_is_read(
    personal: Stage, how: str
) -> None:
    ada, live = await talked(personal)
    network = personal.network
    await leaves(personal, ada, how)
    assert await archived(live) == ["Mine", "Hello"]
    (gap,) = await live.host.gaps.all()
    assert (gap.before, gap.state) == (None, State.WANTED)
    network.says("g1", "CYD", "Without you")
    network.groups[G1].members[MemberId("ada")] = member("ada")
    await ada.joins()
    await personal.settled()
    assert personal.gateway.rooms.of(ADA, G1) is live
    assert await archived(live) == ["Mine", "Hello", "Without you"]
    assert await live.host.gaps.all() == []


@pytest.mark.parametrize("how", ["here", "on the network"])
async def test_commands_reach_it(personal: Stage, how: str) -> None:
    ada, live = await talked(personal)
    await leaves(personal, ada, how)
    await personal.gateway.rooms.write()
    tools = personal.gateway.tools
    rooms = await tools.store.all_rooms()
    exported = [line async for some in lines(tools, rooms, unseen, viewer=ADA) for line in some]
    assert len(exported) == 2
    (receipt,) = await erase(tools, ADA, unseen)
    assert (receipt.room.legacy_id, receipt.messages) == ("g1", 1)
    assert await archived(live) == ["Hello"]
    host = live.host
    await host.retention.put(live.id, 1)
    later = datetime.now(UTC) + timedelta(days=2)
    await expire_now(host.archive, host.gaps, host.retention, later)
    assert await archived(live) == []


async def test_a_shared_room_that_nobody_is_in_any_more_asks_what_it_missed(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    live = stage.gateway.rooms.of(UserId(""), G1)
    assert live.whole
    await network.tells(MemberLeft(group=G1, id=MemberId("ada")))
    await ada.receives("<presence type='unavailable' from='{room}/ada'/>")
    await stage.settled()
    assert not live.whole
