"""Pictures and badges of people elsewhere, and who is named in what they say."""

from __future__ import annotations

import base64
import hashlib

import pytest

from tests.e2e.elsewhere import Elsewhere, both
from tests.e2e.xmpp_network.test_running import PIXEL

pytestmark = pytest.mark.e2e

SHA1 = hashlib.sha1(base64.b64decode(PIXEL), usedforsecurity=False).hexdigest()


async def test_the_picture_of_somebody_elsewhere_can_be_seen(place: Elsewhere) -> None:
    room = place.room()
    async with both(place, room) as (ada, bao):
        await bao.iq(
            "<iq type='set'><vCard xmlns='vcard-temp'><PHOTO><TYPE>image/png</TYPE>"
            f"<BINVAL>{PIXEL}</BINVAL></PHOTO></vCard></iq>"
        )
        await bao.send(
            "<presence to='{far}/bao'><status>Cook</status>"
            f"<x xmlns='vcard-temp:x:update'><photo>{SHA1}</photo></x></presence>"
        )
        await ada.expect(
            "<presence from='{room}/bao'><status>Cook</status>"
            f"<x xmlns='vcard-temp:x:update'><photo>{SHA1}</photo></x></presence>"
        )
        card = await ada.iq("<iq type='get' to='{room}/bao'><vCard xmlns='vcard-temp'/></iq>")
        assert card.findtext(".//{vcard-temp}BINVAL") == PIXEL


async def test_whoever_is_named_is_named_on_the_other_side(place: Elsewhere) -> None:
    room = place.room()
    said = (
        "<message type='groupchat' {}='{{{}}}{}'><body>{}: hello</body>"
        "<reference xmlns='urn:xmpp:reference:0' type='mention' begin='0' end='3'"
        " uri='xmpp:{}/{}'/></message>"
    )
    here = place.seen_here(room).replace("\\", "%5C")
    async with both(place, room) as (ada, bao):
        await bao.send(said.format("to", "far", "", "ada", room, "ada"))
        heard = await ada.expect("<message from='{room}/bao'><body>ada: hello</body></message>")
        named = heard.find("{urn:xmpp:reference:0}reference")
        assert named is not None
        assert named.get("uri", "").replace("\\", "%5C") == f"xmpp:{here}/ada"
        await ada.say(place.seen_here(room), "bao: hello")
        await bao.expect(said.format("from", "far", "/ada", "bao", room, "bao"))
