"""Users of the gateway in one group: one goes, the other stays."""

from __future__ import annotations

import pytest
from slixmpp import JID

from legacy_backend.events import Departure, MemberJoined, MemberLeft, MessagePosted
from legacy_backend.terms import MemberId
from tests.fake_network import FakeNetwork
from tests.muc.reading import codes
from tests.muc.saying import G1
from tests.stage import Stage, member

HELLO = "<message to='{room}' type='groupchat' id='m1'><body>Hello</body></message>"


async def speaks(stage: Stage, name: str) -> None:
    """Somebody says something, and hears it."""
    person = stage.person(name)
    stage.network.obeys("send")
    person.sends(HELLO)
    await person.receives("<message id='m1'><body>Hello</body></message>")


@pytest.mark.parametrize("how", [Departure.LEFT, Departure.KICKED, Departure.BANNED])
async def test_one_is_out_and_the_other_goes_on(
    stage: Stage, network: FakeNetwork, how: Departure
) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    network.groups[G1].members.pop(MemberId("ada"))
    await network.tells(MemberLeft(group=G1, id=MemberId("ada"), how=how))
    (own,) = await ada.hears_only("<presence type='unavailable' from='{room}/ada'/>")
    assert 110 in codes(own)
    await bao.hears_only("<presence type='unavailable' from='{room}/ada'/>")
    await speaks(stage, "bao")
    message = network.message("CYD", "Still here?")
    await network.tells(MessagePosted(group=G1, message=message))
    await bao.receives("<message><body>Still here?</body></message>")
    await ada.hears_nothing()


async def test_the_first_handle_on_a_room_may_go(stage: Stage, network: FakeNetwork) -> None:
    """Events of a shared room go by anybody's handle: not by that of one who has left."""
    ada, bao = await stage.seated("ada", "bao", "CYD")
    for name in ("ada", "bao"):
        await network.tells(MemberLeft(group=G1, id=MemberId(name)))
        await stage.settled()
        await network.tells(MemberJoined(group=G1, member=member(name)))
        await stage.settled()
    for person in (ada, bao):
        await person.has_heard()
        await person.joins()
    for person in (ada, bao):
        await person.has_heard()
    await network.tells(MessagePosted(group=G1, message=network.message("CYD", "Hello")))
    for person in (ada, bao):
        await person.hears_only("<message><body>Hello</body></message>")


async def test_one_unregisters_and_the_other_goes_on(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    session = stage.gateway.get_session_from_jid(JID(ada.jid))
    await stage.gateway.kill_session(session.user_jid)
    await stage.settled()
    (seen,) = await bao.hears_only("<presence type='unavailable' from='{room}/ada'/>")
    assert codes(seen) == []
    await ada.has_heard()
    await speaks(stage, "bao")
    await network.tells(MessagePosted(group=G1, message=network.message("CYD", "Hello")))
    await bao.receives("<message from='{room}/CYD'><body>Hello</body></message>")
    await ada.hears_nothing()


async def test_what_is_said_while_nobody_is_registered_is_read_by_the_next(
    stage: Stage, network: FakeNetwork
) -> None:
    await stage.seated("ada", "bao", "CYD")
    ada = stage.person("ada")
    for name in ("ada", "bao"):
        with_jid = JID(f"{name}@example.org")
        await stage.gateway.kill_session(with_jid)
    await stage.settled()
    message = network.says("g1", "CYD", "Is anybody here?")
    await network.tells(MessagePosted(group=G1, message=message))
    await stage.settled()
    await ada.has_heard()
    ada.sends("<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    await ada.receives("<message><body>Is anybody here?</body></message>")


async def test_somebody_logged_out_is_out_of_the_room_and_others_go_on(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    session = stage.gateway.get_session_from_jid(JID(ada.jid))
    await session.logout()
    session.logged = False
    (own,) = await ada.hears_only("<presence type='unavailable' from='{room}/ada'/>")
    assert sorted(codes(own)) == [110, 332]
    (seen,) = await bao.hears_only("<presence type='unavailable' from='{room}/ada'/>")
    assert codes(seen) == []
    await network.tells(MessagePosted(group=G1, message=network.message("CYD", "Hello")))
    await bao.hears_only("<message><body>Hello</body></message>")
