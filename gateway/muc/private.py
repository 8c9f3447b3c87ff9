"""Saying something to one occupant alone (XEP-0045 §7.5)."""

from __future__ import annotations

from gateway.errors import Refused
from gateway.muc.call import Call
from gateway.room.speak import may_whisper


async def whisper(call: Call) -> None:
    """Hand a private message to the network. It is never shown to anybody else, nor archived."""
    me = call.seated().occupant
    if call.room.occupant(call.nick) is None:
        raise Refused("item-not-found", f"Nobody here is called {call.nick}.")
    body = call.text("{}body")
    if not body:
        return
    call.require("on_private_message", "private messages")
    target = may_whisper(call.room, me, call.nick)
    limit = call.live.host.limits.message_chars
    if len(body) > limit:
        raise Refused("policy-violation", f"A message here has at most {limit} characters.")
    await call.muc.on_private_message(call.muc.handle_of(target), body)
