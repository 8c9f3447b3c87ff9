"""Pages of an archive, on the wire."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from legacy_backend.xmpp.archive import Reader
from tests.xmpp.line import ROOM, Line

RESULT = """
    <message from='{sender}'><result xmlns='urn:xmpp:mam:2' queryid='{query}' id='{entry}'>
      <forwarded xmlns='urn:xmpp:forward:0'>
        <delay xmlns='urn:xmpp:delay' stamp='{stamp}'/>
        <message xmlns='jabber:client' type='groupchat' from='{room}/bao'>
          <body>{entry}</body></message>
      </forwarded></result></message>"""
FIN = """
    <iq type='result' id='{id}' from='{room}'><fin xmlns='urn:xmpp:mam:2' complete='true'>
      <set xmlns='http://jabber.org/protocol/rsm'><last>a9</last></set></fin></iq>"""
STAMP = "2026-01-02T03:04:05Z"


@pytest.mark.requirement("TRAP-12")
async def test_a_page_is_what_the_room_itself_sends_for_the_question(line: Line) -> None:
    reader = Reader(line.xmpp)
    start = datetime(2026, 1, 2, tzinfo=UTC)
    asking = asyncio.ensure_future(reader.page(ROOM, after="a0", start=start))
    asked = await line.sends("""
        <iq type='set' to='{room}'><query xmlns='urn:xmpp:mam:2'>
          <x xmlns='jabber:x:data' type='submit'>
            <field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>
            <field var='start'><value>2026-01-02T00:00:00.000Z</value></field></x>
          <set xmlns='http://jabber.org/protocol/rsm'><max>50</max><after>a0</after></set>
        </query></iq>""")
    query = asked[0].get("queryid")
    good = {"query": query, "sender": ROOM, "stamp": STAMP}
    line.brings(RESULT, **good, entry="a1")
    line.brings(RESULT, **{**good, "sender": "eve@example.org"}, entry="forged")
    line.brings(RESULT, **{**good, "query": "other"}, entry="of another question")
    line.brings(RESULT, **{**good, "stamp": "yesterday"}, entry="without a time")
    line.brings(RESULT, **good, entry="a2")
    line.brings(FIN, id=asked.get("id"))
    page = await asking
    assert [entry.id for entry in page.entries] == ["a1", "a2"]
    assert page.entries[0].at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert page.entries[0].message.findtext("{jabber:client}body") == "a1"
    assert (page.last, page.complete) == ("a9", True)
    reader.close()


@pytest.mark.requirement("TRAP-12")
async def test_a_page_may_be_what_precedes_an_id_or_the_end(line: Line) -> None:
    reader = Reader(line.xmpp)
    end = datetime(2026, 1, 2, tzinfo=UTC)
    for before in ("a5", ""):
        asking = asyncio.ensure_future(reader.page(ROOM, before=before, end=end, limit=20))
        asked = await line.sends(f"""
            <iq type='set' to='{{room}}'><query xmlns='urn:xmpp:mam:2'>
              <x xmlns='jabber:x:data' type='submit'>
                <field var='end'><value>2026-01-02T00:00:00.000Z</value></field></x>
              <set xmlns='http://jabber.org/protocol/rsm'><max>20</max><before>{before}</before>
              </set></query></iq>""")
        good = {"query": asked[0].get("queryid"), "sender": ROOM, "stamp": STAMP}
        line.brings(RESULT, **good, entry="a3")
        line.brings(RESULT, **good, entry="a4")
        line.brings("<iq type='result' id='{id}' from='{room}'/>", id=asked.get("id"))
        page = await asking
        assert [entry.id for entry in page.entries] == ["a3", "a4"]
        assert (page.first, page.last) == ("a3", "a4")
    reader.close()


async def test_an_archive_may_refuse() -> None:
    line = Line(JID("bot@gw.example/a"))
    line.up()
    reader = Reader(line.xmpp, JID("bot@gw.example/a"))
    asking = asyncio.ensure_future(reader.page(ROOM))
    await line.is_asked(
        "<iq type='set' from='bot@gw.example/a'/>",
        """<iq type='error' id='{id}' from='{to}'><error type='cancel'>
           <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>""",
    )
    with pytest.raises(XMPPError) as refused:
        await asking
    assert refused.value.condition == "item-not-found"
