"""What was said in a room, for a mirror that asks (DMUC3, XEP-0045 §7.2.14)."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree as ET

from gateway.archive import Entry, Query, StanzaId
from gateway.group.live import LiveRoom
from gateway.mirror.copy import open_past
from gateway.mirror.names import MOST_BYTES
from gateway.muc.join import Wanted, fitting
from gateway.render.xml import attribute, delay

MUC = "http://jabber.org/protocol/muc"
PAGE = 100
"""Messages at most in one answer."""


async def history(live: LiveRoom, mirror: str, asked: ET.Element, ask: Wanted) -> str:
    """The messages as an element: the newest that the limits allow, or with `after`, a stanza id,
    those that follow it, as many as one answer holds; "" is before all. `complete` and `last` say
    how it goes on, `n` is the number of the last stanza that the mirror was told before it asked.

    Raises NotInArchive for an `after` that the room never gave out.
    """
    told = live.mirrors.count(mirror).sent
    await live.settled()
    after = asked.get("after")
    if after is not None:
        query = Query(after=StanzaId(after) if after else None, limit=PAGE)
        page = await live.host.archive.page(live.id, query)
        entries, complete = page.entries, page.complete
        count = _first_fitting(entries)
        complete, entries = complete and count == len(entries), entries[:count]
        last = entries[-1].stanza_id if entries else after
        copies = [_copy(live, entry) for entry in entries]
        return _element(copies, last, told, complete=complete)
    newest = await live.host.archive.edges(live.id)
    last = newest[1].stanza_id if newest else ""
    if not open_past(live.room.config):  # of each user's own part the master knows alone
        return _element([], last, told, complete=True)
    limit = min(live.room.config.history_max, live.host.limits.history_max, PAGE)
    if ask.maxstanzas is not None:
        limit = min(limit, ask.maxstanzas)
    since = ask.since
    if ask.seconds is not None:
        earliest = live.host.now() - timedelta(seconds=min(ask.seconds, 10**9))
        since = max(since or earliest, earliest)
    entries = await live.host.archive.history(live.id, limit=limit, since=since)
    copies = [_copy(live, entry) for entry in entries]
    most = MOST_BYTES if ask.maxchars is None else min(ask.maxchars, MOST_BYTES)
    copies = copies[len(copies) - fitting([c.encode() for c in copies], most) :]
    return _element(copies, last, told, complete=True)


def _first_fitting(entries: list[Entry]) -> int:
    size = 0
    for count, entry in enumerate(entries):
        size += len(entry.stanza.encode())
        if size > MOST_BYTES and count:
            return count
    return len(entries)


def _copy(live: LiveRoom, entry: Entry) -> str:
    """A message as history, with the time at which the room got it."""
    text = entry.stanza.replace("<message", '<message xmlns="jabber:client"', 1)
    when = delay(live.room.jid, entry.at)
    if text.endswith("/>"):
        return f"{text[:-2]}>{when}</message>"
    return text.removesuffix("</message>") + f"{when}</message>"


def _element(copies: list[str], last: str, told: int, *, complete: bool) -> str:
    known = f' last="{attribute(last)}"' if last else ""
    flag = "true" if complete else "false"
    return f'<history xmlns="{MUC}" complete="{flag}" n="{told}"{known}>{"".join(copies)}</history>'
