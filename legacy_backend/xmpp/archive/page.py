"""One page of an archive: the question, and what comes back (XEP-0313 §4, XEP-0059)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

from legacy_backend.xmpp.muc.data import Data, Field
from legacy_backend.xmpp.muc.names import CLIENT, DELAY, append, child, element, text_of

MAM: Final = "urn:xmpp:mam:2"
RSM: Final = "http://jabber.org/protocol/rsm"
FORWARD: Final = "urn:xmpp:forward:0"

PAGE_SIZE = 50
"""What Prosody gives at most, unless it is set up otherwise."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A message of an archive: `id` is the archive's, `at` (UTC) when it was said."""

    id: str
    at: datetime
    message: ET.Element


@dataclass(frozen=True, slots=True)
class Page:
    """Oldest first. `last` is the id to go on after, `first` the one to go on before, both None if
    there was nothing. `complete`: there is no more in the direction that was asked for."""

    entries: Sequence[Archived]
    last: str | None
    complete: bool
    first: str | None = None


def question(
    queryid: str,
    *,
    after: str | None,
    start: datetime | None,
    limit: int,
    before: str | None = None,
    end: datetime | None = None,
) -> ET.Element:
    """Ask for up to `limit` messages: those that follow `after` or, with `before`, that precede it
    directly, both ids of the archive's; "" is its end. Not earlier than `start`, nor later than
    `end`."""
    query = element(MAM, "query", queryid=queryid)
    times = [Field(name, (_stamp(at),)) for name, at in (("start", start), ("end", end)) if at]
    if times:
        form = Data("submit", (Field("FORM_TYPE", (MAM,), "hidden"), *times))
        query.append(form.to_xml())
    rsm = element(RSM, "set")
    append(rsm, RSM, "max", str(limit))
    append(rsm, RSM, "after", after)
    append(rsm, RSM, "before", before)
    query.append(rsm)
    return query


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def entry(result: ET.Element) -> Archived | None:
    """What a `<result/>` holds; None if it is not whole, or has no time."""
    forwarded = child(result, FORWARD, "forwarded")
    if forwarded is None:
        return None
    message, delay = child(forwarded, CLIENT, "message"), child(forwarded, DELAY, "delay")
    id = result.get("id")
    if message is None or delay is None or not id:
        return None
    try:
        at = datetime.fromisoformat(delay.get("stamp", ""))
    except ValueError:
        return None
    return Archived(id, at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC), message)


def answer(iq: ET.Element, results: Sequence[ET.Element]) -> Page:
    """The page that an answer and the results before it make.

    What is not whole is left out; the page goes on after it all the same.
    """
    fin = child(iq, MAM, "fin")
    rsm = None if fin is None else child(fin, RSM, "set")
    first, last = (None if rsm is None else text_of(rsm, RSM, name) for name in ("first", "last"))
    ids = [result.get("id") for result in results]
    return Page(
        entries=[found for found in map(entry, results) if found is not None],
        last=last or (ids[-1] if ids else None),
        complete=fin is None or fin.get("complete") in ("true", "1") or not results,
        first=first or (ids[0] if ids else None),
    )
