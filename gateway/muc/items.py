"""The items of `muc#admin` queries (XEP-0045 §19.3)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from gateway.errors import Refused
from legacy_backend.terms import Affiliation, Role

ADMIN = "{http://jabber.org/protocol/muc#admin}"


def affiliation_named(word: str) -> Affiliation:
    """The affiliation of that name.

    Raises Refused "bad-request" if there is none.
    """
    try:
        return Affiliation[word.upper()]
    except KeyError:
        raise Refused("bad-request", f"{word} is not an affiliation.") from None


def role_named(word: str) -> Role:
    """The role of that name.

    Raises Refused "bad-request" if there is none.
    """
    try:
        return Role[word.upper()]
    except KeyError:
        raise Refused("bad-request", f"{word} is not a role.") from None


def reason_of(item: ET.Element) -> str:
    """What the actor gave as the reason, "" if nothing."""
    return item.findtext(f"{ADMIN}reason") or ""
