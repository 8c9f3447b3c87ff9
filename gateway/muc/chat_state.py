"""Typing, and having stopped (XEP-0085)."""

from __future__ import annotations

from typing import Any

from gateway.muc.call import Call
from gateway.render.presence import occupant_id
from gateway.render.xml import attribute

STATES = "{http://jabber.org/protocol/chatstates}"


async def chat_state(call: Call) -> None:
    """Tell the network and the others; nothing for a message that says nothing at all."""
    me = call.seated().occupant
    state: Any = next((c.tag[len(STATES) :] for c in call.stanza if c.tag.startswith(STATES)), "")
    if state not in ("active", "composing", "paused", "inactive"):
        return
    if call.muc.can("on_chat_state"):
        await call.muc.on_chat_state(state, await call.thread())
    if call.room.owner is None:
        call.live.broadcast(
            f'<message from="{attribute(call.room.jid)}/{attribute(me.nick)}" type="groupchat">'
            f'<{state} xmlns="http://jabber.org/protocol/chatstates"/>'
            f'<no-store xmlns="urn:xmpp:hints"/>{occupant_id(me.id)}</message>'
        )
