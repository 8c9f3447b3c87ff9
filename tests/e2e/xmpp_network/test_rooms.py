"""Which rooms elsewhere are groups: bookmarks, searches, and none that lead back."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conformance.client import Client, Refusal
from tests.e2e.elsewhere import Elsewhere, bookmark, bookmarked, both, founded, gateway_to
from tests.e2e.xmpp_network.steps import configured, text_of

pytestmark = pytest.mark.e2e


async def test_leaving_a_group_keeps_the_bookmark_without_autojoin(place: Elsewhere) -> None:
    room = place.room()
    async with both(place, room) as (ada, bao), place.far(room, "ada") as elsewhere:
        assert (await bookmarked(elsewhere))[room] == "true"
        done = await ada.iq(
            "<iq type='set' to='{room}'><query xmlns='jabber:iq:register'><remove/></query></iq>"
        )
        assert done.get("type") == "result", ET.tostring(done)
        await bao.expect("<presence type='unavailable' from='{far}/ada'/>")
        assert (await bookmarked(elsewhere))[room] == "false"


async def test_a_bookmark_of_another_client_is_followed_at_once(place: Elsewhere) -> None:
    room = place.room()
    async with place.far(room, "bao") as bao, place.user(room) as ada:
        await founded(bao, room)
        async with place.far(room, "ada") as elsewhere:
            await bookmark(elsewhere, room)
            await bao.expect("<presence from='{far}/ada'/>")
            joined = await ada.join(place.seen_here(room), "ada")
            assert joined.nicks == {"ada", "bao"}


async def test_rooms_over_there_can_be_searched(place: Elsewhere) -> None:
    room = place.room()
    async with both(place, room) as (ada, bao):
        await configured(bao, room, roomname="Harbour talk", publicroom="1")
        answer = await ada.iq(
            "<iq type='get' to='{gw}'><search xmlns='urn:xmpp:channel-search:0:search'>"
            "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
            "<value>urn:xmpp:channel-search:0:search-params</value></field>"
            "<field var='q'><value>harbour</value></field></x></search></iq>"
        )
        text = ET.tostring(answer, encoding="unicode")
        assert "Harbour talk" in text
        assert place.seen_here(room) in text


@pytest.mark.requirement("TRAP-15")
async def test_rooms_that_lead_back_are_refused(place: Elsewhere, tmp_path: Path) -> None:
    """Its own, another gateway's; and an account at itself."""
    other = tmp_path / "other"
    other.mkdir()
    room = place.room()
    async with (
        gateway_to(place.there, place.there, other) as second,
        place.user(room) as ada,
    ):
        for refused, words in (
            (f"x@{place.gateway.jid}", "this very gateway"),
            (f"x@{second.gateway.jid}", "is a gateway itself"),
        ):
            with pytest.raises(Refusal) as no:
                await ada.join(place.seen_here(refused), "ada")
            assert words in text_of(no.value.stanza)
            assert no.value.condition == "not-acceptable"
    async with Client(place.here, "bao", names={"gw": place.gateway.jid}) as bao:
        answer = await place.register(bao, "bao", account=f"bao@{place.gateway.jid}")
        assert "this very gateway" in text_of(answer)
