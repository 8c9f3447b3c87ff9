"""A group of the network on a line without a server: tests are the room, and see the events."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from slixmpp import JID

from legacy_backend.events import Event
from legacy_backend.terms import MemberId, UserId
from legacy_backend.xmpp.archive import Pace, Reader
from legacy_backend.xmpp.bookmarks import Bookmarks
from legacy_backend.xmpp.group import RemoteGroup
from legacy_backend.xmpp.history import History
from legacy_backend.xmpp.loops import Loops
from legacy_backend.xmpp.puppet import Puppet
from legacy_backend.xmpp.speech import Speech
from tests.xmpp.line import ROOM, Line

E = TypeVar("E", bound=Event)

USER = UserId("ada@here.example")
NOW = datetime(2026, 1, 1, tzinfo=UTC)

ROOMS_SERVICE = """
    <iq type='result' from='rooms.example' id='{id}'>
      <query xmlns='http://jabber.org/protocol/disco#info'>
        <identity category='conference' type='text'/>
      </query>
    </iq>"""


class Stay:
    """Ada's account, and her group in a room."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.events: list[Event] = []
        self.tasks: set[asyncio.Task[None]] = set()
        reader = Reader(line.xmpp)

        def history(room: JID, speech: Speech) -> History:
            return History(reader, room, Pace(0), speech)

        self.puppet = Puppet(
            user=USER,
            me=MemberId("ada@example.org"),
            client=line.client,
            bookmarks=Bookmarks(line.client.wire, JID("ada@example.org")),
            loops=Loops("gateway.example"),
            put=self.events.append,
            start=self._start,
            history=history,
        )
        self.group = RemoteGroup(self.puppet, ROOM, "ada")

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def enters(self, *, others: str = "", subject: str = "") -> None:
        """Ada comes in; what was told of that is forgotten."""
        coming = asyncio.create_task(self.group.enter())
        await self.line.is_asked(
            "<iq type='get' to='rooms.example'>"
            "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
            ROOMS_SERVICE,
        )
        await self.line.sends("<presence to='{room}/ada'/>")
        self.line.enters(others=others, subject=subject)
        await coming
        self.events.clear()

    def told(self, kind: type[E]) -> E:
        """The only event since it was last asked, which has to be of this kind."""
        events, found = list(self.events), self.events
        found.clear()
        assert len(events) == 1, events
        (event,) = events
        assert isinstance(event, kind), event
        return event
