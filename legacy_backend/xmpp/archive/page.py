"""One page of an archive: the question, and what comes back (XEP-0313 §4, XEP-0059)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

from legacy_backend.xmpp.muc.data import Data, Field
from legacy_backend.xmpp.muc.names import CLIENT, DELAY, append, child, element, qualified

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
    """Oldest first. `last` is the id to go on after, None if there was nothing."""

    entries: Sequence[Archived]
    last: str | None
    complete: bool


def question(queryid: str, *, after: str | None, start: datetime | None, limit: int) -> ET.Element:
    """Ask for up to `limit` messages after an id of the archive's, not earlier than `start`."""
    query = element(MAM, "query", queryid=queryid)
    if start is not None:
        stamp = start.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        form = Data("submit", (Field("FORM_TYPE", (MAM,), "hidden"), Field("start", (stamp,))))
        query.append(form.to_xml())
    rsm = element(RSM, "set")
    append(rsm, RSM, "max", str(limit))
    append(rsm, RSM, "after", after)
    query.append(rsm)
    return query


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
    last = None if rsm is None else rsm.findtext(qualified(RSM, "last"))
    ids = [result.get("id") for result in results]
    return Page(
        entries=[found for found in map(entry, results) if found is not None],
        last=last or (ids[-1] if ids else None),
        complete=fin is None or fin.get("complete") in ("true", "1") or not results,
    )
