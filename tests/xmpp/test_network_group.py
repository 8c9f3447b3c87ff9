"""What a room tells, as events of a group."""

from __future__ import annotations

import pytest
from slixmpp import JID

from legacy_backend import Affiliation, LegacyError, MemberId, Role
from legacy_backend.events import (
    ChatStateChanged,
    Departure,
    GroupDestroyed,
    MemberChanged,
    MemberJoined,
    MemberLeft,
    MessageEdited,
    MessagePosted,
    MessageRetracted,
    Reacted,
    ReadUpTo,
    SightLost,
    SightRegained,
    SubjectChanged,
    VoiceRequested,
)
from legacy_backend.xmpp.muc import Occupant
from legacy_backend.xmpp.who import Who, address_of
from tests.xmpp.line import DELAYED, ROOM, Line, absent, present, says
from tests.xmpp.stay import USER, Stay

BAO = MemberId("bao@example.org")
REAL = "bao@example.org/x"


def sid(id: str) -> str:
    return f"<stanza-id xmlns='urn:xmpp:sid:0' by='{ROOM}' id='{id}'/>"


@pytest.fixture
async def stay(line: Line) -> Stay:
    made = Stay(line)
    await made.enters(others=present("bao", jid=REAL), subject="Boats")
    return made


# Words


async def test_words_come_with_the_id_of_the_room(stay: Stay) -> None:
    stay.line.brings(says("bao", "Hello", id="c1", more=sid("s1")))
    posted = stay.told(MessagePosted)
    assert (posted.to, posted.group) == (USER, "hall@rooms.example")
    assert (posted.message.id, posted.message.author) == ("s1", BAO)
    assert (posted.message.author_name, posted.message.body) == ("bao", "Hello")


async def test_nothing_is_told_twice(stay: Stay) -> None:
    stay.line.brings(*[says("bao", "Hello", id="c1", more=sid("s1"))] * 2)
    stay.told(MessagePosted)
    stay.line.brings(says("bao", "Hello", id="c1", more=sid("s1") + DELAYED))
    assert stay.events == []


async def test_a_correction_is_one_of_its_author_only(stay: Stay) -> None:
    stay.line.brings(present("cyd"), says("bao", "Helo", id="c1", more=sid("s1")))
    stay.events.clear()
    replace = "<replace xmlns='urn:xmpp:message-correct:0' id='c1'/>"
    stay.line.brings(says("bao", "Hello", id="c2", more=sid("s2") + replace))
    edited = stay.told(MessageEdited)
    assert (edited.message.id, edited.message.body, edited.edit_id) == ("s1", "Hello", "s2")
    # What somebody else says instead of it are words of their own.
    stay.line.brings(says("cyd", "Goodbye", id="c3", more=sid("s3") + replace))
    assert stay.told(MessagePosted).message.body == "Goodbye"


async def test_a_message_is_taken_back_by_its_author_only(stay: Stay) -> None:
    stay.line.brings(present("cyd"), says("bao", "Secret", id="c1", more=sid("s1")))
    stay.events.clear()
    retract = "<retract xmlns='urn:xmpp:message-retract:1' id='s1'/>"
    stay.line.brings(says("cyd", "", id="c2", more=sid("s2") + retract))
    assert stay.events == []
    stay.line.brings(says("bao", "", id="c3", more=sid("s3") + retract))
    gone = stay.told(MessageRetracted)
    assert (gone.id, gone.by, gone.by_author) == ("s1", BAO, True)


async def test_only_the_room_says_that_a_message_was_moderated(stay: Stay) -> None:
    stay.line.brings(says("bao", "Spam", id="c1", more=sid("s1")))
    stay.events.clear()
    moderated = (
        "<retract xmlns='urn:xmpp:message-retract:1' id='s1'>"
        f"<moderated xmlns='urn:xmpp:message-moderate:1' by='{ROOM}/bao'/><reason>No</reason>"
        "</retract>"
    )
    stay.line.brings(
        f"<message type='groupchat' from='{{room}}/bao' id='c2'>{moderated}{sid('s2')}</message>"
    )
    assert stay.events == []
    stay.line.brings(
        f"<message type='groupchat' from='{{room}}' id='c3'>{moderated}{sid('s3')}</message>"
    )
    gone = stay.told(MessageRetracted)
    assert (gone.id, gone.by, gone.by_author, gone.reason) == ("s1", BAO, False, "No")


async def test_reactions_marks_and_typing(stay: Stay) -> None:
    stay.line.brings(says("ada", "Hello", id="c1", more=sid("s1")))
    stay.events.clear()
    reaction = "<reactions xmlns='urn:xmpp:reactions:0' id='s1'><reaction>👋</reaction></reactions>"
    for inner, kind in (
        (reaction + sid("s2"), Reacted),
        ("<displayed xmlns='urn:xmpp:chat-markers:0' id='s1'/>", ReadUpTo),
        ("<composing xmlns='http://jabber.org/protocol/chatstates'/>", ChatStateChanged),
    ):
        stay.line.brings(f"<message type='groupchat' from='{{room}}/bao'>{inner}</message>")
        assert stay.told(kind).by == BAO  # type: ignore[attr-defined]


async def test_what_the_service_explains_to_us_is_no_message(stay: Stay) -> None:
    stay.line.brings(
        "<message type='groupchat' from='{room}'><body>This room is not anonymous</body>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><status code='100'/></x></message>"
    )
    assert stay.events == []


async def test_our_own_words_are_told_once_they_are_reflected(stay: Stay) -> None:
    room = stay.group.present()
    message = stay.line.client.wire.message(ROOM)
    message["body"] = "Mine"
    id, tracker = room.send_message_tracked(message)
    await stay.line.sends("<message type='groupchat' to='{room}'><body>Mine</body></message>")
    assert stay.events == []
    stay.line.brings(says("ada", "Mine", id=id, more=sid("s9")))
    await tracker.delivered()
    posted = stay.told(MessagePosted)
    assert (posted.message.id, posted.message.author) == ("s9", "ada@example.org")


async def test_a_subject_is_told_when_it_is_new(stay: Stay) -> None:
    topic = "<message type='groupchat' from='{{room}}/bao'><subject>{}</subject></message>"
    stay.line.brings(topic.format("Boats"), topic.format("Boats"))
    subject = stay.told(SubjectChanged).subject
    assert (subject.text, subject.by, subject.by_name) == ("Boats", BAO, "bao")


# People


async def test_coming_changing_and_going(stay: Stay) -> None:
    stay.line.brings(present("cyd", affiliation="none", role="visitor"))
    came = stay.told(MemberJoined).member
    assert (came.id, came.name, came.user) == ("nick:cyd", "cyd", None)
    assert (came.affiliation, came.role) == (Affiliation.NONE, Role.VISITOR)
    stay.line.brings(
        present(
            "cyd",
            affiliation="none",
            inside="<actor nick='bao'/><reason>Speak</reason>",
        )
    )
    changed = stay.told(MemberChanged)
    assert (changed.member.role, changed.by, changed.reason) == (Role.PARTICIPANT, BAO, "Speak")
    stay.line.brings(absent("cyd", affiliation="none", codes="303", item=" nick='sid'"))
    assert stay.told(MemberChanged).member.name == "sid"
    stay.line.brings(absent("sid", affiliation="none"))
    left = stay.told(MemberLeft)
    assert (left.id, left.how) == ("nick:cyd", Departure.LEFT)


async def test_a_member_who_goes_stays_on_the_list(stay: Stay) -> None:
    stay.line.brings(absent("bao", affiliation="member"))
    member = stay.told(MemberChanged).member
    assert (member.id, member.present, member.affiliation) == (BAO, False, Affiliation.MEMBER)


@pytest.mark.parametrize(
    ("code", "affiliation", "how"),
    [
        ("307", "none", Departure.KICKED),
        ("301", "outcast", Departure.BANNED),
        ("321", "none", Departure.REMOVED),
        ("322", "none", Departure.REMOVED),
    ],
)
async def test_departures(stay: Stay, code: str, affiliation: str, how: Departure) -> None:
    why = "<actor nick='ada'/><reason>Spam</reason>"
    stay.line.brings(absent("bao", affiliation=affiliation, codes=code, inside=why))
    left = stay.told(MemberLeft)
    assert (left.id, left.how, left.by, left.reason) == (BAO, how, "ada@example.org", "Spam")


async def test_we_are_kicked_and_do_not_come_back_by_ourselves(stay: Stay) -> None:
    why = "<actor nick='bao'/><reason>Enough</reason>"
    stay.line.brings(absent("ada", codes="110 307", inside=why))
    left = stay.told(MemberLeft)
    assert (left.id, left.how, left.by) == ("ada@example.org", Departure.KICKED, BAO)
    with pytest.raises(LegacyError, match="not in that room"):
        stay.group.present()
    assert not stay.tasks


async def test_a_destroyed_room_is_told_with_what_takes_its_place(stay: Stay) -> None:
    stay.line.brings(
        "<presence type='unavailable' from='{room}/ada'>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none'/>"
        "<status code='110'/><destroy jid='new@rooms.example'><reason>Moved</reason></destroy>"
        "</x></presence>"
    )
    gone = stay.told(GroupDestroyed)
    assert (gone.reason, gone.alternate) == ("Moved", "new@rooms.example")


async def test_a_service_that_shuts_down_is_waited_for(stay: Stay) -> None:
    stay.line.brings(absent("ada", codes="110 332"))
    assert (stay.told(SightLost).to, len(stay.tasks)) == (USER, 1)
    with pytest.raises(LegacyError) as no:
        stay.group.present()
    assert no.value.condition == "remote-server-timeout"
    for task in stay.tasks:
        task.cancel()


async def test_whoever_came_and_went_while_we_were_away_is_told(stay: Stay) -> None:
    stay.line.brings(present("cyd"))
    stay.events.clear()
    stay.line.down()
    stay.told(SightLost)
    stay.line.up()
    await stay.line.sends("<presence to='{room}/ada'/>")
    stay.line.enters(others=present("cyd") + present("dov"))
    assert isinstance(stay.events.pop(), SightRegained)
    told = [(type(one), getattr(one, "id", None) or one.member.id) for one in stay.events]  # type: ignore[attr-defined]
    assert told == [(MemberLeft, BAO), (MemberJoined, "nick:dov")]


async def test_requests_for_a_voice(stay: Stay) -> None:
    stay.line.brings(
        "<message from='{room}'><x xmlns='jabber:x:data' type='form'>"
        "<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field>"
        "<field var='muc#roomnick'><value>bao</value></field></x></message>"
    )
    assert stay.told(VoiceRequested).by == BAO


# Who is who


def occupant(nick: str, jid: str | None = None, ident: str | None = None) -> Occupant:
    return Occupant(
        JID(f"{ROOM}/{nick}"), False, jid=None if jid is None else JID(jid), occupant_id=ident
    )


def test_ids_are_real_addresses_or_what_the_room_says_or_names() -> None:
    who = Who(MemberId("ada@example.org"))
    assert who.came(occupant("bao", "bao@example.org/x", "o1")) == "bao@example.org"
    assert who.came(occupant("cyd", None, "o2")) == "occupant:o2"
    assert who.came(occupant("dov")) == "nick:dov"
    assert address_of(MemberId("bao@example.org")) is not None
    assert address_of(MemberId("occupant:a@b")) is None


def test_an_id_stays_whatever_becomes_visible() -> None:
    who = Who(MemberId("ada@example.org"))
    who.came(occupant("cyd", None, "o2"))
    assert who.came(occupant("cyd", "cyd@example.org", "o2")) == "occupant:o2"
    who.renamed("cyd", "sid")
    assert who.named("sid") == "occupant:o2"
    assert who.nick(MemberId("occupant:o2")) == "sid"
    who.anew()
    assert who.came(occupant("cyd", "cyd@example.org", "o2")) == "occupant:o2"


def test_two_of_one_address_are_told_apart_and_none_is_taken_for_us() -> None:
    who = Who(MemberId("ada@example.org"))
    assert who.came(occupant("tablet", "ada@example.org/t")) == "ada@example.org/tablet"
    assert who.came(occupant("bao", "bao@example.org/1")) == "bao@example.org"
    assert who.came(occupant("bao2", "bao@example.org/2")) == "bao@example.org/bao2"
