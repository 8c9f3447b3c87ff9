"""Pictures of rooms and of occupants (XEP-0054, XEP-0153, XEP-0486)."""

from __future__ import annotations

import base64
import binascii

from slidge.util.types import Avatar

from gateway.errors import Refused
from gateway.group import pictures
from gateway.muc.call import Answer, Call
from legacy_backend.terms import Affiliation

VCARD = "{vcard-temp}vCard"
PHOTO = "{vcard-temp}PHOTO"
MOST_BYTES = 2 << 20


async def get(call: Call) -> Answer:
    """The picture of the room, or of an occupant; an empty card if there is none."""
    if call.nick:
        data = await _of_occupant(call)
    else:
        data = await call.muc.avatar_bytes()
    return Answer(card(data))


def card(data: bytes | None) -> str:
    """A vCard with a PNG in it, or an empty one."""
    if data is None:
        return '<vCard xmlns="vcard-temp"/>'
    text = base64.b64encode(data).decode()
    return (
        '<vCard xmlns="vcard-temp"><PHOTO><TYPE>image/png</TYPE>'
        f"<BINVAL>{text}</BINVAL></PHOTO></vCard>"
    )


async def _of_occupant(call: Call) -> bytes | None:
    call.seated()
    occupant = call.room.occupant(call.nick)
    if occupant is None:
        raise Refused("item-not-found", f"Nobody here is called {call.nick}.")
    return await call.muc.picture_of(occupant)


async def put(call: Call) -> Answer:
    """Have the network give the group another picture; an empty card takes it away."""
    if call.nick:
        raise Refused("forbidden", "This picture is not yours to change.")
    if call.actor().affiliation < Affiliation.OWNER:
        raise Refused("forbidden", "Only owners may change the picture.")
    if not call.muc.can("on_avatar"):
        raise Refused("service-unavailable", "Groups of this network have no picture.")
    data = _photo(call)
    kind = None if data is None else await _kind(data)
    legacy_id = await call.muc.on_avatar(data, kind)
    if data is None:
        await call.muc.set_avatar(None)
    elif legacy_id:
        await call.muc.set_avatar(Avatar(data=data, unique_id=str(legacy_id)))
    return Answer()


async def _kind(data: bytes) -> str:
    """The media type by the bytes: what clients say of it is not to be relied on."""
    try:
        return await pictures.media_type(data)
    except ValueError:
        raise Refused("not-acceptable", "This is no picture that can be shown.", "modify") from None


def _photo(call: Call) -> bytes | None:
    photo = call.stanza.find(f"{VCARD}/{PHOTO}")
    text = photo.findtext("{vcard-temp}BINVAL") if photo is not None else None
    if photo is None or not (text or "").strip():
        return None
    try:
        data = base64.b64decode("".join((text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("bad-request", "The picture is not in base 64.") from None
    if len(data) > MOST_BYTES:
        raise Refused("not-acceptable", f"A picture has at most {MOST_BYTES} bytes.", "modify")
    return data
