"""A client that knows nothing of ours, in a group of the web chat, through real servers."""

from __future__ import annotations

import asyncio

import pytest

from conformance.client import PATIENCE, Client, Joined, Refusal
from tests.e2e.conftest import Place
from tests.web_client import web_person

pytestmark = pytest.mark.e2e

MUC_ADMIN = "http://jabber.org/protocol/muc#admin"


async def test_a_client_joins_talks_pages_and_is_refused_what_it_may_not(place: Place) -> None:
    room = place.room("hall")
    async with web_person(place.web, "Wanda") as wanda:
        await wanda.makes("hall", name="The hall", description="Come in")
        await wanda.says("hall", "Is anybody there?")

        async with Client(place.server, "ada", names=place.names()) as ada:
            joined = await ada.join(room, "ada")
            assert joined.nicks == {"Wanda", "ada"}
            assert {"110", "100"} <= joined.codes
            assert [m.findtext("{jabber:client}body") for m in joined.history] == [
                "Is anybody there?"
            ]
            assert "ada" in await wanda.members("hall")

            await ada.say(room, "I am")
            mine = await ada.expect(
                "<message type='groupchat' from='{room}/ada'><body>I am</body></message>"
            )
            assert [m["body"] for m in await wanda.messages("hall")] == [
                "Is anybody there?",
                "I am",
            ]
            answer = await wanda.says("hall", "Welcome")
            await wanda.ask("PATCH", f"groups/hall/messages/{answer}", body="Welcome!")
            theirs = await ada.expect(
                "<message type='groupchat' from='{room}/Wanda'><body>Welcome</body></message>"
            )
            edit = await ada.expect(
                "<message from='{room}/Wanda'><body>Welcome!</body>"
                "<replace xmlns='urn:xmpp:message-correct:0'/></message>"
            )
            replaced = edit.find("{urn:xmpp:message-correct:0}replace")
            assert replaced is not None
            assert replaced.get("id") == theirs.get("id")

            stanza_id = theirs.find("{urn:xmpp:sid:0}stanza-id")
            assert stanza_id is not None
            await ada.send(
                "<message type='groupchat' to='{room}'>"
                "<reactions xmlns='urn:xmpp:reactions:0' id='{id}'><reaction>👋</reaction>"
                "</reactions></message>",
                id=stanza_id.get("id"),
            )
            await ada.expect(
                "<message from='{room}/ada'><reactions xmlns='urn:xmpp:reactions:0'/></message>"
            )

            await ada.send(
                "<message type='groupchat' to='{room}'><subject>Doors</subject></message>"
            )
            await ada.expect("<message from='{room}/ada'><subject>Doors</subject></message>")
            assert (await wanda.ask("GET", "groups/hall"))["subject"]["text"] == "Doors"

            first = await ada.page(room, limit=2)
            assert first.bodies == ["Is anybody there?", "I am"]
            assert not first.complete
            rest = await ada.page(room, limit=50, after=first.ids[-1])
            assert rest.complete
            assert rest.bodies[0] == "Welcome"
            assert mine.find("{urn:xmpp:sid:0}stanza-id").get("id") == first.ids[1]  # type: ignore[union-attr]

            kick = await ada.iq(
                "<iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'>"
                "<item nick='Wanda' role='none'/></query></iq>"
            )
            assert kick.get("type") == "error"
            config = await ada.iq(
                "<iq type='get' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>"
            )
            assert config.get("type") == "error"


async def test_running_a_group_from_both_sides(place: Place) -> None:
    room = place.room("hall")
    async with (
        web_person(place.web, "Wanda") as wanda,
        Client(place.server, "ada", names=place.names()) as ada,
        Client(place.server, "bao", names=place.names()) as bao,
    ):
        await wanda.makes("hall")
        await ada.join(room, "ada")
        await bao.join(room, "bao")
        await ada.expect("<presence from='{room}/bao'/>")

        await wanda.ask("PATCH", "groups/hall", name="The great hall")
        await ada.expect(
            "<message from='{room}'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<status code='104'/></x></message>"
        )
        info = await ada.iq(
            "<iq type='get' to='{room}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        )
        names = [i.get("name") for i in info.iter() if i.tag.endswith("identity")]
        assert names == ["The great hall"]

        members = await wanda.members("hall")
        await wanda.ask(
            "PUT", f"groups/hall/members/{members['ada']['id']}/affiliation", affiliation="owner"
        )
        await ada.expect(
            "<presence from='{room}/ada'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item affiliation='owner' role='moderator'/><status code='110'/></x></presence>"
        )

        done = await ada.iq(
            "<iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'>"
            "<item nick='bao' role='none'><reason>Later</reason></item></query></iq>"
        )
        assert done.get("type") == "result"
        await bao.expect(
            "<presence type='unavailable' from='{room}/bao'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item><actor nick='ada'/><reason>Later</reason></item>"
            "<status code='110'/><status code='307'/></x></presence>"
        )
        await ada.expect(
            "<presence type='unavailable' from='{room}/bao'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'><status code='307'/></x></presence>"
        )
        assert "bao" not in await wanda.members("hall")

        await ada.iq(
            "<iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'>"
            "<x xmlns='jabber:x:data' type='submit'>"
            "<field var='FORM_TYPE'>"
            "<value>http://jabber.org/protocol/muc#roomconfig</value></field>"
            "<field var='muc#roomconfig_roomdesc'><value>With a fire</value></field>"
            "<field var='muc#roomconfig_moderatedroom'><value>1</value></field>"
            "</x></query></iq>"
        )
        group = await wanda.ask("GET", "groups/hall")
        assert group["config"]["description"] == "With a fire"
        assert group["config"]["moderated"] is True

        await ada.iq(
            "<iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'>"
            "<destroy><reason>The end</reason></destroy></query></iq>"
        )
        await ada.expect(
            "<presence type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<destroy><reason>The end</reason></destroy></x></presence>"
        )
        await wanda.ask("GET", "groups/hall", expect=404)


async def test_joining_an_address_where_nothing_is_makes_a_group(place: Place) -> None:
    room = place.room("garden")
    async with (
        web_person(place.web, "Wanda") as wanda,
        Client(place.server, "ada", names=place.names("garden")) as ada,
    ):
        joined = await ada.join(room, "ada")
        assert {"110", "201"} <= joined.codes
        item = joined.self_presence.find(".//{http://jabber.org/protocol/muc#user}item")
        assert item is not None
        assert (item.get("affiliation"), item.get("role")) == ("owner", "moderator")
        await wanda.ask("POST", "groups/garden/join", name="x")
        await ada.expect("<presence from='{room}/Wanda'/>")


@pytest.mark.requirement("JOIN-30", "CREATE-06", "JOIN-23")
async def test_a_client_that_goes_away_has_left_its_rooms(place: Place) -> None:
    """The server tells each room that a client has joined when the client is gone."""
    room, begun = place.room("hall"), place.room("begun")
    async with Client(place.server, "ada", names=place.names("hall")) as ada:
        await ada.join(room, "ada")
        await ada.iq(
            "<iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'>"
            "<x xmlns='jabber:x:data' type='submit'/></query></iq>"
        )
        async with Client(place.server, "bao", names=place.names("hall")) as bao:
            await bao.join(room, "bao")
            await bao.join(begun, "bao")
            await ada.expect("<presence from='{room}/bao'/>")
            with pytest.raises(Refusal) as locked:
                await ada.join(begun, "ada")
            assert locked.value.condition == "item-not-found"
        await ada.expect("<presence type='unavailable' from='{room}/bao'/>")
        assert "201" in (await _admitted(ada, begun)).codes  # what he had not set up went with him


async def _admitted(client: Client, room: str) -> Joined:
    """Join a room, as soon as it lets the client in."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await client.join(room, client.name)
            except Refusal:
                await asyncio.sleep(0.1)


@pytest.mark.requirement("ADDR-02")
async def test_somebody_with_an_emoji_in_their_name_is_seen_and_heard(place: Place) -> None:
    """ejabberd 23.01 would refuse the emoji itself; Prosody 0.12.3 would take it."""
    room = place.room("hall")
    async with (
        web_person(place.web, "Wanda \U0001f389") as wanda,
        Client(place.server, "ada", names=place.names()) as ada,
    ):
        await wanda.makes("hall")
        joined = await ada.join(room, "ada")
        assert "Wanda :party_popper:" in joined.nicks
        await wanda.says("hall", "Hello")
        await ada.expect("<message from='{room}/Wanda :party_popper:'><body>Hello</body></message>")
        answer = await ada.iq(
            "<iq type='get' to='{room}/Wanda :party_popper:'><ping xmlns='urn:xmpp:ping'/></iq>"
        )
        assert answer.get("type") == "result"
