"""The past of a room elsewhere, as a network gives it: pages both ways, what was changed, what is
lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from slixmpp.exceptions import XMPPError

from conformance.xml import parse
from legacy_backend import GroupId, LegacyError, MemberId, Message, MessageId, Quote, Stretch
from legacy_backend.events import MessageEdited, MessageRetracted, Reacted
from legacy_backend.past import Past
from legacy_backend.xmpp.archive import Archived, Pace, Page
from legacy_backend.xmpp.history import History
from legacy_backend.xmpp.speech import Speech
from legacy_backend.xmpp.who import Who
from tests.xmpp.line import ROOM, says

DAY = datetime(2026, 1, 1, tzinfo=UTC)
GROUP = GroupId(str(ROOM))
OCCUPANT = "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='{}'/>"
BAO = MemberId("occupant:bao")


def minute(number: int) -> datetime:
    return DAY + timedelta(minutes=number)


def stanza(nick: str, body: str, number: int, more: str = "") -> ET.Element:
    more += OCCUPANT.format(nick)
    return parse(says(nick, body, id=f"m{number}", more=more), {})


def message(number: int, body: str = "", more: str = "", nick: str = "bao") -> Archived:
    body = body or f"{number}"
    return Archived(f"s{number}", minute(number), stanza(nick, body, number, more))


class Elsewhere:
    """An archive of a room, which gives `most` messages at a time."""

    def __init__(self, kept: list[Archived], most: int = 50) -> None:
        self.kept = kept
        self.most = most
        self.asked: list[dict[str, Any]] = []
        self.trouble: Callable[[], XMPPError | None] = lambda: None

    async def page(self, room: object, **asked: Any) -> Page:
        assert room == ROOM
        self.asked.append(asked)
        if (error := self.trouble()) is not None:
            raise error
        start, end = asked.get("start"), asked.get("end")
        fitting = [one for one in self.kept if start is None or one.at >= start]
        fitting = [one for one in fitting if end is None or one.at <= end]
        ids = [one.id for one in fitting]
        after, before = asked.get("after"), asked.get("before")
        for id in (after, before):
            if id and id not in ids:
                raise XMPPError("item-not-found")
        if after:
            fitting = fitting[ids.index(after) + 1 :]
        if before:
            fitting = fitting[: ids.index(before)]
        most = min(asked["limit"], self.most)
        page = fitting[-most:] if before is not None else fitting[:most]
        first, last = (page[0].id, page[-1].id) if page else (None, None)
        return Page(page, last, len(page) == len(fitting), first)


def history(archive: Elsewhere) -> History:
    async def soon(_: float) -> None: ...

    speech = Speech(ROOM, GROUP, Who(MemberId("ada@example.org")))
    reader: Any = archive
    now = 0.0
    pace = Pace(1.0, clock=lambda: now, sleep=soon)
    return History(reader, ROOM, pace, speech, now=lambda: minute(100_000))


def at(number: int) -> tuple[MessageId, datetime]:
    return MessageId(f"s{number}"), minute(number)


def bodies(past: Past) -> list[str]:
    return [said.body for said in past.said if isinstance(said, Message)]


def numbers(first: int, end: int) -> list[str]:
    return [str(number) for number in range(first, end)]


async def test_from_the_newest_page_backwards_to_the_beginning() -> None:
    archive = Elsewhere([message(number) for number in range(230)])
    past = history(archive)
    page = await past.read(limit=100)
    assert (bodies(page), page.first, page.complete) == (numbers(130, 230), at(130), False)
    page = await past.read(before=page.first, limit=100)
    assert (bodies(page), page.complete) == (numbers(30, 130), False)
    page = await past.read(before=page.first, limit=100)
    assert (bodies(page), page.complete, page.lost) == (numbers(0, 30), True, ())
    assert {asked["limit"] for asked in archive.asked} == {50}
    assert len(archive.asked) == 5


async def test_onwards_from_what_is_known_page_by_page() -> None:
    archive = Elsewhere([message(number) for number in range(230)])
    past = history(archive)
    page = await past.read(after=at(9), limit=100)
    assert (bodies(page), page.last, page.complete) == (numbers(10, 110), at(109), False)
    page = await past.read(after=page.last, limit=100)
    assert (bodies(page), page.complete) == (numbers(110, 210), False)
    archive.kept += [message(number) for number in range(230, 240)]  # while nobody asked
    page = await past.read(after=page.last, limit=100)
    assert (bodies(page), page.complete, page.lost) == (numbers(210, 230), False, ())
    # One look-up gives fifty, and nothing is asked for twice.
    assert len(archive.asked) == 5
    page = await past.read(after=page.last, limit=100)
    assert (bodies(page), page.complete, page.lost) == (numbers(230, 240), True, ())
    archive.kept = archive.kept[:230]
    assert bodies(await history(archive).read(after=at(209), limit=100)) == numbers(210, 230)


async def test_up_to_what_is_known_behind_it() -> None:
    archive = Elsewhere([message(number) for number in range(230)])
    page = await history(archive).read(after=at(9), before=at(30), limit=100)
    assert (bodies(page), page.complete) == (numbers(10, 30), True)
    # An end that the archive does not have is told by its time, with room for clocks.
    gone = MessageId("gone"), minute(30)
    page = await history(archive).read(after=at(9), before=gone, limit=100)
    assert (bodies(page), page.complete) == (numbers(10, 91), True)


async def test_what_the_archive_has_forgotten_is_lost() -> None:
    archive = Elsewhere([message(number) for number in range(100, 120)])
    page = await history(archive).read(after=at(9), limit=100)
    assert (bodies(page), page.complete) == (numbers(100, 120), True)
    assert page.lost == (Stretch(minute(9), minute(100)),)
    archive.kept = []
    page = await history(archive).read(after=at(9), before=at(50), limit=100)
    assert (page.lost, page.complete) == ((Stretch(minute(9), minute(50)),), True)
    page = await history(archive).read(after=at(9), limit=100)
    assert page.lost == (Stretch(minute(9), minute(100_000)),)


async def test_an_archive_that_has_forgotten_where_to_go_on_goes_by_time() -> None:
    archive = Elsewhere([message(number) for number in range(20, 120)])
    gone = MessageId("gone"), minute(60)
    page = await history(archive).read(before=gone, limit=100)
    assert bodies(page) == numbers(20, 62)
    assert page.complete


async def test_clocks_may_differ_a_little() -> None:
    archive = Elsewhere([message(number) for number in range(20)])
    ours = MessageId("s15"), minute(15) + timedelta(seconds=50)
    page = await history(archive).read(after=ours)
    assert (bodies(page), page.lost) == (numbers(16, 20), ())


async def test_changes_are_what_they_are_when_they_happen() -> None:
    correct = "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>"
    reactions = """<reactions xmlns='urn:xmpp:reactions:0' id='s1'>
        <reaction>👋</reaction></reactions>"""
    retract = """<retract xmlns='urn:xmpp:message-retract:1' id='s1'/>
        <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>"""
    removal = f"""<message type='groupchat' from='{ROOM}'>
        <retract xmlns='urn:xmpp:message-retract:1' id='s2'>
          <moderated xmlns='urn:xmpp:message-moderate:1' by='{ROOM}/cyd'/>
          <reason>Spam</reason></retract></message>"""
    kept = [
        message(1, "Helo"),
        message(2, "Buy"),
        message(3, "Hello", correct),
        message(4, " ", reactions, nick="cyd"),
        message(5, "took it back", retract),
        Archived("s6", minute(6), parse(removal, {})),
        message(7, "Hello!", correct.replace("m1", "m3")),
        message(8, "Not yours", correct, nick="eve"),
        message(9, "Itself", correct.replace("m1", "m9")),
    ]
    for page in (
        await history(Elsewhere(kept)).read(),
        await history(Elsewhere(kept)).read(after=(MessageId("s0"), minute(1))),
    ):
        one, two, edit, reaction, gone, removed, again, words, itself = page.said
        assert isinstance(one, Message)
        assert isinstance(two, Message)
        assert (one.id, one.author, one.author_name, one.at) == ("s1", BAO, "bao", minute(1))
        assert isinstance(edit, MessageEdited)
        assert (edit.message.id, edit.message.body, edit.message.at) == ("s1", "Hello", minute(1))
        assert (edit.edit_id, edit.edited_at) == ("s3", minute(3))
        assert isinstance(reaction, Reacted)
        assert (reaction.id, reaction.by_name, reaction.emojis) == ("s1", "cyd", ("👋",))
        assert isinstance(gone, MessageRetracted)
        assert (gone.id, gone.by, gone.by_author, gone.change_id) == ("s1", BAO, True, "s5")
        assert isinstance(removed, MessageRetracted)
        assert (removed.id, removed.by_author, removed.reason) == ("s2", False, "Spam")
        assert (removed.by_name, removed.change_id) == ("cyd", "s6")
        assert isinstance(again, MessageEdited)
        assert (again.message.id, again.message.body) == ("s1", "Hello!")
        # Nobody corrects another's words.
        assert isinstance(words, Message)
        assert words.body == "Not yours"
        assert isinstance(itself, Message)


async def test_answers_show_what_they_answer_and_files_are_files() -> None:
    answer = f"""<reply xmlns='urn:xmpp:reply:0' id='{{}}' to='{ROOM}/cyd'/>
        <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>
          <body start='0' end='7'/></fallback>"""
    file = "<x xmlns='jabber:x:oob'><url>https://files.example/a.png</url></x>"
    kept = [
        message(1, "Tea?", nick="cyd"),
        message(2, "> Tea?\nYes", answer.format("s1")),
        message(3, "> Cake\nNo", answer.format("s0")),
        message(4, "https://files.example/a.png", file),
    ]
    _, known, unknown, sent = (await history(Elsewhere(kept)).read()).said
    assert isinstance(known, Message)
    assert known.body == "Yes"
    assert known.reply_to == Quote(
        id=MessageId("s1"), author=MemberId("occupant:cyd"), author_name="cyd", body="Tea?"
    )
    assert isinstance(unknown, Message)
    assert unknown.reply_to == Quote(id=MessageId("s0"), author_name="cyd")
    assert isinstance(sent, Message)
    assert (sent.body, [one.url for one in sent.attachments]) == (
        "",
        ["https://files.example/a.png"],
    )


async def test_a_correction_finds_its_message_on_another_page() -> None:
    correct = "<replace xmlns='urn:xmpp:message-correct:0' id='m40'/>"
    kept = [message(number) for number in range(100)]
    kept.append(message(100, "Better", correct))
    archive = Elsewhere(kept)
    past = history(archive)
    page = await past.read(limit=50)
    edit = page.said[-1]
    assert isinstance(edit, MessageEdited)
    assert edit.message.id == "s40"
    assert len(archive.asked) == 2
    page = await past.read(before=page.first, limit=50)
    assert bodies(page) == numbers(1, 51)
    assert len(archive.asked) == 2  # it was read before

    onwards = await history(archive).read(after=at(95))
    assert isinstance(onwards.said[-1], MessageEdited)

    # What is too far back to be looked for leaves the words as they are.
    kept[40] = message(41, "another")
    page = await history(archive).read(limit=50)
    assert isinstance(page.said[-1], Message)
    assert page.said[-1].body == "Better"


async def test_what_is_no_message_takes_no_place() -> None:
    tombstone = f"""<message type='groupchat' from='{ROOM}/bao' id='m3'>
        <retracted xmlns='urn:xmpp:message-retract:1'/></message>"""
    subject = f"<message type='groupchat' from='{ROOM}/bao'><subject>Boats</subject></message>"
    kept = [
        message(1),
        Archived("s2", minute(2), parse(subject, {})),
        Archived("s3", minute(3), parse(tombstone, {})),
    ]
    page = await history(Elsewhere(kept)).read()
    assert (bodies(page), page.first, page.last) == (["1"], at(1), at(3))


@pytest.mark.parametrize(
    ("condition", "becomes", "asked"),
    [
        ("resource-constraint", "resource-constraint", 2),
        ("remote-server-timeout", "remote-server-timeout", 2),
        ("forbidden", "forbidden", 1),
    ],
)
async def test_an_archive_in_trouble_is_asked_once_more_and_then_another_time(
    condition: Any, becomes: str, asked: int
) -> None:
    archive = Elsewhere([message(1)])
    archive.trouble = lambda: XMPPError(condition)
    past = history(archive)
    for ends in ({}, {"after": at(0)}):
        archive.asked.clear()
        with pytest.raises(LegacyError) as refused:
            await past.read(**ends)
        assert (refused.value.condition, len(archive.asked)) == (becomes, asked)
    archive.trouble = lambda: None
    assert bodies(await past.read()) == ["1"]


async def test_where_there_is_no_archive_a_join_is_all_there_is() -> None:
    archive = Elsewhere([])
    archive.trouble = lambda: XMPPError("service-unavailable", etype="cancel")
    past = history(archive)
    assert (await past.read()).said == []
    for number in range(5, 8):
        past.replayed(stanza("bao", f"{number}", number), minute(number))
    page = await past.read()
    assert (bodies(page), page.complete) == (numbers(5, 8), True)
    assert page.lost == (Stretch(None, minute(5)),)
    assert page.first is not None
    assert page.last is not None

    again = await past.read(after=page.first)
    assert (bodies(again), again.lost) == (["6", "7"], ())
    before = await past.read(after=(MessageId("x"), minute(2)), before=page.last)
    assert (bodies(before), before.lost) == (["5", "6"], (Stretch(minute(2), minute(5)),))
    for number in range(5, 8):  # the next join may tell the same
        past.replayed(stanza("bao", f"{number}", number), minute(number))
    assert bodies(await past.read()) == numbers(5, 8)
    assert len(archive.asked) == 1


async def test_a_service_that_is_down_for_a_while_has_an_archive() -> None:
    archive = Elsewhere([message(1)])
    archive.trouble = lambda: XMPPError("service-unavailable", etype="wait")
    past = history(archive)
    with pytest.raises(LegacyError):
        await past.read()
    archive.trouble = lambda: None
    assert bodies(await past.read()) == ["1"]
