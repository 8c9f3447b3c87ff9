"""Ceasing to be a member of a group, which is more than leaving its room."""

from __future__ import annotations

from gateway.muc.call import Call
from gateway.room.removal import remove
from gateway.room.state import Delivery, Occupant, Room
from legacy_backend.terms import Affiliation


def standing(room: Room, me: Occupant | None) -> Affiliation:
    """What somebody counts as who wants to leave for good. In a personal room that is a member if
    the network has them in the group, whatever their rank there."""
    if me is None:
        return Affiliation.NONE
    is_in = room.owner is not None and me.present and me.affiliation is not Affiliation.OUTCAST
    return max(me.affiliation, Affiliation.MEMBER) if is_in else me.affiliation


async def quit_group(call: Call, me: Occupant) -> list[Delivery]:
    """Have the sender leave the group for good; return what that shows (321)."""
    call.require("on_leave", "leaving")
    call.live.changing.about(me.member)
    await call.muc.on_leave()
    gone = remove(call.room, me, codes=(321,), affiliation=Affiliation.NONE, forget=True)
    call.muc.session.bookmarks.left(call.muc, me.member)
    return gone
