"""The XMPP side of the demo's page: Converse.js logs in and talks in a room."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from demo.client import Account, converse
from demo.ports import Port
from demo.site import site
from tests.browser.conftest import NewPage
from tests.browser.converse import Converse
from tests.servers import Client, Prosody

pytestmark = [pytest.mark.browser, pytest.mark.e2e]


@pytest.fixture
def room(prosody: Prosody) -> str:
    return f"pier@{prosody.rooms}"


async def nobody(_shown: str) -> str:
    """The session that the page comes in with, in a web chat that is not there."""
    return ""


@pytest_asyncio.fixture
async def page_of_fay(prosody: Prosody, room: str) -> AsyncIterator[str]:
    """The address of the demo's page, on which Fay is in the room."""
    account = Account(
        jid=f"fay@{prosody.domain}",
        password=prosody.password_of("fay"),
        websocket=prosody.websocket,
        bosh=prosody.bosh,
        room=room,
        nick="Fay",
        host=prosody.host,
        c2s_port=prosody.c2s_port,
    )
    port = Port()
    folder = converse()
    assert folder is not None, "Converse.js is not installed (make setup)"
    async with site(
        port.number,
        webchat="about:blank",
        session=nobody,
        account=account,
        converse=folder,
    ) as address:
        yield address
    port.give_back()


async def test_converse_and_a_client_talk_in_a_room(
    prosody: Prosody, room: str, page_of_fay: str, new_page: NewPage
) -> None:
    async with Client(prosody, "ada") as ada:
        await ada.join(room, "Ada")
        page = await new_page()
        await page.goto(page_of_fay + "client.html")
        fay = Converse(page, room)
        await fay.is_in_the_room()
        await ada.expect("<presence from='{room}/Fay'/>", room=room, timeout=20)
        await fay.lists("Ada")

        await ada.say(room, "Ahoy <Fay> & all")
        await fay.shows("Ahoy <Fay> & all")
        await fay.say("Ahoy Ada")
        await ada.expect("<message from='{room}/Fay'><body>Ahoy Ada</body></message>", room=room)
