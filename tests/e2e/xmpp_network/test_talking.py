"""What is said in rooms elsewhere passes both ways."""

from __future__ import annotations

import pytest

from tests.e2e.elsewhere import Elsewhere, bookmark, both, founded
from tests.e2e.xmpp_network.steps import corrected, stanza_id

pytestmark = pytest.mark.e2e


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
        there, here = await corrected(ada, bao, place.seen_here(room))
        await ada.expect("<message from='{room}/ada'><body>Hello</body></message>")
        await ada.send(
            "<message type='groupchat' to='{room}'>"
            "<reactions xmlns='urn:xmpp:reactions:0' id='{id}'><reaction>👋</reaction></reactions>"
            "</message>",
            id=stanza_id(here),
        )
        await bao.expect(
            "<message from='{far}/ada'><reactions xmlns='urn:xmpp:reactions:0' id='{id}'>"
            "<reaction>👋</reaction></reactions></message>",
            id=stanza_id(there),
        )
        await ada.send(
            "<message type='groupchat' to='{room}'>"
            "<retract xmlns='urn:xmpp:message-retract:1' id='{id}'/></message>",
            id=stanza_id(here),
        )
        await bao.expect(
            "<message from='{far}/ada'><retract xmlns='urn:xmpp:message-retract:1' id='{id}'/>"
            "</message>",
            id=stanza_id(there),
        )
        # From there.
        sent = await bao.say(room, "Good day")
        there = await bao.expect("<message from='{far}/bao'><body>Good day</body></message>")
        here = await ada.expect("<message from='{room}/bao'><body>Good day</body></message>")
        await ada.send(
            "<message type='groupchat' to='{room}'><body>And to you</body>"
            "<reply xmlns='urn:xmpp:reply:0' id='{id}'/></message>",
            id=stanza_id(here),
        )
        answer = await bao.expect(
            "<message from='{far}/ada'><reply xmlns='urn:xmpp:reply:0' id='{id}'/></message>",
            id=stanza_id(there),
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
            id=stanza_id(there),
        )
        await ada.expect(
            "<message from='{room}/bao'><reactions xmlns='urn:xmpp:reactions:0' id='{id}'>"
            "<reaction>🌙</reaction></reactions></message>",
            id=stanza_id(here),
        )
        await bao.send(
            "<message type='groupchat' to='{far}'>"
            "<retract xmlns='urn:xmpp:message-retract:1' id='{id}'/></message>",
            id=stanza_id(there),
        )
        await ada.expect(
            "<message from='{room}/bao'><retract xmlns='urn:xmpp:message-retract:1' id='{id}'/>"
            "</message>",
            id=stanza_id(here),
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
            id=stanza_id(there),
        )
        assert done.get("type") == "result"
        await ada.expect(
            "<message from='{room}'><retract xmlns='urn:xmpp:message-retract:1' id='{id}'>"
            "<moderated xmlns='urn:xmpp:message-moderate:1'/></retract></message>",
            id=stanza_id(here),
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
            id=stanza_id(here),
        )
        await bao.expect(
            "<message from='{far}/ada'><displayed xmlns='urn:xmpp:chat-markers:0' id='{id}'/>"
            "</message>",
            id=stanza_id(there),
        )


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
