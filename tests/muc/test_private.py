"""Saying something to one occupant alone (XEP-0045 §7.5)."""

from __future__ import annotations

import pytest

from legacy_backend import GroupKind
from legacy_backend.events import PrivateMessagePosted
from legacy_backend.terms import UserId
from tests.fake_network import FakeNetwork
from tests.muc.reading import lacks
from tests.muc.saying import G1, refusal
from tests.stage import DOMAIN, Stage

WHISPER = "<message to='{room}/{nick}' type='{kind}' id='p1'><body>Psst</body></message>"


@pytest.mark.parametrize("kind", ["chat", "normal"])
@pytest.mark.requirement("PM-01", "PM-08")
async def test_pm_01_a_private_message_goes_to_the_network_and_nobody_else(
    stage: Stage, network: FakeNetwork, kind: str
) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    ada.sends(WHISPER, nick="CYD", kind=kind)
    (await network.is_asked("send_private", "g1", "CYD", "Psst")).agrees()
    await ada.hears_nothing()
    await bao.hears_nothing()
    assert await stage.gateway.rooms.host.archive.count(1) == 0


@pytest.mark.requirement("PM-02", "PM-07", "PM-09", "A-006", "ALSO-06")
async def test_pm_02_a_private_message_of_a_member_reaches_every_client_of_one_user(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD", kind=GroupKind.ANONYMOUS)
    laptop = stage.person("ada", "laptop")
    await laptop.joins()
    await laptop.has_heard()
    message = network.message("CYD", "Psst")
    event = PrivateMessagePosted(group=G1, message=message, to=UserId("ada@example.org"))
    await network.tells(event)
    for client in (ada, laptop):
        (heard,) = await client.hears_only(
            """<message type='chat' from='{room}/CYD'><body>Psst</body>
            <x xmlns='http://jabber.org/protocol/muc#user'/></message>"""
        )
        lacks(heard, "item")
    await bao.hears_nothing()
    assert await stage.gateway.rooms.host.archive.count(1) == 0


@pytest.mark.requirement("PM-03")
async def test_pm_03_a_groupchat_message_to_one_is_refused(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(WHISPER, nick="bao", kind="groupchat")
    (no,) = await ada.hears_only(refusal("bad-request", "modify", "p1"))
    assert no.get("from") == f"{stage.room}/bao"
    await bao.hears_nothing()
    network.was_not_asked()


async def test_pm_04_nobody_has_that_nickname(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(WHISPER, nick="nobody", kind="chat")
    await ada.hears_only(refusal("item-not-found", "cancel", "p1"))
    network.was_not_asked()


@pytest.mark.requirement("PM-05")
async def test_pm_05_the_sender_is_not_in(stage: Stage, network: FakeNetwork) -> None:
    await stage.seated("ada", "bao")
    laptop = stage.person("ada", "laptop")
    laptop.sends(WHISPER, nick="bao", kind="chat")
    await laptop.hears_only(refusal("not-acceptable", "cancel", "p1"))
    network.was_not_asked()


@pytest.mark.parametrize(
    ("allowed", "who", "condition"),
    [
        ("none", "ada:owner", "forbidden"),
        ("moderators", "ada", "forbidden"),
        ("participants", "ada::visitor", "forbidden"),
        ("anyone", "ada::visitor", ""),
        ("participants", "ada", ""),
        ("moderators", "ada:admin", ""),
    ],
)
async def test_pm_06_the_room_may_limit_them(
    stage: Stage, network: FakeNetwork, allowed: str, who: str, condition: str
) -> None:
    network.obeys("send_private")
    (ada,) = await stage.seated(who, "CYD", private_messages=allowed)
    ada.sends(WHISPER, nick="CYD", kind="chat")
    if condition:
        await ada.hears_only(refusal(condition, "auth", "p1"))
    else:
        await ada.hears_nothing()


async def test_pm_01_where_there_are_none(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    muc = type(stage.gateway.sessions()[0].bookmarks.known(G1))
    monkeypatch.setattr(muc, "ABILITIES", muc.ABILITIES - {"on_private_message"})
    ada.sends(WHISPER, nick="CYD", kind="chat")
    await ada.hears_only(refusal("feature-not-implemented", "cancel", "p1"))


async def test_pm_01_the_networks_no(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    ada.sends(WHISPER, nick="CYD", kind="chat")
    (await network.is_asked("send_private", "g1", "CYD", "Psst")).refuses("forbidden", "Blocked.")
    await ada.hears_only(refusal("forbidden", "auth", "p1"))
    ada.sends(
        "<message to='{room}/CYD' type='chat' id='p1'><body>{long}</body></message>",
        long="x" * 20_001,
    )
    await ada.hears_only(refusal("policy-violation", "modify", "p1"))


@pytest.mark.requirement("PM-04", "MSG-07")
async def test_pm_04_of_a_stranger_to_a_room_that_is_not_theirs(stage: Stage) -> None:
    await stage.seated("ada")
    eve = stage.person("eve", domain="evil.example")
    eve.sends(WHISPER, nick="ada", kind="chat", room=f"g1@{DOMAIN}")
    await eve.hears_only(
        """<message type='error' id='p1'><error>
        <not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"""
    )


@pytest.mark.requirement("PM-01", "PM-02")
async def test_pm_01_from_one_user_of_the_gateway_to_another(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao, cyd = await stage.seated("ada", "bao", "cyd")
    ada.sends(WHISPER, nick="bao", kind="chat")
    (await network.is_asked("send_private", "g1", "bao", "Psst")).agrees("p1")
    message = network.message("ada", "Psst")
    to = UserId("bao@example.org")
    await network.tells(PrivateMessagePosted(group=G1, message=message, to=to))
    await bao.hears_only(
        """<message type='chat' from='{room}/ada'><body>Psst</body>
        <x xmlns='http://jabber.org/protocol/muc#user'/></message>"""
    )
    await ada.hears_nothing()
    await cyd.hears_nothing()
