"""Which message a client means by an id (XEP-0359 §5: stanza ids; XEP-0308: the sender's own)."""

from __future__ import annotations

from gateway.archive import Entry
from gateway.errors import Refused
from gateway.muc.call import Call


async def referred(call: Call, id: str) -> Entry | None:
    """The message with a stanza id of the room's, or with that `id` if a client mixed them up."""
    if not id:
        return None
    await call.live.settled()
    archive = call.live.host.archive
    found = await archive.find(call.live.id, stanza_id=id)
    return found or await archive.find(call.live.id, message_id=id)


async def known(call: Call, id: str) -> str:
    """The legacy id of a message that a client refers to.

    Raises Refused "item-not-found" if the room has no such message, or the network no id for it.
    """
    entry = await referred(call, id)
    if entry is None or entry.legacy_id is None:
        raise Refused("item-not-found", "This message is not known here.")
    return str(entry.legacy_id)


async def original(call: Call, id: str) -> str:
    """The legacy id of a message of the sender's own, by the `id` that they sent it with.

    Raises Refused: "item-not-found" if there is none, "forbidden" if it is somebody else's.
    """
    me = call.seated().occupant.member
    await call.live.settled()
    archive = call.live.host.archive
    entry = await archive.find(call.live.id, message_id=id, author=me) if id else None
    if entry is None:
        entry = await referred(call, id)
    if entry is None or entry.legacy_id is None:
        raise Refused("item-not-found", "This message is not known here.")
    if entry.author != me:
        raise Refused("forbidden", "This is not a message of yours.")
    return str(entry.legacy_id)
