"""Telling a joining client who has which affiliation, as far as it does not know (XEP-0463 §4)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.muc.call import NS, Call
from gateway.muc.errors import error_stanza
from gateway.render.versions import MAV, listed
from gateway.room.state import Seat

MAV_TAG = f"{{{MAV}}}mav"
AT_ONCE = 500
"""People in one message."""


def tell_affiliations(call: Call, seat: Seat) -> None:
    """Answer the wish that a join may carry; before any presence, whatever the answer is.

    Who may not see the lists is told so, and joins all the same.
    """
    wish = call.stanza.find(f"{{http://jabber.org/protocol/muc}}x/{MAV_TAG}")
    if wish is None:
        return
    versions = call.live.use_versions()
    versions.bring_up_to_date()
    listing = versions.list_of(seat.occupant)
    if listing is None:
        _refuse(call)
        return
    since = wish.get("since", "")
    changed = listing.since(since) if since else None
    if changed is None:
        since, changed = "", listing.whole()
    elif not changed:
        return
    write, until = call.live.host.outbox.write, listing.version
    parts = [changed[i : i + AT_ONCE] for i in range(0, len(changed), AT_ONCE)] or [[]]
    for number, part in enumerate(parts, start=1):
        upto = until if number == len(parts) else f"{until}.{number}"
        write(listed(call.room.jid, call.sender, part, since, upto).encode())
        since = upto


def _refuse(call: Call) -> None:
    no = Refused("forbidden", "Who belongs to this room is not for you to see.")
    asked = ET.Element(f"{NS}message", {"from": call.sender, "id": call.id})
    told = error_stanza(asked, no, origin=call.room.jid, by=call.room.jid, echo=False)
    call.live.host.outbox.write(told.encode())
