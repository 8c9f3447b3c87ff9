"""Taking back a message of one's own (XEP-0424)."""

from __future__ import annotations

from gateway.archive import Kind
from gateway.muc.call import Call
from gateway.muc.reference import original
from gateway.muc.reflect import reflect

RETRACT = "{urn:xmpp:message-retract:1}retract"


async def retract(call: Call) -> None:
    """Have the network remove it, then show that it is gone."""
    me = call.seated().occupant
    call.require("on_retract", "retractions")
    element = call.child(RETRACT)
    assert element is not None
    legacy_id = await original(call, element.get("id", ""))
    with call.live.expected.change(("retract", legacy_id)):
        await call.muc.on_retract(legacy_id, thread=await call.thread())
    await reflect(call, me, legacy_id=None, kind=Kind.RETRACTION, refers_to=legacy_id)
    call.muc.bury(legacy_id, "")
