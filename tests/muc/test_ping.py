"""Am I still in this room? (XEP-0410, XEP-0199)"""

from __future__ import annotations

import pytest

from tests.fake_network import FakeNetwork
from tests.muc.asking import iq_refusal
from tests.stage import Stage

PING = "<iq type='get' id='k1' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>"


@pytest.mark.requirement("PING-05", "PING-03", "A-164", "XPING-01")
@pytest.mark.parametrize("nick", ["/ada", "/bao", "/CYD", ""])
async def test_ping_01_of_those_who_are_in(stage: Stage, nick: str) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    ada.sends(PING, to=stage.room + nick)
    await ada.hears_only(f"<iq type='result' id='k1' from='{{room}}{nick}'/>")
    await bao.hears_nothing()


@pytest.mark.requirement("PING-02", "IQ-03", "A-168", "PING-06")
@pytest.mark.parametrize("nick", ["ada", "bao", "nobody"])
async def test_ping_02_of_another_client(stage: Stage, nick: str) -> None:
    await stage.seated("ada", "bao")
    laptop = stage.person("ada", "laptop")
    laptop.sends(PING, to=f"{stage.room}/{nick}")
    await laptop.hears_only(
        iq_refusal("not-acceptable", "cancel").replace("from='{room}'", f"from='{{room}}/{nick}'")
    )


@pytest.mark.requirement("PING-04")
async def test_ping_04_by_an_old_nickname(stage: Stage) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(PING, to=f"{stage.room}/gone")
    await ada.hears_only(
        iq_refusal("item-not-found", "cancel").replace("from='{room}'", "from='{room}/gone'")
    )


@pytest.mark.requirement("PING-07")
async def test_ping_07_works_while_the_network_is_away(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    (session,) = stage.gateway.sessions()
    await session.logout()
    ada.sends(PING, to=f"{stage.room}/ada")
    await ada.hears_only("<iq type='result' id='k1'/>")


async def test_ping_01_is_answered_while_a_message_waits(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends("<message to='{room}' type='groupchat' id='m'><body>Slow</body></message>")
    asked = await network.is_asked("send", "g1", "Slow")
    ada.sends(PING, to=f"{stage.room}/ada")
    await ada.hears_only("<iq type='result' id='k1'/>")
    asked.agrees()
    await ada.receives("<message id='m'/>")
