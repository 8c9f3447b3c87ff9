"""What a client asks of an archive: the form and the page, checked (XEP-0313 §4.1, XEP-0059)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from slixmpp.plugins.xep_0082 import parse as parse_time

from gateway.archive import Query, StanzaId
from gateway.errors import Refused
from gateway.muc.call import Call, bare
from gateway.muc.forms import FORM, Values, first, form_values
from gateway.muc.whom import person_at

MAM = "urn:xmpp:mam:2"
RSM = "{http://jabber.org/protocol/rsm}"
FULLTEXT = "urn:xmpp:fulltext:0"
WORDS = (f"{{{FULLTEXT}}}fulltext", "withtext", "search", "full-text-search", "q")
"""What the field for words is called (XEP-0431), and what it was called before that."""
KNOWN = {"FORM_TYPE", "with", "start", "end", "before-id", "after-id", "ids", *WORDS}
MOST_WORDS = 500
"""Characters to be searched for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, and how its answer is to look. `nothing` says that no message can match."""

    query: Query
    queryid: str
    flipped: bool
    count_only: bool
    nothing: bool


def read_query(call: Call, element: ET.Element) -> Asked:
    """Read a query.

    Raises Refused: "feature-not-implemented" for a field or an index that is not supported
    (§4.1.7, XEP-0059 §2.5), "bad-request" for values that are none of their kind,
    "not-acceptable" for a search that is too long.
    """
    values = form_values(element.find(FORM))
    unknown = values.keys() - KNOWN
    if unknown:
        raise Refused("feature-not-implemented", f"The archive has no field {min(unknown)}.")
    if values.get("FORM_TYPE", [MAM]) != [MAM]:
        raise Refused("bad-request", "This is not the archive's form.")
    rsm = element.find(f"{RSM}set")
    limit, count_only = _limit(call, rsm)
    after, before, backwards = _page(rsm)
    author, nick, nothing = _author(call, first(values, "with"))
    query = Query(
        start=_time(values, "start"),
        end=_until(_time(values, "end")),
        author=author,
        nick=nick,
        after_id=_id(first(values, "after-id")),
        before_id=_id(first(values, "before-id")),
        after=_id(after),
        before=_id(before),
        ids=tuple(StanzaId(id) for id in values.get("ids", ()) if id),
        words=_words(values),
        limit=limit,
        backwards=backwards,
        count=True,
        count_all=count_only,
    )
    flipped = element.find(f"{{{MAM}}}flip-page") is not None
    return Asked(query, element.get("queryid", ""), flipped, count_only, nothing)


def _id(text: str | None) -> StanzaId | None:
    return StanzaId(text) if text else None


def _words(values: Values) -> str:
    """What is searched for, "" if nothing is; several fields add up."""
    words = " ".join(filter(None, (first(values, name).strip() for name in WORDS)))
    if len(words) > MOST_WORDS:
        raise Refused("not-acceptable", f"Search for at most {MOST_WORDS} characters.", "modify")
    return words


def _limit(call: Call, rsm: ET.Element | None) -> tuple[int, bool]:
    limits = call.live.host.limits
    text = rsm.findtext(f"{RSM}max") if rsm is not None else None
    if rsm is not None and rsm.find(f"{RSM}index") is not None:
        raise Refused("feature-not-implemented", "Pages are had by id, not by number.")
    if text is None:
        return limits.page_default, False
    if not text.strip().isdecimal():
        raise Refused("bad-request", "The size of a page is a number.")
    wanted = int(text.strip()[:9])
    return max(1, min(wanted, limits.page_max)), wanted == 0


def _page(rsm: ET.Element | None) -> tuple[str | None, str | None, bool]:
    """After which id, before which, and whether the page is the last one of what is left."""
    if rsm is None:
        return None, None, False
    after, before = rsm.find(f"{RSM}after"), rsm.find(f"{RSM}before")
    if after is not None and before is not None:
        raise Refused("bad-request", "A page is after one id, or before one; use after-id.")
    return (
        (after.text or None) if after is not None else None,
        (before.text or None) if before is not None else None,
        before is not None,
    )


def _time(values: Values, name: str) -> datetime | None:
    text = first(values, name)
    if not text:
        return None
    try:
        when = parse_time(text)
    except (ValueError, TypeError):
        raise Refused("bad-request", f"{name} is not a time: {text}") from None
    if when.tzinfo is None:
        raise Refused("bad-request", f"{name} is not a time in UTC: {text}")
    return when


def _until(when: datetime | None) -> datetime | None:
    """The last moment that looks like `when` to clients, which are told milliseconds."""
    return when and when.replace(microsecond=when.microsecond // 1000 * 1000 + 999)


def _author(call: Call, jid: str) -> tuple[str | None, str | None, bool]:
    """The author meant by `with`: an occupant JID, or a real one where those may be known."""
    if not jid:
        return None, None, False
    address = bare(jid)
    if address == call.room.jid:
        nick = jid.partition("/")[2]
        person = call.room.nicks.get(nick)
        if person is not None:
            return person.member, None, False
        return None, nick or None, False
    me = call.muc.me()
    sees_jids = me is not None and call.room.sees_jids(me)
    person = person_at(call, address) if sees_jids or address == call.user else None
    return (person.member if person is not None else None), None, person is None
