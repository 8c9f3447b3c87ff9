"""The XMPP side of the demo's page: Converse.js logs in and talks in a room."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.conftest import NewPage
from tests.browser.converse import Converse, page_of
from tests.servers import Client, Prosody

pytestmark = [pytest.mark.browser, pytest.mark.e2e]


@pytest.fixture
def room(prosody: Prosody) -> str:
    return f"pier@{prosody.rooms}"


@pytest_asyncio.fixture
async def page_of_fay(prosody: Prosody, room: str) -> AsyncIterator[str]:
    """The address of the demo's page, on which Fay is in the room."""
    async with page_of(prosody, "fay", "Fay", room) as address:
        yield address


async def test_converse_and_a_client_talk_in_a_room(
    prosody: Prosody, room: str, page_of_fay: str, new_page: NewPage
) -> None:
    async with Client(prosody, "ada") as ada:
        await ada.join(room, "Ada")
        page = await new_page()
        await page.goto(page_of_fay)
        fay = Converse(page, room)
        await fay.is_in_the_room()
        await ada.expect("<presence from='{room}/Fay'/>", room=room)
        await fay.lists("Ada")

        await ada.say(room, "Ahoy <Fay> & all")
        await fay.shows("Ahoy <Fay> & all")
        await fay.say("Ahoy Ada")
        await ada.expect("<message from='{room}/Fay'><body>Ahoy Ada</body></message>", room=room)
