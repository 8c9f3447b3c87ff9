"""Reacting to a message (XEP-0444)."""

from __future__ import annotations

from gateway.archive import Kind
from gateway.errors import Refused
from gateway.muc.call import Call
from gateway.muc.reference import known
from gateway.muc.reflect import reflect
from gateway.room.speak import may_speak

REACTIONS = "{urn:xmpp:reactions:0}reactions"
REACTION = "{urn:xmpp:reactions:0}reaction"


async def react(call: Call) -> None:
    """Have the network show exactly these reactions of the sender's, then show them."""
    me = call.seated().occupant
    may_speak(call.room, me)
    call.require("on_react", "reactions")
    element = call.child(REACTIONS)
    assert element is not None
    legacy_id = await known(call, element.get("id", ""))
    emojis = list(dict.fromkeys(r.text.strip() for r in element.iterfind(REACTION) if r.text))
    if call.muc.REACTIONS_SINGLE_EMOJI and len(emojis) > 1:
        raise Refused("not-acceptable", "One reaction to a message is all there can be.", "modify")
    allowed = await call.muc.available_emojis(legacy_id)
    if allowed is not None and not set(emojis) <= allowed:
        some = " ".join(sorted(allowed)[:50])
        raise Refused("not-acceptable", f"Reactions in this group are: {some}", "modify")
    what = ("react", me.member, legacy_id)
    with call.live.expected.change(what, " ".join(sorted(emojis))):
        await call.muc.on_react(legacy_id, emojis, thread=await call.thread())
    await reflect(call, me, legacy_id=None, kind=Kind.REACTION, refers_to=legacy_id)
