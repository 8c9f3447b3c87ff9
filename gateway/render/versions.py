"""Versions of the lists of affiliations, in stanzas (XEP-0463)."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.render.xml import attribute
from gateway.room.state import Step

MAV = "urn:xmpp:muc:affiliations:1"
MUC_USER = "http://jabber.org/protocol/muc#user"


def mav(until: str, since: str = "") -> str:
    """The element that names a version, and the one before it."""
    before = f' since="{attribute(since)}"' if since else ""
    return f'<mav xmlns="{MAV}"{before} until="{attribute(until)}"/>'


def step(change: Step | None) -> str:
    """The element for a change; nothing for none."""
    return "" if change is None else mav(change.until, change.since)


def listed(
    room_jid: str, to: str, people: Iterable[tuple[str, str]], since: str, until: str
) -> str:
    """A message with JIDs and affiliations: what is new since a version, or all if that is ""."""
    items = "".join(
        f'<item affiliation="{affiliation}" jid="{attribute(jid)}"/>' for jid, affiliation in people
    )
    return (
        f'<message from="{attribute(room_jid)}" to="{attribute(to)}">'
        f'<x xmlns="{MUC_USER}">{mav(until, since)}{items}</x></message>'
    )
