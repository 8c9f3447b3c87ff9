"""What slidge's core serves, with our groups in place of its own: all of it still works."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from conformance.client import Client
from tests.e2e.conftest import Place
from tests.web_client import web_person

pytestmark = pytest.mark.e2e

COMMANDS = "http://jabber.org/protocol/commands"


async def test_contacts_commands_and_registration(place: Place) -> None:
    async with (
        web_person(place.web, "Wanda") as wanda,
        Client(place.server, "ada", names=place.names()) as ada,
    ):
        await wanda.makes("hall")

        # registration as a client offers it, before any room (XEP-0077, GW-01)
        form = await ada.iq("<iq type='get' to='{gw}'><query xmlns='jabber:iq:register'/></iq>")
        assert form.get("type") == "result"
        assert form.find(".//{jabber:iq:register}registered") is None
        done = await ada.iq(
            "<iq type='set' to='{gw}'><query xmlns='jabber:iq:register'>"
            "<x xmlns='jabber:x:data' type='submit'/></query></iq>"
        )
        assert done.get("type") == "result"
        await ada.expect("<presence from='{gw}'><show>chat</show></presence>")

        # ad-hoc commands, and commands by chat
        listed = await ada.iq(
            "<iq type='get' to='{gw}'><query xmlns='http://jabber.org/protocol/disco#items'"
            " node='http://jabber.org/protocol/commands'/></iq>"
        )
        nodes = [i.get("node") for i in listed.iter() if i.tag.endswith("item")]
        assert "jabber:iq:unregister" in nodes or len(nodes) > 3, ET.tostring(listed)
        await ada.send("<message type='chat' to='{gw}'><body>help</body></message>")
        answer = await ada.expect("<message type='chat' from='{gw}'><body/></message>")
        while "groups" not in "".join(answer.itertext()):
            answer = await ada.expect("<message type='chat' from='{gw}'><body/></message>")

        # a person of the network as a contact: both ways, and their card
        contact = f"{wanda.id}@{place.domain}"
        await ada.send(
            "<message type='chat' to='{contact}' id='m1'><body>Hello</body></message>",
            contact=contact,
        )
        me = None
        while me is None:
            people = {c["name"]: c["person"] for c in await wanda.ask("GET", "conversations")}
            me = people.get("ada")
        await wanda.ask("POST", f"conversations/{me}", body="Hello yourself")
        await ada.expect("<message type='chat'><body>Hello yourself</body></message>")
        card = await ada.iq(
            "<iq type='get' to='{contact}'><vCard xmlns='vcard-temp'/></iq>", contact=contact
        )
        assert card.get("type") == "result"

        # and out again
        gone = await ada.iq(
            "<iq type='set' to='{gw}'><query xmlns='jabber:iq:register'><remove/></query></iq>"
        )
        assert gone.get("type") == "result"
        refused = await ada.iq("<iq type='get' to='{room}'><ping xmlns='urn:xmpp:ping'/></iq>")
        assert "registration-required" in " ".join(e.tag for e in refused.iter())
