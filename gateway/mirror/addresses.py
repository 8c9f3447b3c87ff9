"""Addresses at a mirror: rooms of a master, and users for whom the mirror speaks (XEP-0106)."""

from __future__ import annotations

from gateway.errors import Refused
from gateway.escaping import escape, unescape

LONGEST = 1023
"""Bytes of a localpart (RFC 7622 §3.3)."""


def split(jid: str) -> tuple[str, str, str]:
    """The localpart, the domain and the resource of a JID, "" for what it lacks."""
    bare, _, resource = jid.partition("/")
    localpart, at, domain = bare.rpartition("@")
    return (localpart, domain, resource) if at else ("", bare, resource)


def at_mirror(jid: str, mirror: str) -> str:
    """A JID as an address at a mirror: its bare form is the localpart, its resource stays.

    The resource in the localpart, as in the protocol's examples, would lose its letter case there.

    Raises Refused "jid-malformed" if that is longer than a localpart may be.
    """
    bare, slash, resource = jid.partition("/")
    localpart = escape(bare)
    if len(localpart.encode()) > LONGEST:
        raise Refused("jid-malformed", "This address is too long for a mirror.")
    return f"{localpart}@{mirror}{slash}{resource}"


def original(jid: str) -> str:
    """The JID that an address at a mirror stands for, "" if that is none."""
    localpart, _, resource = split(jid)
    bare = unescape(localpart)
    node, _, domain = bare.partition("@")
    if not node or not domain or set(domain) & {"@", "/"}:
        return ""
    return f"{bare}/{resource}" if resource else bare


def with_resource(jid: str) -> str:
    """The full JID that the localpart of an address holds, as in the protocol's examples: letter
    case is lost in it. "" if it holds none."""
    localpart, _, resource = split(jid)
    whole = unescape(localpart)
    return whole if not resource and "/" in whole and "@" in whole.partition("/")[0] else ""
