"""Removing a message of somebody else's (XEP-0425, and as it was before version 0.3)."""

from __future__ import annotations

from gateway.errors import Refused
from gateway.muc.call import Answer, Call
from gateway.muc.reference import known
from gateway.room.kick import moderates

MODERATE = "{urn:xmpp:message-moderate:1}moderate"
RETRACT = "{urn:xmpp:message-retract:1}retract"
REASON = "{urn:xmpp:message-moderate:1}reason"

APPLY_TO = "{urn:xmpp:fasten:0}apply-to"
OLD_MODERATE = "{urn:xmpp:message-moderate:0}moderate"
OLD_RETRACT = "{urn:xmpp:message-retract:0}retract"
OLD_REASON = "{urn:xmpp:message-moderate:0}reason"


async def moderate(call: Call) -> Answer:
    """Have the network remove it. The room shows it as the network says it is gone."""
    element = call.child(MODERATE)
    assert element is not None
    asked = element.find(RETRACT) is not None
    return await _remove(call, element.get("id", ""), element.findtext(REASON) or "", asked)


async def moderate_as_before(call: Call) -> Answer:
    """As `moderate`, for clients that fasten their wish to the message (XEP-0422)."""
    element = call.child(APPLY_TO)
    assert element is not None
    wish = element.find(OLD_MODERATE)
    asked = wish is not None and wish.find(OLD_RETRACT) is not None
    reason = wish.findtext(OLD_REASON) or "" if wish is not None else ""
    return await _remove(call, element.get("id", ""), reason, asked)


async def _remove(call: Call, id: str, reason: str, asked: bool) -> Answer:
    if not moderates(call.room, call.actor()):
        raise Refused("forbidden", "Only moderators may remove messages.")
    call.require("on_moderate", "moderation")
    if not asked:
        raise Refused("bad-request", "Say what is to be done with the message.")
    await call.muc.on_moderate(await known(call, id), reason or None)
    return Answer()
