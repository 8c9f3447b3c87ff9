"""What an occupant shows beside their presence: badges (XEP-0317), which picture (XEP-0153)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from legacy_backend.xmpp.muc.names import child, qualified, text_of

HATS: Final = "urn:xmpp:hats:0"
PHOTO: Final = "vcard-temp:x:update"

MOST_HATS = 10
MOST_CHARACTERS = 200
"""Of what a badge says; a longer one is left out."""

_SHA1 = re.compile("[0-9a-f]{40}")


class Hat(NamedTuple):
    """A badge; `hue` is an angle in degrees, "" if it has none."""

    uri: str
    title: str
    hue: str = ""


def hats_of(presence: ET.Element) -> tuple[Hat, ...]:
    """The badges that somebody wears."""
    hats = child(presence, HATS, "hats")
    found = [] if hats is None else hats.findall(qualified(HATS, "hat"))[:MOST_HATS]
    read = (Hat(hat.get("uri", ""), hat.get("title", ""), hat.get("hue", "")) for hat in found)
    return tuple(hat for hat in read if hat.uri and len("".join(hat)) <= MOST_CHARACTERS)


def photo_of(presence: ET.Element) -> str:
    """The SHA-1 of somebody's picture, in hexadecimal digits; "" if they tell of none."""
    update = child(presence, PHOTO, "x")
    told = "" if update is None else (text_of(update, PHOTO, "photo") or "").strip().lower()
    return told if _SHA1.fullmatch(told) else ""
