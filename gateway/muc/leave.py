"""Leaving a room, and being found to have gone (XEP-0045 §7.14, §18.1.2)."""

from __future__ import annotations

from gateway.muc.call import Call
from gateway.muc.create import forsaken
from gateway.room.mirrored import left
from gateway.room.seating import rise

GONE = {
    "gone",
    "item-not-found",
    "jid-malformed",
    "recipient-unavailable",
    "redirect",
    "remote-server-not-found",
    "remote-server-timeout",
    "service-unavailable",
}
"""Errors that a client which is still there does not send."""


async def leave(call: Call) -> None:
    """Take the sender's seat away; nothing at all if they have none (§17.3)."""
    seat = call.room.seats.get(call.sender)
    if seat is not None:
        shown = rise(call.room, seat, status=call.text("{}status"))
        call.live.show(left(call.room, seat, shown) if seat.mirror else shown)
        await forsaken(call)


async def bounced(call: Call) -> None:
    """Take the seat of somebody whom stanzas do not reach any more."""
    error = call.child("{}error")
    seat = call.room.seats.get(call.sender)
    if seat is None or error is None:
        return
    conditions = {child.tag.partition("}")[2] for child in error}
    if conditions & GONE:
        call.live.show(rise(call.room, seat, codes=(333,)))
        await forsaken(call)
