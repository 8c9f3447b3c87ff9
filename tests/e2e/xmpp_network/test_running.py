"""Rooms elsewhere are run from there and from here."""

from __future__ import annotations

import asyncio
import base64
from xml.etree import ElementTree as ET

import pytest

from conformance.client import PATIENCE, Refusal
from tests.e2e.elsewhere import OWNER, Elsewhere, bookmarked, both
from tests.e2e.xmpp_network.steps import configured, set_item, value_of

pytestmark = pytest.mark.e2e

PIXEL = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
        "rkJggg=="
    )
).decode()


IS = (
    "<presence from='{{far}}/cyd'><x xmlns='http://jabber.org/protocol/muc#user'>"
    "<item {}/></x></presence>"
)
IS_OUT = (
    "<presence type='unavailable' from='{{far}}/cyd'>"
    "<x xmlns='http://jabber.org/protocol/muc#user'><item><reason>{}</reason></item>"
    "<status code='{}'/></x></presence>"
)
"""What is told to Cyd."""


async def test_a_room_is_run_from_over_there(place: Elsewhere) -> None:
    room = place.room()
    async with both(place, room) as (ada, bao), place.far(room, "cyd") as cyd:
        await cyd.join(room, "cyd")
        await ada.expect("<presence from='{room}/cyd'/>")
        await cyd.send("<presence to='{far}/sid'><show>away</show></presence>")
        await ada.expect(
            "<presence type='unavailable' from='{room}/cyd'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'><item nick='sid'/>"
            "<status code='303'/></x></presence>"
        )
        await ada.expect("<presence from='{room}/sid'/>")
        await bao.send("<message type='groupchat' to='{far}'><subject>Boats</subject></message>")
        await ada.expect("<message from='{room}/bao'><subject>Boats</subject></message>")
        await configured(bao, room, roomname="The far hall", moderatedroom="1")
        await ada.expect(
            "<message from='{room}'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<status code='104'/></x></message>"
        )
        info = await ada.iq(
            "<iq type='get' to='{room}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        )
        assert [i.get("name") for i in info.iter() if i.tag.endswith("identity")] == [
            "The far hall"
        ]
        await set_item(bao, room, "nick='sid' role='none'", "Enough")
        await ada.expect(
            "<presence type='unavailable' from='{room}/sid'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item><actor nick='bao'/><reason>Enough</reason></item>"
            "<status code='307'/></x></presence>"
        )
        await set_item(bao, room, f"jid='ada@{place.there.domain}' affiliation='admin'")
        await ada.expect(
            "<presence from='{room}/ada'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item affiliation='admin' role='moderator'/><status code='110'/></x></presence>"
        )
        await set_item(bao, room, f"jid='ada@{place.there.domain}' affiliation='outcast'", "Out")
        await ada.expect(
            "<presence type='unavailable' from='{room}/ada'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item affiliation='outcast'><reason>Out</reason></item>"
            "<status code='110'/><status code='301'/></x></presence>"
        )
        with pytest.raises(Refusal) as refused:
            await ada.join(place.seen_here(room), "ada")
        assert refused.value.condition == "forbidden"


async def test_a_room_is_run_from_here(place: Elsewhere) -> None:
    room = place.room()
    async with both(place, room) as (ada, bao), place.far(room, "cyd") as cyd:
        await set_item(bao, room, f"jid='ada@{place.there.domain}' affiliation='owner'")
        await ada.expect(
            "<presence from='{room}/ada'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item affiliation='owner' role='moderator'/></x></presence>"
        )
        await cyd.join(room, "cyd")
        await ada.expect("<presence from='{room}/cyd'/>")
        await ada.send("<message type='groupchat' to='{room}'><subject>Ships</subject></message>")
        await bao.expect("<message from='{far}/ada'><subject>Ships</subject></message>")

        await set_item(ada, place.seen_here(room), "nick='cyd' role='visitor'")
        await cyd.expect(IS.format("role='visitor'"))
        await set_item(ada, place.seen_here(room), "nick='cyd' role='none'", "Later")
        await cyd.expect(IS_OUT.format("Later", 307))
        await ada.expect("<presence type='unavailable' from='{room}/cyd'/>")
        await cyd.join(room, "cyd")
        await ada.expect(
            "<presence from='{room}/cyd'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item role='participant'/></x></presence>"
        )
        await set_item(ada, place.seen_here(room), "nick='cyd' affiliation='member'")
        await cyd.expect(IS.format("affiliation='member'"))
        await set_item(ada, place.seen_here(room), "nick='cyd' affiliation='outcast'", "Spam")
        await cyd.expect(IS_OUT.format("Spam", 301))

        await configured(ada, place.seen_here(room), roomdesc="With a view", membersonly="1")
        form = await bao.iq(f"<iq type='get' to='{room}'><query xmlns='{OWNER}'/></iq>")
        assert value_of(form, "roomdesc") == "With a view"
        assert value_of(form, "membersonly") == "1"

        card = await ada.iq(
            "<iq type='set' to='{room}'><vCard xmlns='vcard-temp'><PHOTO><TYPE>image/png</TYPE>"
            f"<BINVAL>{PIXEL}</BINVAL></PHOTO></vCard></iq>"
        )
        assert card.get("type") == "result", ET.tostring(card)
        there = await bao.iq("<iq type='get' to='{far}'><vCard xmlns='vcard-temp'/></iq>")
        assert there.find(".//{vcard-temp}BINVAL") is not None

        await ada.iq(
            f"<iq type='set' to='{{room}}'><query xmlns='{OWNER}'>"
            "<destroy><reason>The end</reason></destroy></query></iq>"
        )
        await bao.expect(
            "<presence type='unavailable' from='{far}/bao'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'>"
            "<destroy><reason>The end</reason></destroy></x></presence>"
        )


async def test_a_room_is_made_from_here(place: Elsewhere) -> None:
    room = place.room()
    async with place.user(room) as ada, place.far(room, "bao") as bao:
        joined = await ada.join(place.seen_here(room), "ada")
        assert {"110", "201"} <= joined.codes
        await configured(ada, place.seen_here(room), roomname="New")
        theirs = await bao.join(room, "bao")
        assert theirs.nicks == {"ada", "bao"}
        await ada.expect("<presence from='{room}/bao'/>")
        info = await bao.iq(
            "<iq type='get' to='{far}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        )
        assert [i.get("name") for i in info.iter() if i.tag.endswith("identity")] == ["New"]


async def test_a_room_destroyed_over_there_is_gone_here(place: Elsewhere) -> None:
    room = place.room()
    async with both(place, room) as (ada, bao):
        await bao.iq(
            f"<iq type='set' to='{{far}}'><query xmlns='{OWNER}'>"
            "<destroy jid='other@rooms.far.localhost'><reason>Moved</reason></destroy></query></iq>"
        )
        await ada.expect(
            "<presence type='unavailable' from='{room}/ada'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'>"
            "<destroy><reason>Moved</reason></destroy></x></presence>"
        )
        async with place.far(room, "ada") as elsewhere, asyncio.timeout(PATIENCE):
            while True:
                if (await bookmarked(elsewhere))[room] == "false":
                    break
                await asyncio.sleep(0.05)  # nothing tells
