"""Bookmarks of an account: read, changed, heard of; in PEP, and where there is none."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from slixmpp import JID, Message

from conformance.xml import parse
from legacy_backend.xmpp.bookmarks import Bookmark, Bookmarks
from tests.xmpp.line import ROOM, Line

PEP = "http://jabber.org/protocol/pubsub"

ASKED = f"""
    <iq type='get' to='ada@example.org'>
      <pubsub xmlns='{PEP}'><items node='urn:xmpp:bookmarks:1'/></pubsub>
    </iq>"""
KEPT = f"""
    <iq type='result' from='ada@example.org' id='{{id}}'>
      <pubsub xmlns='{PEP}'><items node='urn:xmpp:bookmarks:1'>
        <item id='{{room}}'>
          <conference xmlns='urn:xmpp:bookmarks:1' name='The hall' autojoin='true'>
            <nick>Ada</nick><extensions><theirs xmlns='urn:example'/></extensions>
          </conference>
        </item>
        <item id='not a room'><conference xmlns='urn:xmpp:bookmarks:1'/></item>
      </items></pubsub>
    </iq>"""
NO = """
    <iq type='error' from='ada@example.org' id='{{id}}'><error type='cancel'>
      <{0} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"""
DONE = "<iq type='result' from='ada@example.org' id='{id}'/>"
ASKED_PRIVATE = """
    <iq type='get' to='ada@example.org'>
      <query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query>
    </iq>"""
KEPT_PRIVATE = """
    <iq type='result' from='ada@example.org' id='{id}'>
      <query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'>
        <conference jid='{room}' autojoin='1'><nick>Ada</nick></conference>
        <url name='Home' url='https://example.org'/>
      </storage></query>
    </iq>"""


@pytest.fixture
def bookmarks(line: Line) -> Bookmarks:
    return Bookmarks(line.client.wire, JID("ada@example.org/desk"))


async def loaded(line: Line, bookmarks: Bookmarks) -> None:
    loading = asyncio.create_task(bookmarks.load())
    await line.is_asked(ASKED, KEPT)
    await loading


async def test_they_are_read(line: Line, bookmarks: Bookmarks) -> None:
    await loaded(line, bookmarks)
    assert list(bookmarks) == [Bookmark(jid=ROOM, name="The hall", nick="Ada", autojoin=True)]


async def test_what_other_clients_keep_in_one_stays_in_it(line: Line, bookmarks: Bookmarks) -> None:
    await loaded(line, bookmarks)
    leaving = asyncio.create_task(bookmarks.stop_joining(ROOM))
    await line.is_asked(
        f"""
        <iq type='set' to='ada@example.org'><pubsub xmlns='{PEP}'>
          <publish node='urn:xmpp:bookmarks:1'><item id='{{room}}'>
            <conference xmlns='urn:xmpp:bookmarks:1' name='The hall' autojoin='false'>
              <nick>Ada</nick><extensions><theirs xmlns='urn:example'/></extensions>
            </conference>
          </item></publish>
          <publish-options/>
        </pubsub></iq>""",
        DONE,
    )
    await leaving
    await bookmarks.stop_joining(ROOM)
    await line.sends_nothing()


async def test_a_server_without_pep_has_them_in_private_xml(
    line: Line, bookmarks: Bookmarks
) -> None:
    loading = asyncio.create_task(bookmarks.load())
    await line.is_asked(ASKED, NO.format("service-unavailable"))
    await line.is_asked(ASKED_PRIVATE, KEPT_PRIVATE)
    await loading
    (kept,) = bookmarks
    assert (kept.jid, kept.nick, kept.autojoin) == (ROOM, "Ada", True)
    putting = asyncio.create_task(bookmarks.put(replace(kept, autojoin=False)))
    await line.is_asked(
        """
        <iq type='set' to='ada@example.org'><query xmlns='jabber:iq:private'>
          <storage xmlns='storage:bookmarks'>
            <conference jid='{room}' autojoin='false'><nick>Ada</nick></conference>
          </storage>
        </query></iq>""",
        DONE,
    )
    await putting


async def test_a_node_that_somebody_has_set_up_otherwise_is_used_as_it_is(
    line: Line, bookmarks: Bookmarks
) -> None:
    await loaded(line, bookmarks)
    putting = asyncio.create_task(bookmarks.stop_joining(ROOM))
    await line.is_asked("<iq type='set'/>", NO.format("conflict"))
    again = await line.is_asked("<iq type='set'/>", DONE)
    assert again.find(f".//{{{PEP}}}publish-options") is None
    await putting


def event(inner: str, sender: str = "ada@example.org") -> Message:
    return Message(
        xml=parse(
            f"""
            <message from='{sender}' type='headline'>
              <event xmlns='{PEP}#event'><items node='urn:xmpp:bookmarks:1'>{inner}</items></event>
            </message>"""
        )
    )  # type: ignore[no-untyped-call]


async def test_what_other_clients_change_is_heard(line: Line, bookmarks: Bookmarks) -> None:
    await loaded(line, bookmarks)
    other = "<item id='other@rooms.example'><conference xmlns='urn:xmpp:bookmarks:1' {}/></item>"
    (new,) = bookmarks.hear(event(other.format("autojoin='true'")))
    assert (str(new.jid), new.autojoin) == ("other@rooms.example", True)
    assert bookmarks.hear(event(other.format("autojoin='true'"))) == []
    (gone,) = bookmarks.hear(event(f"<retract id='{ROOM}'/>"))
    assert (gone.jid, gone.autojoin) == (ROOM, False)
    assert [str(one.jid) for one in bookmarks] == ["other@rooms.example"]


async def test_strangers_do_not_bookmark_for_us(line: Line, bookmarks: Bookmarks) -> None:
    await loaded(line, bookmarks)
    theirs = event(
        "<item id='trap@rooms.example'>"
        "<conference xmlns='urn:xmpp:bookmarks:1' autojoin='true'/></item>",
        "mallory@example.org",
    )
    assert bookmarks.hear(theirs) == []
