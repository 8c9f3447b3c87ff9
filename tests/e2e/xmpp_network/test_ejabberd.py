"""Rooms of an ejabberd, which gives neither ids of occupants nor bookmarks as others do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.elsewhere import Elsewhere, founded, gateway_to
from tests.e2e.xmpp_network.steps import corrected, set_item
from tests.servers import Ejabberd, Prosody
from tests.servers.fixtures import USERS

pytestmark = pytest.mark.e2e


@pytest.fixture
async def place(prosody: Prosody, tmp_path: Path) -> AsyncIterator[Elsewhere]:
    async with (
        Ejabberd(users=USERS, domain="far.localhost") as there,
        gateway_to(prosody, there, tmp_path) as made,
    ):
        yield made


async def test_joining_talking_and_being_kicked(place: Elsewhere) -> None:
    room = place.room()
    async with place.far(room, "bao") as bao, place.far(room, "ada") as elsewhere:
        await founded(bao, room)
        async with place.user(room) as ada:
            joined = await ada.join(place.seen_here(room), "ada")
            assert joined.nicks == {"ada", "bao"}
            await bao.expect("<presence from='{far}/ada'/>")
            kept = await elsewhere.iq(
                "<iq type='get'><query xmlns='jabber:iq:private'>"
                "<storage xmlns='storage:bookmarks'/></query></iq>"
            )
            (bookmark,) = kept.iter("{storage:bookmarks}conference")
            assert (bookmark.get("jid"), bookmark.get("autojoin")) == (room, "true")

            await corrected(ada, bao, place.seen_here(room))
            await bao.say(room, "Good day")
            await ada.expect("<message from='{room}/bao'><body>Good day</body></message>")
            page = await ada.page(place.seen_here(room), limit=50)
            assert [body for body in page.bodies if body] == ["Helo", "Hello", "Good day"]

            await set_item(bao, room, "nick='ada' role='none'", "Later")
            await ada.expect(
                "<presence type='unavailable' from='{room}/ada'>"
                "<x xmlns='http://jabber.org/protocol/muc#user'><item><reason>Later</reason></item>"
                "<status code='110'/><status code='307'/></x></presence>"
            )
            # Whoever was kicked comes back by themselves only.
            again = await ada.join(place.seen_here(room), "ada")
            assert again.nicks == {"ada", "bao"}
            await bao.expect("<presence from='{far}/ada'/>")
