"""Ceasing to be a member of a group, which is more than leaving its room."""

from __future__ import annotations

from gateway.muc.call import Call
from gateway.room.removal import remove
from gateway.room.state import Delivery, Occupant
from legacy_backend.terms import Affiliation


async def quit_group(call: Call, me: Occupant) -> list[Delivery]:
    """Have the sender leave the group for good; return what that shows (321)."""
    call.require("on_leave", "leaving")
    call.live.changing.about(me.member)
    await call.muc.on_leave()
    gone = remove(call.room, me, codes=(321,), affiliation=Affiliation.NONE, forget=True)
    await call.muc.session.bookmarks.remove(call.muc, kick=False)
    return gone
