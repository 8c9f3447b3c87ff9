"""Pings: am I still in this room? (XEP-0410, XEP-0199)"""

from __future__ import annotations

from gateway.errors import Refused
from gateway.muc.call import Answer, Call


async def ping(call: Call) -> Answer:
    """Answer for the room, or for an occupant to those who have joined.

    The self-ping is answered at once, without the network. The errors are what clients read:
    not-acceptable is "join again", item-not-found is "in, but under another name" (XEP-0410 §3).
    """
    if not call.nick:
        return Answer()
    call.seated()
    if call.room.occupant(call.nick) is None:
        raise Refused("item-not-found", f"Nobody here is called {call.nick}.")
    return Answer()
