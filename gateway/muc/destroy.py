"""Doing away with a group (XEP-0045 §10.9)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from gateway.muc.call import Answer, Call
from gateway.room.removal import empty
from gateway.room.state import Destroyed

OWNER = "{http://jabber.org/protocol/muc#owner}"
DESTROY = f"{OWNER}destroy"


async def destroy(call: Call, element: ET.Element) -> Answer:
    """Have the network destroy the group; everyone is told before the owner gets the result."""
    call.require("on_destroy_request", "destruction of groups")
    reason = element.findtext(f"{OWNER}reason") or ""
    await call.muc.on_destroy_request(reason or None)
    shown = empty(call.room, Destroyed(element.get("jid", ""), reason))
    await call.muc.session.bookmarks.remove(call.muc, kick=False)
    return Answer(before=shown)
