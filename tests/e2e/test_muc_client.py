"""The MUC client in rooms of Prosody, of ejabberd, and of our own."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from slixmpp import JID, ComponentXMPP
from slixmpp.exceptions import XMPPError

from legacy_backend.xmpp.muc import (
    ConfigurationForm,
    Data,
    InviteMode,
    LeaveMode,
    MessageSource,
    MUCClient,
    PresenceState,
    Reactions,
    Replace,
    Retract,
    Room,
    RoomState,
    StatusCode,
)
from legacy_backend.xmpp.muc.about import MODERATE
from tests.e2e.rooms import (
    PATIENCE,
    House,
    beneath,
    expecting,
    guests,
    house,
    made,
    member,
    said,
)
from tests.servers.server import SECRET, Server

__all__ = ["beneath", "house"]

pytestmark = pytest.mark.e2e


@pytest.mark.requirement("A-001", "A-075", "A-099", "A-100", "A-101", "A-102", "A-231")
async def test_talk(house: House) -> None:
    async with guests(house, "ada", "bao") as (ada, bao):
        address = house.room()
        codes: set[int] = set()
        ada.muc.on_conversation_added.connect(
            lambda room: room.on_muc_enter.connect(
                lambda *_, muc_status_codes, **__: codes.update(muc_status_codes)
            )
        )
        theirs = await made(ada, address)
        assert StatusCode.CREATED in codes
        assert (await ada.muc.get_room_info(address)).features >= {"http://jabber.org/protocol/muc"}

        came = expecting(theirs.on_join)
        room = await bao.enters(address)
        (joiner,), _ = await came
        assert [one.nick for one in room.members] == [room.me.nick, theirs.me.nick]  # type: ignore[union-attr]
        assert joiner.nick == room.me.nick  # type: ignore[union-attr]

        heard = expecting(room.on_message)
        _, tracker = theirs.send_message_tracked(said("Hello"))
        async with asyncio.timeout(PATIENCE):
            await tracker.delivered()
        (message, author, source), _ = await heard
        assert (message["body"], source) == ("Hello", MessageSource.STREAM)
        assert author is member(room, theirs.me.nick)  # type: ignore[union-attr]

        topic = expecting(room.on_topic_changed)
        await theirs.set_topic({None: "Boats"})
        (_, subject), more = await topic
        assert subject.any() == "Boats" == room.muc_subject.any()
        assert more["muc_nick"] == theirs.me.nick  # type: ignore[union-attr]

        renamed = expecting(theirs.on_nick_changed)
        await room.set_nick("Bao the second")
        (who, _, new), more = await renamed
        assert who is joiner
        assert new == "Bao the second" == joiner.nick
        assert StatusCode.NICKNAME_CHANGE in more["muc_status_codes"]

        gone = expecting(theirs.on_leave)
        await room.leave()
        (who,), more = await gone
        assert (who, more["muc_leave_mode"]) == (joiner, LeaveMode.NORMAL)
        assert bao.muc.rooms == []


async def test_words_are_changed_answered_and_taken_back(house: House) -> None:
    async with guests(house, "ada", "bao") as (ada, bao):
        address = house.room()
        theirs = await made(ada, address)
        room = await bao.enters(address)
        nick = room.me.nick  # type: ignore[union-attr]

        def told(what: str) -> Any:
            return expecting(theirs.on_message, lambda *_, about, **__: bool(getattr(about, what)))

        heard = told("text")
        id, _ = room.send_message_tracked(said("Helo"))
        (_, author, _), more = await heard
        stanza_id, occupant_id = more["about"].stanza_id, more["about"].occupant_id
        assert stanza_id
        assert occupant_id == author.occupant_id

        heard = told("replace")
        _, tracker = room.correct(id, said("Hello"))
        _, more = await heard
        assert (more["about"].replace, more["about"].text) == (Replace(id), "Hello")
        async with asyncio.timeout(PATIENCE):
            await tracker.delivered()

        answered = expecting(room.on_message, lambda *_, about, **__: about.reply is not None)
        theirs.reply(stanza_id, said("Hi"), to=member(theirs, nick), body="Hello")
        _, more = await answered
        assert (more["about"].reply.id, more["about"].text) == (stanza_id, "Hi")
        assert more["about"].reply.to == member(theirs, nick).conversation_jid

        reacted = told("reactions")
        room.react(stanza_id, ["👋"])
        _, more = await reacted
        assert more["about"].reactions == Reactions(stanza_id, ("👋",))

        gone = told("retract")
        room.retract(stanza_id)
        _, more = await gone
        assert more["about"].retract == Retract(id=stanza_id)


async def test_a_moderator_removes_a_message(house: House) -> None:
    async with guests(house, "ada", "bao") as (ada, bao):
        address = house.room()
        theirs = await made(ada, address)
        room = await bao.enters(address)
        heard = expecting(theirs.on_message)
        room.send_message(said("Spam"))
        _, more = await heard
        if MODERATE not in (await ada.muc.get_room_info(address)).features:
            with pytest.raises(XMPPError):
                await theirs.moderate(more["about"].stanza_id)
            return
        gone = expecting(room.on_message, lambda *_, about, **__: about.retract is not None)
        await theirs.moderate(more["about"].stanza_id, reason="Enough")
        (_, who, _), told = await gone
        retract = told["about"].retract
        assert who is room.service_member
        assert (retract.id, retract.reason) == (more["about"].stanza_id, "Enough")
        assert retract.moderated.by == theirs.me.conversation_jid  # type: ignore[union-attr]


async def test_others_see_how_we_are(house: House) -> None:
    async with guests(house, "ada", "bao") as (ada, bao):
        theirs = await made(ada, house.room())
        room = await bao.enters(theirs.jid)
        changed = expecting(theirs.on_presence_changed)
        room.set_presence(PresenceState(True, "away"), "Tea", 3)
        (who, _, _), _ = await changed
        assert who.presence_state == PresenceState(True, "away")
        assert who.presence_status.any() == "Tea"
        renamed = expecting(theirs.on_nick_changed)
        await room.set_nick("Bao the second")
        await renamed
        assert who.presence_state == PresenceState(True, "away")
        changed = expecting(theirs.on_presence_changed)
        bao.muc.set_presence(PresenceState(True))
        await changed
        assert (who.presence_state, who.presence_status.any()) == (PresenceState(True), "")


@pytest.mark.requirement("A-097", "A-121", "A-122", "A-012")
async def test_history_is_told_from_what_is_said_now(house: House) -> None:
    async with guests(house, "ada", "bao") as (ada, bao):
        address = house.room()
        theirs = await made(ada, address)
        for number in range(3):
            _, tracker = theirs.send_message_tracked(said(f"{number}"))
            async with asyncio.timeout(PATIENCE):
                await tracker.delivered()
        heard: list[tuple[str, MessageSource]] = []

        def listen(room: Room) -> None:
            room.on_message.connect(
                lambda msg, member, source, **_: heard.append((msg["body"], source))
            )

        bao.muc.on_conversation_added.connect(listen)
        room = await bao.enters(address)
        assert room.muc_state is RoomState.ACTIVE
        now = expecting(room.on_message)
        theirs.send_message(said("now"))
        await now
        assert heard == [
            *((str(number), MessageSource.HISTORY) for number in range(3)),
            ("now", MessageSource.STREAM),
        ]


@pytest.mark.requirement("A-070", "A-072", "A-092", "A-111", "A-112", "A-113", "A-133", "A-136")
async def test_moderation(house: House) -> None:
    async with guests(house, "ada", "bao") as (ada, bao):
        address = house.room()
        theirs = await made(ada, address)
        came = expecting(theirs.on_join)
        room = await bao.enters(address, autorejoin=False)
        await came
        nick = room.me.nick  # type: ignore[union-attr]

        changed = expecting(room.on_muc_role_changed)
        await theirs.muc_set_role(nick, "visitor", reason="Hush")
        (who,), _ = await changed
        assert who is room.me
        assert who.role == "visitor"

        exited = expecting(room.on_exit)
        left = expecting(theirs.on_leave)
        await theirs.kick(member(theirs, nick), "Enough")
        _, more = await exited
        assert more["muc_leave_mode"] is LeaveMode.KICKED
        assert more["muc_reason"] == "Enough"
        (_,), more = await left
        assert more["muc_leave_mode"] is LeaveMode.KICKED

        came = expecting(theirs.on_join)
        room = await bao.enters(address)
        await came
        exited = expecting(room.on_exit)
        fallen = expecting(theirs.on_muc_affiliation_changed)
        banned = member(theirs, room.me.nick)  # type: ignore[union-attr]
        assert banned.direct_jid.bare == bao.bare
        await theirs.ban(banned, "Spam")
        _, more = await exited
        assert more["muc_leave_mode"] is LeaveMode.BANNED
        (who,), _ = await fallen
        assert who.affiliation == "outcast"
        outcasts = await ada.muc.get_affiliated(address, "outcast")
        assert [one.jid for one in outcasts] == [bao.bare]


@pytest.mark.requirement("A-030", "A-031", "A-032", "A-105", "A-081", "A-135", "A-225")
async def test_configuration_and_voice(house: House) -> None:
    async with guests(house, "ada", "bao") as (ada, bao):
        address = house.room()
        theirs = await made(ada, address)
        form = ConfigurationForm.from_xso(await ada.muc.get_room_config(address))
        form.roomname = "A quiet hall"
        form.moderatedroom = True
        await ada.muc.set_room_config(address, form.render_reply())
        form = ConfigurationForm.from_xso(await ada.muc.get_room_config(address))
        assert (form.roomname, form.moderatedroom) == ("A quiet hall", True)
        assert (await ada.muc.get_room_info(address)).name == "A quiet hall"

        room = await bao.enters(address)
        nick = room.me.nick  # type: ignore[union-attr]
        if room.me.role != "visitor":  # type: ignore[union-attr]
            hushed = expecting(room.on_muc_role_changed)
            await theirs.muc_set_role(nick, "visitor")
            await hushed
        asked = expecting(theirs.on_muc_role_request)
        granted = expecting(room.on_muc_role_changed)
        await room.muc_request_voice()
        (request, submission), _ = await asked
        assert request.roomnick == nick
        request.request_allow = True
        submission.set_result(request)
        (who,), _ = await granted
        assert who.role == "participant"


@pytest.mark.requirement("A-040", "A-042", "A-043", "A-044", "A-046")
async def test_invitations(house: House) -> None:
    async with guests(house, "ada", "bao") as (ada, bao):
        theirs = await made(ada, house.room())
        # Our rooms invite those whom the gateway knows: who has been in a room before.
        await (await bao.enters(theirs.jid)).leave()
        for mode in (InviteMode.MEDIATED, InviteMode.DIRECT):
            invited = expecting(
                bao.muc.on_muc_invitation, lambda *args, mode=mode, **_: args[3] is mode
            )
            await theirs.invite(bao.bare, reason="Tea", mode=mode)
            (_, address, inviter, _), more = await invited
            assert address == theirs.jid
            assert more["reason"] == "Tea"
            if mode is InviteMode.DIRECT:
                assert inviter.bare == ada.bare


@pytest.mark.requirement("A-015", "A-103", "A-104")
async def test_a_lost_stream_is_made_good(house: House) -> None:
    async with guests(house, "ada", "bao") as (ada, bao):
        address = house.room()
        theirs = await made(ada, address)
        room = await bao.enters(address)
        for word in ("before", "missed"):
            if word == "missed":
                # Services stamp to the second.
                await asyncio.sleep(1.1)
                suspended = expecting(room.on_muc_suspend)
                bao.client.xmpp.abort()
                await suspended
                assert not room.muc_active
            _, tracker = theirs.send_message_tracked(said(word))
            async with asyncio.timeout(PATIENCE):
                await tracker.delivered()
        heard: list[tuple[str, MessageSource]] = []
        room.on_message.connect(lambda msg, _, source, **__: heard.append((msg["body"], source)))
        active = expecting(room.on_muc_active)
        bao.client.xmpp.connect(house.server.host, house.server.c2s_port)
        await active
        assert ("missed", MessageSource.HISTORY) in heard
        assert len(room.members) == 2
        assert room.muc_joined


@pytest.mark.requirement("A-164", "A-165", "A-167", "A-168", "A-169")
async def test_whom_the_room_has_lost_joins_again(house: House) -> None:
    async with guests(house, "ada", "bao") as (ada, bao):
        address = house.room()
        room = await made(ada, address)
        await bao.enters(address)  # an empty room might be gone
        room.muc_ping_interval = timedelta(seconds=5)

        # We are still in: a ping says so, and nothing else happens.
        stale = expecting(room.on_muc_stale)
        fresh = expecting(room.on_muc_fresh)
        room.muc_hard_timeout = timedelta(milliseconds=1)
        await stale
        room.muc_hard_timeout = timedelta(minutes=15)
        room.muc_soft_timeout = timedelta(milliseconds=1)
        await fresh
        room.muc_soft_timeout = timedelta(minutes=13)
        assert room.muc_active

        # The room puts us out, and its goodbye is lost on the way.
        deaf = True
        ada.client.xmpp.add_filter("in", lambda stanza: None if lost(stanza) else stanza)

        def lost(stanza: Any) -> bool:
            return deaf and stanza.name == "presence" and stanza["from"].bare == address

        nick = room.me.nick  # type: ignore[union-attr]
        await ada.client.send(f"<presence type='unavailable' to='{address}/{nick}'/>")
        await ada.client.fence()
        assert room.muc_active
        suspended = expecting(room.on_muc_suspend)
        active = expecting(room.on_muc_active)
        room.muc_soft_timeout = timedelta(milliseconds=1)
        await suspended
        room.muc_soft_timeout = timedelta(minutes=13)
        deaf = False
        await active
        assert room.muc_active


@pytest.mark.requirement("A-001", "A-016", "A-247")
async def test_own_addresses_of_a_component_join_side_by_side(server: Server) -> None:
    domain = server.spare_component()
    stream = ComponentXMPP(domain, SECRET, server.host, server.component_port)
    started = asyncio.get_running_loop().create_future()
    stream.add_event_handler("session_start", lambda _: started.set_result(None))
    address = House(server, server.rooms).room()
    clients = [MUCClient.summon(stream, JID(f"{name}@{domain}/x")) for name in ("bot", "cat")]
    # Joins that wait for the stream.
    first, joined = clients[0].join(address, "bot")
    stream.connect()
    async with asyncio.timeout(PATIENCE):
        await started
        await joined
        await clients[0].set_room_config(address, Data("submit"))
        second, joined = clients[1].join(address, "cat")
        await joined
        # Whatever else a service says of its own accord has no words.
        heard = [
            expecting(room.on_message, lambda msg, *_, **__: msg["body"] != "")
            for room in (first, second)
        ]
        second.send_message(said("Meow"))
        for (message, author, _), _ in await asyncio.gather(*heard):
            assert (message["body"], author.nick) == ("Meow", "cat")
        assert {one.nick for one in first.members} == {"bot", "cat"}
        await asyncio.gather(*(client.close() for client in clients))
        await stream.disconnect(wait=2.0)
