"""What the user has read, where their clients and the network keep it (XEP-0490)."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from slidge.core import config as slidge_config
from slidge.core.mixins.message import PUBLISH_OPTIONS
from slixmpp import Iq
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.plugins.xep_0490.stanza import NS, Displayed

from gateway.archive import Entry, Query
from gateway.group.live import LiveRoom

MARKED = 1000
"""Messages that were marked as read and may yet be told of by the network; older ones are news."""

PAGE = 250


class Reading:
    """The part of a room handle that deals in it. Where either side repeats the other, it is
    taken for that."""

    session: Any
    xmpp: Any
    live: LiveRoom
    log: logging.Logger
    _read_up_to: str = ""

    def _init_reading(self) -> None:
        self._marked: dict[str, None] = {}

    @property
    def _marks_all(self) -> bool:
        """Whether the network wants to hear of each message that was read, not of the last one."""
        return bool(self.xmpp.MARK_ALL_MESSAGES)

    async def read_up_to(self, entry: Entry, thread: str | None) -> None:
        """The user has read up to a message: tell the network, of it or of all since the last."""
        if not self._marks_all:
            if entry.legacy_id is not None:
                await self.on_displayed(str(entry.legacy_id), thread)  # type: ignore[attr-defined]
            return
        unread = [each async for each in self._unread(entry)]
        if not unread:
            return
        self._keep_mark(entry)
        for legacy_id in unread:
            self._mark(legacy_id)
            await self.on_displayed(legacy_id, thread)  # type: ignore[attr-defined]

    def is_marked(self, legacy_id: str) -> bool:
        """Whether the network only tells what it was told itself: that this message was read."""
        if not self._marks_all:
            return False
        known = legacy_id in self._marked
        self._mark(legacy_id)
        return known

    def _mark(self, legacy_id: str) -> None:
        self._marked[legacy_id] = None
        if len(self._marked) > MARKED:
            del self._marked[next(iter(self._marked))]

    async def _unread(self, entry: Entry) -> AsyncIterator[str]:
        """The legacy ids of what was not read yet, up to a message, oldest first; of the days that
        slidge keeps, where nothing was ever read."""
        archive, room = self.live.host.archive, self.live.id
        last = await self._last_read()
        if last is not None and last.seq >= entry.seq:
            return
        oldest = self.live.host.now() - timedelta(days=slidge_config.MAM_MAX_DAYS)
        after = None if last is None else last.stanza_id
        while True:
            query = Query(
                start=oldest, after_id=after, before_id=entry.stanza_id, limit=PAGE
            )  # fmt: skip
            page = await archive.page(room, query)
            for one in page.entries:
                if one.legacy_id is not None:
                    yield str(one.legacy_id)
            if page.complete or not page.entries:
                break
            after = page.entries[-1].stanza_id
        if entry.legacy_id is not None:
            yield str(entry.legacy_id)

    async def _last_read(self) -> Entry | None:
        mark = self.live.keeping.extra.get("read", {}).get(self.session.user_jid.bare)
        if mark is None:
            return None
        return await self.live.host.archive.find(self.live.id, stanza_id=mark)

    def _keep_mark(self, entry: Entry) -> None:
        marks = self.live.keeping.extra.get("read", {})
        self.live.keeping.extra["read"] = marks | {self.session.user_jid.bare: entry.stanza_id}
        self.live.keeping.changed()

    async def _read_by_network(self, stanza_id: str) -> None:
        """What was read with a client of the network is not to be marked again."""
        await self.live.settled()
        entry = await self.live.host.archive.find(self.live.id, stanza_id=stanza_id)
        last = await self._last_read()
        if entry is not None and (last is None or last.seq < entry.seq):
            self._keep_mark(entry)

    async def read_elsewhere(self, legacy_id: str) -> None:
        """The user has read up to a message with a client of the network: tell their own clients,
        as far as their server lets us."""
        stanza_id = self.stanza_id(legacy_id)  # type: ignore[attr-defined]
        if self._marks_all:
            await self._read_by_network(stanza_id)
        granted = self.xmpp.plugin["xep_0356"].granted_privileges.get(self.session.user_jid.domain)
        if granted is None or stanza_id == self._read_up_to:
            return
        self._read_up_to = stanza_id
        try:
            await self.xmpp.plugin["xep_0356"].send_privileged_iq(self._publication(stanza_id))
        except (IqError, IqTimeout, PermissionError) as error:
            self.log.info("what was read could not be told: %s", error)

    async def read_here(self, stanza_id: str) -> None:
        """The user's clients say that they have read up to a message: tell the network."""
        if stanza_id == self._read_up_to or not self.can("on_displayed"):  # type: ignore[attr-defined]
            return
        self._read_up_to = stanza_id
        await self.live.settled()
        entry = await self.live.host.archive.find(self.live.id, stanza_id=stanza_id)
        if entry is not None:
            await self.read_up_to(entry, None)

    def _publication(self, stanza_id: str) -> Any:
        user, room = self.session.user_jid.bare, self.live.room.jid
        iq: Any = Iq(stype="set", sfrom=user, sto=user)  # type: ignore[no-untyped-call]
        displayed: Any = Displayed()
        displayed["stanza_id"]["id"] = stanza_id
        displayed["stanza_id"]["by"] = room
        iq["pubsub"]["publish"]["node"] = NS
        iq["pubsub"]["publish"]["item"]["id"] = room
        iq["pubsub"]["publish"]["item"]["payload"] = displayed
        iq["pubsub"]["publish_options"] = PUBLISH_OPTIONS
        return iq
