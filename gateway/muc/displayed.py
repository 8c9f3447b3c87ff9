"""Having read up to a message (XEP-0333)."""

from __future__ import annotations

from gateway.muc.call import Call
from gateway.muc.reference import referred

DISPLAYED = "{urn:xmpp:chat-markers:0}displayed"


async def displayed(call: Call) -> None:
    """Tell the network; what cannot be told is no error, since clients mark by themselves."""
    call.seated()
    element = call.child(DISPLAYED)
    assert element is not None
    if not call.muc.can("on_displayed"):
        return
    entry = await referred(call, element.get("id", ""))
    if entry is not None:
        await call.muc.read_up_to(entry, await call.thread())
