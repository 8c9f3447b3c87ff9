"""The network learns whether a user has a client in a room."""

from __future__ import annotations

from legacy_backend.events import Departure, MemberLeft
from legacy_backend.terms import MemberId
from tests.fake_network import FakeNetwork
from tests.muc.saying import G1
from tests.stage import Stage

LEAVE = "<presence to='{room}/ada' type='unavailable'/>"


async def test_it_is_told_of_the_first_client_and_of_the_last_ones_going(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada")
    laptop = stage.person("ada", "laptop")
    ada.sends(LEAVE)
    await stage.settled()
    network.holds("attend")
    await ada.joins()
    coming = await network.is_asked("attend", "g1", True)
    await laptop.joins()
    ada.sends(LEAVE)
    await stage.settled()
    network.was_not_asked()
    laptop.sends(LEAVE)
    await stage.settled()
    network.was_not_asked()  # one after the other
    coming.agrees()
    (await network.is_asked("attend", "g1", False)).refuses("not-allowed")
    await ada.joins()
    (await network.is_asked("attend", "g1", True)).agrees()


async def test_who_is_put_out_is_there_no_more(stage: Stage, network: FakeNetwork) -> None:
    await stage.seated("ada", "bao")
    network.holds("attend")
    await network.tells(MemberLeft(group=G1, id=MemberId("ada"), how=Departure.KICKED))
    (await network.is_asked("attend", "g1", False)).agrees()


async def test_after_another_login_it_is_told_again(stage: Stage, network: FakeNetwork) -> None:
    await stage.seated("ada")
    network.holds("attend")
    session = next(iter(stage.gateway.sessions()))
    await session.logout()
    await stage.gateway.login_wrap(session)
    (await network.is_asked("attend", "g1", True)).agrees()
