"""Servers and gateways that go away and come back, and passwords that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.client import Client
from conformance.xml import condition_of
from tests.e2e.elsewhere import Elsewhere, both, gateway_to, logged_in
from tests.e2e.xmpp_network.steps import configured, text_of, until_said
from tests.servers import Prosody
from tests.servers.fixtures import USERS

pytestmark = pytest.mark.e2e


async def test_a_server_that_restarts_is_joined_again_and_what_was_missed_is_read(
    place: Elsewhere,
) -> None:
    room = place.room()
    async with both(place, room) as (ada, bao):
        await configured(bao, room, persistentroom="1")
        await place.there.restart()
        async with place.far(room, "cyd") as cyd:
            await cyd.join(room, "cyd")
            await cyd.say(room, "While you were away")
            await ada.expect(
                "<message from='{room}/cyd'><body>While you were away</body></message>"
            )
            await ada.expect("<presence from='{room}/cyd'/>")
            await until_said(ada, place.seen_here(room), "I am back")
            await cyd.expect("<message from='{far}/ada'><body>I am back</body></message>")
            page = await ada.page(place.seen_here(room), limit=50)
            assert page.bodies.count("While you were away") == 1


async def test_a_restarted_gateway_is_in_the_rooms_again_and_reads_what_it_missed(
    place: Elsewhere,
) -> None:
    room = place.room()
    async with both(place, room) as (ada, bao):
        await bao.say(room, "Good night")
        await ada.expect("<message from='{room}/bao'><body>Good night</body></message>")
        await place.gateway.terminate()
        await bao.expect("<presence type='unavailable' from='{far}/ada'/>")
        await bao.say(room, "While you slept")
        await place.gateway.start()
        await bao.expect("<presence from='{far}/ada'/>")
        await ada.expect("<message from='{room}/bao'><body>While you slept</body></message>")
        await until_said(ada, place.seen_here(room), "Good morning")
        await bao.expect("<message from='{far}/ada'><body>Good morning</body></message>")


async def test_a_password_that_is_changed_over_there_is_told(
    prosody: Prosody, tmp_path: Path
) -> None:
    """And until its server answers, an account is tried on."""
    async with (
        Prosody(users=USERS, domain="far.localhost") as there,
        gateway_to(prosody, there, tmp_path) as place,
        place.user(place.room()) as ada,
    ):
        await there.stop()
        await ada.expect("<presence from='{gw}'><show>away</show></presence>")
        await there.start()
        await logged_in(ada)
        await there.stop()
        await there.add_user("ada", "another")
        await there.start()
        told = await ada.expect("<message from='{gw}'><body/></message>")
        while "does not accept this password" not in "".join(told.itertext()):
            told = await ada.expect("<message from='{gw}'><body/></message>")


async def test_a_gateway_that_starts_before_the_other_server_logs_in_when_that_is_there(
    prosody: Prosody, tmp_path: Path
) -> None:
    async with (
        Prosody(users=USERS, domain="far.localhost") as there,
        gateway_to(prosody, there, tmp_path) as place,
        place.user(place.room()) as ada,
    ):
        await place.gateway.terminate()
        await there.stop()
        ada.forget()
        await place.gateway.start()
        await ada.expect(
            "<presence from='{gw}'><show>dnd</show><status>Login failed</status></presence>",
        )
        await there.start()
        await ada.expect("<presence from='{gw}'><show>chat</show></presence>", timeout=80)


async def test_a_wrong_password_is_told(place: Elsewhere) -> None:
    async with Client(place.here, "ada", names={"gw": place.gateway.jid}) as ada:
        answer = await place.register(ada, "ada", password="guessed")
        assert condition_of(answer) == "not-authorized"
        assert "does not accept this password for ada@far.localhost" in text_of(answer)
        answer = await place.register(ada, "ada", account="nonsense")
        assert condition_of(answer) == "not-acceptable"
