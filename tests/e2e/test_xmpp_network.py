"""Rooms on another server, through a gateway whose network is XMPP."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import pytest_asyncio

from conformance.client import Client, Refusal
from conformance.xml import condition_of
from tests.e2e.elsewhere import (
    ADMIN,
    OWNER,
    ROOM_CONFIG,
    Elsewhere,
    bookmark,
    bookmarked,
    founded,
    gateway_to,
    logged_in,
)
from tests.servers import Prosody
from tests.servers.fixtures import USERS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

PIXEL = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
        "rkJggg=="
    )
).decode()


class Far(Prosody):
    """Has rooms with moderation."""

    def _configuration(self) -> str:
        text = super()._configuration()
        return text.replace('"vcard_muc" }', '"vcard_muc", "muc_moderation" }')


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def there() -> AsyncIterator[Prosody]:
    async with Far(users=USERS, domain="far.localhost", spare=1) as server:
        yield server


@pytest.fixture
async def place(prosody: Prosody, there: Prosody, tmp_path: Path) -> AsyncIterator[Elsewhere]:
    async with gateway_to(prosody, there, tmp_path) as made:
        yield made


@asynccontextmanager
async def both(place: Elsewhere, room: str) -> AsyncIterator[tuple[Client, Client]]:
    """Ada is in a room through the gateway, Bao has made it and is in it over there."""
    async with place.far(room, "bao") as bao:
        await founded(bao, room)
        async with place.user(room) as ada:
            await ada.join(place.seen_here(room), "ada")
            await bao.expect("<presence from='{far}/ada'/>")
            yield ada, bao


async def test_groups_are_the_bookmarked_rooms_and_words_pass_both_ways(place: Elsewhere) -> None:
    room = place.room()
    async with place.far(room, "bao") as bao, place.far(room, "ada") as elsewhere:
        await founded(bao, room)
        await bao.say(room, "Is anybody there?")
        await bookmark(elsewhere, room)
        async with place.user(room) as ada:
            await bao.expect("<presence from='{far}/ada'/>")
            joined = await ada.join(place.seen_here(room), "ada")
            assert joined.nicks == {"ada", "bao"}
            assert [one.findtext("{jabber:client}body") for one in joined.history] == [
                "Is anybody there?"
            ]
            await ada.say(place.seen_here(room), "I am")
            await bao.expect("<message from='{far}/ada'><body>I am</body></message>")
            await ada.expect("<message from='{room}/ada'><body>I am</body></message>")
            await bao.say(room, "Welcome")
            await ada.expect("<message from='{room}/bao'><body>Welcome</body></message>")
            page = await ada.page(place.seen_here(room), limit=50)
            assert page.bodies == ["Is anybody there?", "I am", "Welcome"]


async def test_what_is_done_to_messages_passes_both_ways(place: Elsewhere) -> None:
    room = place.room()
    async with both(place, room) as (ada, bao):
        # From here.
        mine = await ada.say(place.seen_here(room), "Helo")
        there = await bao.expect("<message from='{far}/ada'><body>Helo</body></message>")
        here = await ada.expect("<message from='{room}/ada'><body>Helo</body></message>")
        await ada.send(
            "<message type='groupchat' to='{room}'><body>Hello</body>"
            "<replace xmlns='urn:xmpp:message-correct:0' id='{id}'/></message>",
            id=mine,
        )
        await bao.expect(
            "<message from='{far}/ada'><body>Hello</body>"
            "<replace xmlns='urn:xmpp:message-correct:0' id='{id}'/></message>",
            id=there.get("id"),
        )
        await ada.expect("<message from='{room}/ada'><body>Hello</body></message>")
        await ada.send(
            "<message type='groupchat' to='{room}'>"
            "<reactions xmlns='urn:xmpp:reactions:0' id='{id}'><reaction>👋</reaction></reactions>"
            "</message>",
            id=_stanza_id(here),
        )
        await bao.expect(
            "<message from='{far}/ada'><reactions xmlns='urn:xmpp:reactions:0' id='{id}'>"
            "<reaction>👋</reaction></reactions></message>",
            id=_stanza_id(there),
        )
        await ada.send(
            "<message type='groupchat' to='{room}'>"
            "<retract xmlns='urn:xmpp:message-retract:1' id='{id}'/></message>",
            id=_stanza_id(here),
        )
        await bao.expect(
            "<message from='{far}/ada'><retract xmlns='urn:xmpp:message-retract:1' id='{id}'/>"
            "</message>",
            id=_stanza_id(there),
        )
        # From there.
        sent = await bao.say(room, "Good day")
        there = await bao.expect("<message from='{far}/bao'><body>Good day</body></message>")
        here = await ada.expect("<message from='{room}/bao'><body>Good day</body></message>")
        await ada.send(
            "<message type='groupchat' to='{room}'><body>And to you</body>"
            "<reply xmlns='urn:xmpp:reply:0' id='{id}'/></message>",
            id=_stanza_id(here),
        )
        answer = await bao.expect(
            "<message from='{far}/ada'><reply xmlns='urn:xmpp:reply:0' id='{id}'/></message>",
            id=_stanza_id(there),
        )
        assert (answer.findtext("{jabber:client}body") or "").endswith("And to you")
        await bao.send(
            "<message type='groupchat' to='{far}'><body>Good night</body>"
            "<replace xmlns='urn:xmpp:message-correct:0' id='{id}'/></message>",
            id=sent,
        )
        await ada.expect(
            "<message from='{room}/bao'><body>Good night</body>"
            "<replace xmlns='urn:xmpp:message-correct:0' id='{id}'/></message>",
            id=here.get("id"),
        )
        await bao.send(
            "<message type='groupchat' to='{far}'>"
            "<reactions xmlns='urn:xmpp:reactions:0' id='{id}'><reaction>🌙</reaction></reactions>"
            "</message>",
            id=_stanza_id(there),
        )
        await ada.expect(
            "<message from='{room}/bao'><reactions xmlns='urn:xmpp:reactions:0' id='{id}'>"
            "<reaction>🌙</reaction></reactions></message>",
            id=_stanza_id(here),
        )
        await bao.send(
            "<message type='groupchat' to='{far}'>"
            "<retract xmlns='urn:xmpp:message-retract:1' id='{id}'/></message>",
            id=_stanza_id(there),
        )
        await ada.expect(
            "<message from='{room}/bao'><retract xmlns='urn:xmpp:message-retract:1' id='{id}'/>"
            "</message>",
            id=_stanza_id(here),
        )
        # Moderated over there.
        await ada.say(place.seen_here(room), "Buy this")
        there = await bao.expect("<message from='{far}/ada'><body>Buy this</body></message>")
        here = await ada.expect("<message from='{room}/ada'><body>Buy this</body></message>")
        done = await bao.iq(
            "<iq type='set' to='{far}'><apply-to xmlns='urn:xmpp:fasten:0' id='{id}'>"
            "<moderate xmlns='urn:xmpp:message-moderate:0'>"
            "<retract xmlns='urn:xmpp:message-retract:0'/><reason>Spam</reason>"
            "</moderate></apply-to></iq>",
            id=_stanza_id(there),
        )
        assert done.get("type") == "result"
        await ada.expect(
            "<message from='{room}'><retract xmlns='urn:xmpp:message-retract:1' id='{id}'>"
            "<moderated xmlns='urn:xmpp:message-moderate:1'/></retract></message>",
            id=_stanza_id(here),
        )


async def test_typing_and_read_marks_pass(place: Elsewhere) -> None:
    room = place.room()
    async with both(place, room) as (ada, bao):
        await bao.send(
            "<message type='groupchat' to='{far}'>"
            "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>"
        )
        await ada.expect(
            "<message from='{room}/bao'><composing xmlns='http://jabber.org/protocol/chatstates'/>"
            "</message>"
        )
        await bao.say(room, "Read this")
        there = await bao.expect("<message from='{far}/bao'><body>Read this</body></message>")
        here = await ada.expect("<message from='{room}/bao'><body>Read this</body></message>")
        await ada.send(
            "<message type='groupchat' to='{room}'>"
            "<displayed xmlns='urn:xmpp:chat-markers:0' id='{id}'/></message>",
            id=_stanza_id(here),
        )
        await bao.expect(
            "<message from='{far}/ada'><displayed xmlns='urn:xmpp:chat-markers:0' id='{id}'/>"
            "</message>",
            id=_stanza_id(there),
        )


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
        await _configured(bao, room, roomname="The far hall", moderatedroom="1")
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
        await _item(bao, room, "nick='sid' role='none'", "Enough")
        await ada.expect(
            "<presence type='unavailable' from='{room}/sid'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item><actor nick='bao'/><reason>Enough</reason></item>"
            "<status code='307'/></x></presence>"
        )
        await _item(bao, room, f"jid='ada@{place.there.domain}' affiliation='admin'")
        await ada.expect(
            "<presence from='{room}/ada'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item affiliation='admin' role='moderator'/><status code='110'/></x></presence>"
        )
        await _item(bao, room, f"jid='ada@{place.there.domain}' affiliation='outcast'", "Out")
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
        await _item(bao, room, f"jid='ada@{place.there.domain}' affiliation='owner'")
        await ada.expect(
            "<presence from='{room}/ada'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item affiliation='owner' role='moderator'/></x></presence>"
        )
        await cyd.join(room, "cyd")
        await ada.expect("<presence from='{room}/cyd'/>")
        await ada.send("<message type='groupchat' to='{room}'><subject>Ships</subject></message>")
        await bao.expect("<message from='{far}/ada'><subject>Ships</subject></message>")

        await _item(ada, place.seen_here(room), "nick='cyd' role='visitor'")
        await cyd.expect(
            "<presence from='{far}/cyd'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item role='visitor'/></x></presence>"
        )
        await _item(ada, place.seen_here(room), "nick='cyd' role='none'", "Later")
        await cyd.expect(
            "<presence type='unavailable' from='{far}/cyd'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'><item><reason>Later</reason></item>"
            "<status code='307'/></x></presence>"
        )
        await ada.expect("<presence type='unavailable' from='{room}/cyd'/>")
        await cyd.join(room, "cyd")
        await ada.expect(
            "<presence from='{room}/cyd'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item role='participant'/></x></presence>"
        )
        await _item(ada, place.seen_here(room), "nick='cyd' affiliation='member'")
        await cyd.expect(
            "<presence from='{far}/cyd'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item affiliation='member'/></x></presence>"
        )
        await _item(ada, place.seen_here(room), "nick='cyd' affiliation='outcast'", "Spam")
        await cyd.expect(
            "<presence type='unavailable' from='{far}/cyd'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'><item><reason>Spam</reason></item>"
            "<status code='301'/></x></presence>"
        )

        await _configured(ada, place.seen_here(room), roomdesc="With a view", membersonly="1")
        form = await bao.iq(f"<iq type='get' to='{room}'><query xmlns='{OWNER}'/></iq>")
        assert _value(form, "roomdesc") == "With a view"
        assert _value(form, "membersonly") == "1"

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
        async with place.far(room, "ada") as elsewhere:
            assert await bookmarked(elsewhere) == {room: "false"}


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
        await _configured(bao, room, roomname="Harbour talk", publicroom="1")
        answer = await ada.iq(
            "<iq type='get' to='{gw}'><search xmlns='urn:xmpp:channel-search:0:search'>"
            "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
            "<value>urn:xmpp:channel-search:0:search-params</value></field>"
            "<field var='q'><value>harbour</value></field></x></search></iq>"
        )
        text = ET.tostring(answer, encoding="unicode")
        assert "Harbour talk" in text
        assert place.seen_here(room) in text


async def test_a_server_that_restarts_is_joined_again_and_what_was_missed_is_read(
    place: Elsewhere,
) -> None:
    room = place.room()
    async with both(place, room) as (ada, bao):
        await _configured(bao, room, persistentroom="1")
        await place.there.restart()
        async with place.far(room, "cyd") as cyd:
            await cyd.join(room, "cyd")
            await cyd.say(room, "While you were away")
            await ada.expect(
                "<message from='{room}/cyd'><body>While you were away</body></message>", timeout=60
            )
            await ada.expect("<presence from='{room}/cyd'/>", timeout=60)
            await _until_said(ada, place.seen_here(room), "I am back")
            await cyd.expect("<message from='{far}/ada'><body>I am back</body></message>")
            page = await ada.page(place.seen_here(room), limit=50)
            assert page.bodies.count("While you were away") == 1


async def test_a_room_is_made_from_here(place: Elsewhere) -> None:
    room = place.room()
    async with place.user(room) as ada, place.far(room, "bao") as bao:
        joined = await ada.join(place.seen_here(room), "ada")
        assert {"110", "201"} <= joined.codes
        await _configured(ada, place.seen_here(room), roomname="New")
        theirs = await bao.join(room, "bao")
        assert theirs.nicks == {"ada", "bao"}
        await ada.expect("<presence from='{room}/bao'/>")
        info = await bao.iq(
            "<iq type='get' to='{far}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        )
        assert [i.get("name") for i in info.iter() if i.tag.endswith("identity")] == ["New"]


async def test_what_is_between_two_passes_to_and_fro(place: Elsewhere) -> None:
    """Private messages in a room, messages outside of any, invitations."""
    room, other = place.room(), place.room()
    async with both(place, room) as (ada, bao):
        await ada.send(
            "<message type='chat' to='{room}/bao'><body>Between us</body>"
            "<x xmlns='http://jabber.org/protocol/muc#user'/></message>"
        )
        await bao.expect("<message type='chat' from='{far}/ada'><body>Between us</body></message>")
        await bao.send(
            "<message type='chat' to='{far}/ada'><body>Of course</body>"
            "<x xmlns='http://jabber.org/protocol/muc#user'/></message>"
        )
        await ada.expect("<message type='chat' from='{room}/bao'><body>Of course</body></message>")
        await bao.send(
            "<message type='chat' to='{them}'><body>Out here</body></message>",
            them=f"ada@{place.there.domain}",
        )
        contact = f"bao\\40{place.there.domain}@{place.gateway.jid}"
        heard = await ada.expect("<message type='chat'><body>Out here</body></message>")
        assert heard.get("from", "").startswith(contact)
        await ada.send("<message type='chat' to='{it}'><body>Yes</body></message>", it=contact)
        await bao.expect("<message type='chat'><body>Yes</body></message>")

        await founded(bao, other)
        await bao.send(
            "<message to='{it}'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<invite to='{them}'><reason>Come</reason></invite></x></message>",
            it=other,
            them=f"ada@{place.there.domain}",
        )
        await ada.expect(
            "<message from='{it}'><x xmlns='http://jabber.org/protocol/muc#user'>"
            "<invite><reason>Come</reason></invite></x></message>",
            it=place.seen_here(other),
        )
        joined = await ada.join(place.seen_here(other), "ada")
        assert "bao" in joined.nicks


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
        await bao.expect("<presence from='{far}/ada'/>", timeout=30)
        await ada.expect(
            "<message from='{room}/bao'><body>While you slept</body></message>", timeout=30
        )
        await _until_said(ada, place.seen_here(room), "Good morning")
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
        await ada.expect("<presence from='{gw}'><show>away</show></presence>", timeout=30)
        await there.start()
        await logged_in(ada)
        await there.stop()
        await there.add_user("ada", "another")
        await there.start()
        told = await ada.expect("<message from='{gw}'><body/></message>", timeout=60)
        while "does not accept this password" not in "".join(told.itertext()):
            told = await ada.expect("<message from='{gw}'><body/></message>", timeout=60)


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
            timeout=40,
        )
        await there.start()
        await ada.expect("<presence from='{gw}'><show>chat</show></presence>", timeout=80)


async def test_a_wrong_password_is_told(place: Elsewhere) -> None:
    async with Client(place.here, "ada", names={"gw": place.gateway.jid}) as ada:
        answer = await place.register(ada, "ada", password="guessed")
        assert condition_of(answer) == "not-authorized"
        assert "does not accept this password for ada@far.localhost" in _text(answer)
        answer = await place.register(ada, "ada", account="nonsense")
        assert condition_of(answer) == "not-acceptable"


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
            assert words in _text(no.value.stanza)
            assert no.value.condition == "not-acceptable"
    async with Client(place.here, "bao", names={"gw": place.gateway.jid}) as bao:
        answer = await place.register(bao, "bao", account=f"bao@{place.gateway.jid}")
        assert "this very gateway" in _text(answer)


def _stanza_id(message: ET.Element) -> str:
    found = message.find("{urn:xmpp:sid:0}stanza-id")
    assert found is not None, ET.tostring(message)
    return found.get("id", "")


def _text(stanza: ET.Element) -> str:
    return stanza.findtext(".//{urn:ietf:params:xml:ns:xmpp-stanzas}text") or ""


def _value(form: ET.Element, name: str) -> str | None:
    for field in form.iter("{jabber:x:data}field"):
        if field.get("var") == f"muc#roomconfig_{name}":
            return field.findtext("{jabber:x:data}value")
    return None


async def _item(client: Client, room: str, attributes: str, reason: str = "") -> None:
    answer = await client.iq(
        f"<iq type='set' to='{room}'><query xmlns='{ADMIN}'><item {attributes}>"
        f"<reason>{reason}</reason></item></query></iq>"
    )
    assert answer.get("type") == "result", ET.tostring(answer)


async def _configured(client: Client, room: str, **settings: str) -> None:
    fields = "".join(
        f"<field var='muc#roomconfig_{name}'><value>{value}</value></field>"
        for name, value in settings.items()
    )
    answer = await client.iq(
        f"<iq type='set' to='{room}'><query xmlns='{OWNER}'><x xmlns='jabber:x:data' type='submit'>"
        f"<field var='FORM_TYPE'><value>{ROOM_CONFIG}</value></field>{fields}</x></query></iq>"
    )
    assert answer.get("type") == "result", ET.tostring(answer)


async def _until_said(client: Client, room: str, body: str) -> None:
    """Say something as soon as the room takes it."""
    async with asyncio.timeout(60):
        while True:
            answer = _id_is(await client.say(room, body))
            _, said = await client.inbox.expect(answer, 40, what="what becomes of it")
            if said.get("type") != "error":
                return
            await asyncio.sleep(0.5)


def _id_is(id: str) -> Callable[[ET.Element], bool]:
    return lambda one: one.get("id") == id
