"""The past of a remote room: out of its archive or, where there is none, what a join replays."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from xml.etree import ElementTree as ET

from slixmpp import JID
from slixmpp.exceptions import XMPPError

from legacy_backend.past import Known, Past
from legacy_backend.terms import LegacyError, MessageId, Stretch
from legacy_backend.xmpp import archive
from legacy_backend.xmpp.archive import Archived, Lost, Pace, Page, Reader, crawl, patiently
from legacy_backend.xmpp.muc import About
from legacy_backend.xmpp.refusals import refusal
from legacy_backend.xmpp.speech import Speech, message_id

ATTEMPTS = 2
"""At one page; who wants it still asks again later."""

SLACK = timedelta(minutes=1)
"""How far our clock and the archive's may be apart: what is said now has our time."""

FAR = timedelta(hours=1)
"""What is so much later than the end of a stretch is behind it, whatever became of the end."""

LOOK_BACK = 3
"""Pages that are read further back for the message that a correction is about."""

REPLAYED = 1000
"""Messages of joins that are kept for rooms without an archive."""

_NONE_THERE = frozenset({"feature-not-implemented", "service-unavailable"})


class History:
    """Of one room, for one login. `pace` is the one of the room's server, `speech` the room's: it
    hears what is said now as well."""

    def __init__(
        self,
        reader: Reader,
        room: JID,
        pace: Pace,
        speech: Speech,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pages = reader.page
        self._room = room
        self._pace = pace
        self._speech = speech
        self._replay: dict[str, Archived] = {}
        self._now = now
        self._has_archive = True
        self._going: tuple[MessageId, AsyncGenerator[Archived | Lost]] | None = None
        """What reads onwards, and where it is."""
        self._ahead: dict[str, Page] = {}
        """Pages that were read for corrections, by the id that they precede."""

    def replayed(self, stanza: ET.Element, at: datetime) -> None:
        """A join has replayed a message, which is as much as a room without an archive gives."""
        id = message_id(stanza, About.of(stanza, self._room))
        self._replay[id] = Archived(id, at, stanza)
        if len(self._replay) > REPLAYED:
            del self._replay[next(iter(self._replay))]

    async def read(
        self, *, after: Known | None = None, before: Known | None = None, limit: int = 100
    ) -> Past:
        """See `LegacyAccount.history`; pages are as long as the archive gives them, which may be
        more than `limit`."""
        if not self._has_archive:
            return await self._replayed_between(after, before)
        try:
            if after is not None:
                return await self._onwards(after, before, limit)
            return await self._backwards(before, limit)
        except XMPPError as no:
            if no.condition in _NONE_THERE and no.etype != "wait":
                self._has_archive = False
                return await self._replayed_between(after, before)
            raise refusal(no) from no
        except RuntimeError as stuck:
            raise LegacyError("internal-server-error", str(stuck)) from stuck

    # Onwards

    async def _onwards(self, after: Known, before: Known | None, limit: int) -> Past:
        entries: list[Archived] = []
        lost: list[Stretch] = []
        going, is_fresh = self._crawl(after)
        complete = is_fresh
        async for one in going:
            if isinstance(one, Lost):
                until = one.until or (self._now() if before is None else before[1])
                lost.append(Stretch(one.since, until))
            elif before is not None and _is_behind(one, before):
                complete = True
                break
            else:
                entries.append(one)
                if len(entries) >= limit:
                    self._going = MessageId(one.id), going
                    return await self._past(entries, complete=False, lost=tuple(lost))
        await going.aclose()
        if not complete and not entries:
            return await self._onwards(after, before, limit)  # what was said since it was asked
        return await self._past(entries, complete=complete, lost=tuple(lost))

    def _crawl(self, after: Known) -> tuple[AsyncGenerator[Archived | Lost], bool]:
        """What gives all that follows, and whether it is a new one. One that was begun before may
        have asked for its last page long ago, so that its end is not the archive's."""
        going, self._going = self._going, None
        if going is not None and going[0] == after[0]:
            return going[1], False
        known = archive.Known(*after)
        begun = crawl(self._pages, self._room, self._pace, known, slack=SLACK, attempts=ATTEMPTS)
        return begun, True

    # Backwards

    async def _backwards(self, before: Known | None, limit: int) -> Past:
        entries: list[Archived] = []
        at, end = ("", None) if before is None else (before[0], None)
        while True:
            try:
                page = await self._page(at, end)
            except XMPPError as no:
                if no.condition != "item-not-found" or before is None or end is not None:
                    raise
                at, end = "", before[1] + SLACK  # the archive does not know that id any more
                continue
            entries[:0] = _preceding(page.entries, before)
            if page.complete or page.first is None or page.first == at:
                return await self._past(entries, complete=True)
            at = page.first
            if len(entries) >= limit:
                return await self._past(entries, complete=False, first=at)

    async def _page(self, before: str, end: datetime | None = None) -> Page:
        ahead = self._ahead.pop(before, None) if before else None
        if ahead is not None:
            return ahead
        ask = partial(self._pages, self._room, before=before, end=end, limit=archive.PAGE_SIZE)
        return await patiently(ask, self._room, self._pace, ATTEMPTS)

    # What the entries say

    async def _past(
        self,
        entries: Sequence[Archived],
        *,
        complete: bool,
        lost: tuple[Stretch, ...] = (),
        first: str | None = None,
    ) -> Past:
        for entry in entries:
            self._speech.remember(entry.message, entry.at, entry.id)
        if self._has_archive and any(self._speech.needs(entry.message) for entry in entries):
            await self._look_back(entries)
        heard = (self._speech.hear(entry.message, entry.at, entry.id) for entry in entries)
        return Past(
            said=[said for said in heard if said is not None],
            first=(MessageId(first or entries[0].id), entries[0].at) if entries else None,
            last=(MessageId(entries[-1].id), entries[-1].at) if entries else None,
            complete=complete,
            lost=lost,
        )

    async def _look_back(self, entries: Sequence[Archived]) -> None:
        """Read further back, in a page or a few, for what these correct."""
        at = entries[0].id
        read: dict[str, Page] = {}
        try:
            for _ in range(LOOK_BACK):
                page = read[at] = await self._page(at)
                for entry in page.entries:
                    self._speech.remember(entry.message, entry.at, entry.id)
                found = not any(self._speech.needs(entry.message) for entry in entries)
                if found or page.complete or page.first is None:
                    break
                at = page.first
        except XMPPError:
            pass  # then the corrections are messages of their own
        self._ahead = read

    # Without an archive

    async def _replayed_between(self, after: Known | None, before: Known | None) -> Past:
        ids = list(self._replay)
        entries = _preceding(list(self._replay.values()), before)
        if after is not None and after[0] in ids:
            entries = [one for one in entries if ids.index(one.id) > ids.index(after[0])]
            return await self._past(entries, complete=True)
        since = None if after is None else after[1]
        if since is not None:
            entries = [one for one in entries if one.at > since]
        until = entries[0].at if entries else None if before is None else before[1]
        if until is None and since is not None:
            until = self._now()
        lost = () if until is None else (Stretch(since, until),)
        return await self._past(entries, complete=True, lost=lost)


def _is_behind(entry: Archived, end: Known) -> bool:
    return entry.id == end[0] or entry.at > end[1] + FAR


def _preceding(entries: Sequence[Archived], end: Known | None) -> list[Archived]:
    """Those in front of a message; all of them if it is not there."""
    ids = [entry.id for entry in entries]
    return list(entries[: ids.index(end[0])] if end is not None and end[0] in ids else entries)
