"""A message that a mirror sends again, since it does not know whether it came."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.archive import Entry, Query
from gateway.mirror.downlink import accepted
from gateway.mirror.told import time_or_none
from gateway.render.xml import attribute, content
from gateway.room.state import Occupant

if TYPE_CHECKING:
    from gateway.muc.call import Call

SPREAD = timedelta(minutes=1)
"""By how much the clocks of two servers, and that of a network, may differ."""
MOST = 250
"""Messages of somebody that are looked through."""


async def came_before(call: Call, me: Occupant, body: str) -> bool:
    """Whether the archive has it already; its mirror is told the ids then."""
    live = call.live
    await call.muc.ensure_history()
    await live.settled()
    archive = live.host.archive
    found = await archive.find(live.id, message_id=call.id, author=me.member) if call.id else None
    found = found or await _lost_its_id(call, me, body)
    if found is None:
        return False
    named = f' id="{attribute(found.message_id)}"', f' id="{attribute(call.id)}"'
    told = accepted(found.stanza.replace(*named, 1)).to(call.mirror)
    live.in_turn(lambda: live.mirrors.write(call.mirror, told))
    return True


async def _lost_its_id(call: Call, me: Occupant, body: str) -> Entry | None:
    """The same words as the network told them, who were handed to it just before the gateway fell:
    it does not know what the client had called them."""
    said = _said_at(call)
    if said is None or not body:
        return None
    query = Query(start=said - SPREAD, author=me.member, limit=MOST, backwards=True)
    page = await call.live.host.archive.page(call.live.id, query)
    fetched = (e for e in page.entries if e.message_id == e.stanza_id)
    words = f"<body>{content(body)}</body>"
    return next((entry for entry in fetched if words in entry.stanza), None)


def _said_at(call: Call) -> datetime | None:
    late = call.child("{urn:xmpp:delay}delay")
    return time_or_none(late.get("stamp", "")) if late is not None else None
