"""Stickers of clients (XEP-0449, XEP-0231), for networks that have them."""

from __future__ import annotations

import base64
from typing import Any

from slidge.core.dispatcher.message.message import _IncomingAttachment
from slixmpp import JID

from gateway.muc.call import Call
from gateway.muc.content import SFS, Content

STICKER = "{urn:xmpp:stickers:0}sticker"
XHTML = "{http://www.w3.org/1999/xhtml}"


async def hand_over(call: Call, content: Content) -> Any:
    """Give a message to the network, as a sticker if it is one; the network's id of it."""
    muc, message = call.muc, content.message
    attached = tuple(message.attachments)
    bits = _picture(call)
    if not (bits or (call.child(STICKER) is not None and len(attached) == 1)):
        return await muc.on_message(message)
    if not muc.can("on_sticker"):
        return await muc.on_message(message)
    # COMPAT: slidge 0.4.2 keeps stickers in a store of its own, and nothing of that is public
    slidges: Any = muc.xmpp.slidges("dispatcher")
    more = {"reply": message.reply, "thread": message.thread}
    if bits:
        sender = JID(call.sender)
        return await slidges._MessageContentMixin__dispatch_bob(sender, bits, muc, **more)
    sticker = _IncomingAttachment(attached[0], is_sticker=True, cid=_hash(call))
    return await slidges._MessageContentMixin__dispatch_nonbob_sticker(
        sticker, muc, content.body, **more
    )


def _picture(call: Call) -> str:
    """The content id of the picture that is all that a message shows (XEP-0071), "" if it shows
    anything else."""
    paragraphs = call.stanza.findall(f".//{XHTML}body/{XHTML}p")
    if len(paragraphs) != 1 or "".join(paragraphs[0].itertext()).strip():
        return ""
    pictures = [child.get("src", "") for child in paragraphs[0]]
    only = pictures[0] if len(pictures) == 1 else ""
    return only.removeprefix("cid:") if only.startswith("cid:") else ""


def _hash(call: Call) -> str | None:
    """Its content id, by which slidge finds it if it was seen before."""
    found = call.stanza.find(f"{SFS}/{{*}}file/{{urn:xmpp:hashes:2}}hash")
    if found is None or not found.get("algo"):
        return None
    try:
        digest = base64.b64decode(found.text or "", validate=True)
    except ValueError:
        return None
    return f"{found.get('algo')}+{digest.hex()}"
