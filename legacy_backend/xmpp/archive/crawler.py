"""Takes over the whole archive of a room, page by page, however long it takes."""

from __future__ import annotations

import itertools
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from slixmpp import JID
from slixmpp.exceptions import XMPPError

from legacy_backend.xmpp.archive.pace import Pace
from legacy_backend.xmpp.archive.page import PAGE_SIZE, Archived, Page

log = logging.getLogger(__name__)

LONGEST_REST = 300.0
"""Seconds between two attempts at a server that does not answer, at most."""

MAY_PASS = frozenset(
    {
        "internal-server-error",
        "policy-violation",
        "recipient-unavailable",
        "remote-server-not-found",
        "remote-server-timeout",
        "resource-constraint",
    }
)


class Pages(Protocol):
    """What is asked for pages: `Reader.page`."""

    async def __call__(
        self, room: JID, *, after: str | None, start: datetime | None, limit: int
    ) -> Page: ...


@dataclass(frozen=True, slots=True)
class Known:
    """The newest message that is here already."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """What was said after `since` and before `until` cannot be had any more, if anything was.

    `until` None: the archive has nothing at all that is newer.
    """

    since: datetime
    until: datetime | None


async def crawl(
    pages: Pages,
    room: JID,
    pace: Pace,
    known: Known | None = None,
    *,
    slack: timedelta = timedelta(0),
    attempts: int | None = None,
) -> AsyncGenerator[Archived | Lost]:
    """Everything that follows `known`, oldest first; without it, everything. The time of `known` is
    off by no more than `slack`, if another clock has told it.

    Archives keep things for a while only. If nothing is left from the time of `known`, a Lost comes
    first. Who is interrupted goes on from the last message.

    Servers that are away or busy are asked again until they answer, or so many times. Raises
    XMPPError if the archive refuses, and RuntimeError if it does not get on.
    """
    # By its id, only some archives tell that it is gone: ejabberd's gives what follows, or nothing.
    meeting = known
    after: str | None = None
    start = None if known is None else known.at - slack
    held: list[Archived] = []
    """From the time of `known`, which may be before it or after: Prosody stamps to the second."""
    while True:
        try:
            page = await patiently(
                partial(pages, room, after=after, start=start, limit=PAGE_SIZE),
                room,
                pace,
                attempts,
            )
        except XMPPError as no:
            if no.condition != "item-not-found" or after is None or known is None:
                raise
            if start == known.at:
                raise _stuck(room, after) from no
            meeting, after, start = known, None, known.at
            continue
        entries = [*held, *page.entries]
        held = []
        if meeting is not None and not page.complete and _may_still_come(meeting, entries, slack):
            held, entries = entries, []
        elif meeting is not None:
            lost, entries = _meet(meeting, entries)
            meeting = None
            if lost is not None:
                _warn(room, lost)
                yield lost
        for entry in entries:
            yield entry
            known = Known(entry.id, entry.at)
        if page.complete or page.last is None:
            return
        if page.last == after:
            raise _stuck(room, after)
        after = page.last


def _may_still_come(known: Known, entries: list[Archived], slack: timedelta) -> bool:
    return all(entry.id != known.id and entry.at <= known.at + slack for entry in entries)


def _meet(known: Known, entries: list[Archived]) -> tuple[Lost | None, list[Archived]]:
    """What is lost between the newest message that is known and these; and which are new.

    Archives lose their oldest messages first. So if anything from that time is left, nothing that
    follows is lost, be the message itself there or taken back.
    """
    for place, entry in enumerate(entries):
        if entry.id == known.id:
            return None, entries[place + 1 :]
    if entries and entries[0].at <= known.at:
        return None, entries
    return Lost(known.at, entries[0].at if entries else None), entries


def _warn(room: JID, lost: Lost) -> None:
    log.warning(
        "%s: what was said between %s and %s is not in its archive any more",
        room,
        lost.since.isoformat(),
        "now" if lost.until is None else lost.until.isoformat(),
    )


def _stuck(room: JID, after: str) -> RuntimeError:
    return RuntimeError(f"the archive of {room} does not get on after {after}")


async def patiently(
    ask: Callable[[], Awaitable[Page]], room: JID, pace: Pace, attempts: int | None = None
) -> Page:
    """Have a page when it is our turn, at the latest after so many attempts.

    Raises XMPPError.
    """
    rest = max(1.0, pace.seconds)
    for attempt in itertools.count(1):
        await pace.turn()
        try:
            return await ask()
        except XMPPError as no:
            if no.condition not in MAY_PASS or attempt == attempts:
                raise
            log.info("%s: its archive is asked again in %d s: %s", room, rest, no.condition)
        await pace.rest(rest)
        rest = min(2 * rest, LONGEST_REST)
    raise AssertionError
