"""Asking a room elsewhere to be let in."""

from __future__ import annotations

import pytest

from conformance.xml import condition_of
from tests.e2e.elsewhere import Elsewhere, founded
from tests.e2e.xmpp_network.steps import configured, set_item

pytestmark = pytest.mark.e2e

REGISTER = "<query xmlns='jabber:iq:register'>{}</query>"
FORM = (
    "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
    "<value>http://jabber.org/protocol/muc#register</value></field>"
    "<field var='muc#register_roomnick'><value>ada</value></field></x>"
)


async def test_a_room_for_members_is_asked_and_its_answer_passed_on(place: Elsewhere) -> None:
    room = place.room()
    async with place.far(room, "bao") as bao, place.user(room) as ada:
        await founded(bao, room)
        await configured(bao, room, membersonly="1")
        ask = f"<iq type='set' to='{{room}}'>{REGISTER.format(FORM)}</iq>"
        refused = await ada.iq(ask)
        assert condition_of(refused) == "registration-required"
        await set_item(bao, room, f"jid='ada@{place.there.domain}' affiliation='member'")
        joined = await ada.join(place.seen_here(room), "ada")
        assert joined.nicks == {"ada", "bao"}
