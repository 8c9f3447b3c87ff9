"""The rooms of a puppet without an account: noted with its user's registration."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Final
from xml.etree import ElementTree as ET

from slixmpp import Message
from slixmpp.exceptions import XMPPError

from legacy_backend.xmpp.bookmarks import STORAGE, Bookmark, BookmarkList
from legacy_backend.xmpp.muc.names import address, element, qualified

log = logging.getLogger(__name__)

NOTE: Final = "rooms"
"""What the note is called."""

MOST: Final = 1000
"""Rooms of one puppet: all of them are written with each change."""


class NotedBookmarks(BookmarkList):
    """`noted` is what `note` was told the last time, "" if nothing yet. There are no other clients,
    so that a room which is not to be joined need not be kept."""

    def __init__(self, noted: str, note: Callable[[str], Awaitable[None]]) -> None:
        super().__init__()
        self._note = note
        self._known = {one.jid: one for one in _read(noted)}

    async def load(self) -> None:
        pass

    async def put(self, bookmark: Bookmark) -> None:
        before = self._known.get(bookmark.jid)
        if before == bookmark:
            return
        if before is None and len(self._known) >= MOST:
            raise XMPPError("resource-constraint", f"That is more than {MOST} rooms.")
        if bookmark.autojoin:
            self._known[bookmark.jid] = bookmark
        else:
            self._known.pop(bookmark.jid, None)
        await self._note(_written(self))

    def hear(self, message: Message) -> list[Bookmark]:
        return []


def _read(noted: str) -> Iterator[Bookmark]:
    try:
        # What we have written ourselves.
        storage = ET.fromstring(noted or f"<{NOTE}/>")  # noqa: S314
    except ET.ParseError:
        log.exception("the rooms of a puppet cannot be read, and are joined no more")
        return
    for one in storage.iter(qualified(STORAGE, "conference")):
        found = Bookmark.from_xml(address(one.get("jid")), one)
        if found is not None:
            yield found


def _written(bookmarks: BookmarkList) -> str:
    storage = element(STORAGE, "storage")
    for one in bookmarks:
        conference = one.to_xml(STORAGE)
        conference.set("jid", str(one.jid))
        storage.append(conference)
    return ET.tostring(storage, encoding="unicode") if len(storage) else ""
