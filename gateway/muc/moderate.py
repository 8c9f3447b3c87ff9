"""Removing a message of somebody else's (XEP-0425)."""

from __future__ import annotations

from gateway.errors import Refused
from gateway.muc.call import Answer, Call
from gateway.muc.reference import known
from gateway.room.kick import moderates

MODERATE = "{urn:xmpp:message-moderate:1}moderate"


async def moderate(call: Call) -> Answer:
    """Have the network remove it. The room shows it as the network says it is gone."""
    if not moderates(call.room, call.actor()):
        raise Refused("forbidden", "Only moderators may remove messages.")
    call.require("on_moderate", "moderation")
    element = call.child(MODERATE)
    if element is None or element.find("{urn:xmpp:message-retract:1}retract") is None:
        raise Refused("bad-request", "Say what is to be done with the message.")
    legacy_id = await known(call, element.get("id", ""))
    reason = element.findtext("{urn:xmpp:message-moderate:1}reason") or ""
    await call.muc.on_moderate(legacy_id, reason or None)
    return Answer()
