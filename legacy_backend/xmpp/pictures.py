"""Pictures, of a room as of somebody in it: those of vCards (XEP-0054, XEP-0153, XEP-0486)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Final

from slixmpp import JID
from slixmpp.exceptions import XMPPError

from legacy_backend.values import Picture
from legacy_backend.xmpp.muc.names import append, child, element, text_of
from legacy_backend.xmpp.muc.wire import Wire

VCARD: Final = "vcard-temp"

LARGEST = 1_000_000
"""Bytes of a picture; a larger one is not taken over."""


async def picture_of(wire: Wire, of: JID) -> Picture | None:
    """None if the room or the occupant has none, or does not tell."""
    try:
        answer = await wire.ask(of, element(VCARD, "vCard"))
    except XMPPError:
        return None
    card = child(answer, VCARD, "vCard")
    photo = None if card is None else child(card, VCARD, "PHOTO")
    if photo is None:
        return None
    try:
        data = base64.b64decode("".join((text_of(photo, VCARD, "BINVAL") or "").split()))
    except (binascii.Error, ValueError):
        return None
    if not data or len(data) > LARGEST:
        return None
    id = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return Picture(id, data, text_of(photo, VCARD, "TYPE") or "image/png")


async def set_picture(wire: Wire, room: JID, picture: Picture | None) -> None:
    """Raises XMPPError as the room refuses it."""
    card = element(VCARD, "vCard")
    if picture is not None:
        photo = element(VCARD, "PHOTO")
        append(photo, VCARD, "TYPE", picture.media_type)
        append(photo, VCARD, "BINVAL", base64.b64encode(picture.data).decode())
        card.append(photo)
    await wire.ask(room, card, type="set")
