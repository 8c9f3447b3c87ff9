"""Putting somebody out for now (XEP-0045 §8.2)."""

from __future__ import annotations

from gateway.muc.call import Call
from gateway.room.kick import kick
from gateway.room.state import Delivery, Occupant


async def kick_out(
    call: Call, actor: Occupant, target: Occupant, reason: str
) -> tuple[list[Delivery], list[Delivery]]:
    """Have the network kick `target`; return what to show before the result, and after it.

    §8.2 fixes the order: the kicked, the result to the moderator, the others.
    """
    call.require("on_kick", "kicks")
    call.live.changing.about(target.member)
    own = tuple(target.seats.values())
    await call.muc.handle_of(target).on_kick(reason or None)
    shown = kick(call.room, target, actor.nick, reason)
    before = [delivery for delivery in shown if delivery.seats == own]
    return before, [delivery for delivery in shown if delivery not in before]
