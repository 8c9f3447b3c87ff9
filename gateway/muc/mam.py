"""Reading a room's archive (XEP-0313, XEP-0059)."""

from __future__ import annotations

import asyncio
from typing import Any

from gateway.archive import Entry, Page, Query
from gateway.errors import Refused
from gateway.group.muc import LegacyMUC
from gateway.muc.call import Answer, Call
from gateway.muc.mam_query import WORDS, Asked, read_query
from gateway.muc.whom import author_jid
from gateway.render.presence import MUC_USER
from gateway.render.xml import attribute, content, stamp
from gateway.room.state import Occupant
from legacy_backend.terms import Affiliation

MAM = "urn:xmpp:mam:2"
AT_ONCE = 100
"""Results written before others get a turn of the event loop."""

FIELDS = (
    ("with", "jid-single"),
    ("start", "text-single"),
    ("end", "text-single"),
    ("before-id", "text-single"),
    ("after-id", "text-single"),
    *((name, "text-single") for name in WORDS),
)


def may_read(call: Call) -> Occupant | None:
    """Check that the sender may read the archive, seated or not; see `check_reader`."""
    return check_reader(call.muc)


def check_reader(muc: LegacyMUC[Any]) -> Occupant | None:
    """Check that whose handle this is may read the archive (§5.1.3); who they are in the room.

    Raises Refused "forbidden" for the banned, and for non-members of a room for members only.
    """
    me = muc.me()
    rank = me.affiliation if me is not None else Affiliation.NONE
    if rank is Affiliation.OUTCAST or (rank < Affiliation.MEMBER and muc.room.config.members_only):
        raise Refused("forbidden", "The archive is for members of this room.")
    return me


def may_see(muc: LegacyMUC[Any]) -> bool:
    """Whether the archive is for whose handle this is; see `check_reader`."""
    try:
        check_reader(muc)
    except Refused:
        return False
    return True


async def query(call: Call) -> Answer:
    """Send one page, oldest first unless asked otherwise, and say whether there is more."""
    me = may_read(call)
    element = call.child(f"{{{MAM}}}query")
    assert element is not None
    asked = read_query(call, element)
    if asked.nothing:
        return _fin(Page([], True, 0), stable=call.muc.STABLE_ARCHIVE)
    page, whole = await call.muc.read(asked.query)
    stable = whole and call.muc.STABLE_ARCHIVE
    if asked.count_only:
        return _fin(Page([], page.complete and page.count == 0, page.count), stable=stable)
    show_jids = me is not None and call.room.sees_jids(me)
    shown = list(reversed(page.entries)) if asked.flipped else page.entries
    for start in range(0, len(shown), AT_ONCE):
        results = [_result(call, entry, asked, show_jids) for entry in shown[start:][:AT_ONCE]]
        call.live.host.outbox.write("".join(results).encode(), len(results))
        await asyncio.sleep(0)
    return _fin(page, stable=stable)


def _result(call: Call, entry: Entry, asked: Asked, show_jids: bool) -> str:
    queryid = f' queryid="{attribute(asked.queryid)}"' if asked.queryid else ""
    stanza = entry.stanza.replace("<message", '<message xmlns="jabber:client"', 1)
    if show_jids and (jid := author_jid(call, entry)):
        item = f'<x xmlns="{MUC_USER}"><item jid="{attribute(jid)}"/></x>'
        stanza = stanza.removesuffix("</message>") + f"{item}</message>"
    return (
        f'<message from="{attribute(call.room.jid)}" to="{attribute(call.sender)}">'
        f'<result xmlns="{MAM}"{queryid} id="{attribute(entry.stanza_id)}">'
        '<forwarded xmlns="urn:xmpp:forward:0">'
        f'<delay xmlns="urn:xmpp:delay" stamp="{stamp(entry.at)}"/>{stanza}'
        "</forwarded></result></message>"
    )


def _fin(page: Page, *, stable: bool) -> Answer:
    flags = ' complete="true"' if page.complete else ""
    if not stable:
        flags += ' stable="false"'
    inner = ""
    if page.entries:
        first, last = page.entries[0].stanza_id, page.entries[-1].stanza_id
        inner += f"<first>{content(first)}</first><last>{content(last)}</last>"
    if page.count is not None:
        inner += f"<count>{page.count}</count>"
    return Answer(
        f'<fin xmlns="{MAM}"{flags}><set xmlns="http://jabber.org/protocol/rsm">{inner}</set></fin>'
    )


async def form(call: Call) -> Answer:
    """Say what can be asked (§4.1.7)."""
    may_read(call)
    fields = "".join(f'<field var="{name}" type="{kind}"/>' for name, kind in FIELDS)
    ids = (
        '<field var="ids" type="list-multi">'
        '<validate xmlns="http://jabber.org/protocol/xdata-validate" datatype="xs:string">'
        "<open/></validate></field>"
    )
    return Answer(
        f'<query xmlns="{MAM}"><x xmlns="jabber:x:data" type="form">'
        f'<field var="FORM_TYPE" type="hidden"><value>{MAM}</value></field>'
        f"{fields}{ids}</x></query>"
    )


async def metadata(call: Call) -> Answer:
    """Say where the archive begins and ends (§4.1.6)."""
    may_read(call)
    await call.muc.ensure_history()
    edges = await _edges(call)
    inner = ""
    if edges is not None:
        inner = "".join(
            f'<{name} id="{attribute(entry.stanza_id)}" timestamp="{stamp(entry.at)}"/>'
            for name, entry in zip(("start", "end"), edges, strict=True)
        )
    return Answer(f'<metadata xmlns="{MAM}">{inner}</metadata>')


async def _edges(call: Call) -> tuple[Entry, Entry] | None:
    """The first entry and the last that the user may see."""
    archive, within = call.live.host.archive, call.muc.visible()
    if within is None:
        return await archive.edges(call.live.id)
    first = await archive.page(call.live.id, Query(limit=1, within=within))
    last = await archive.page(call.live.id, Query(limit=1, within=within, backwards=True))
    if not first.entries or not last.entries:
        return None
    return first.entries[0], last.entries[0]


async def prefs(call: Call) -> Answer:
    """Refuse to keep preferences: everything that is said in a room is archived (XEP-0441)."""
    may_read(call)
    raise Refused("feature-not-implemented", "A room archives all that is said in it.")
