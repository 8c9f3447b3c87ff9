"""Forwarding what mentions a member who is not in the room (XEP-0452)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from gateway.archive import Entry, Kind
from gateway.group.live import LiveRoom
from gateway.render.xml import attribute, stamp
from gateway.room.state import Occupant, Room
from legacy_backend.terms import Affiliation, UserId

MMN = "urn:xmpp:mmn:0"
REFERENCE = "urn:xmpp:reference:0"

MOST = 20
"""Of one message's mentions, those that are looked at."""


def forward_mentions(live: LiveRoom, entry: Entry) -> None:
    """Send a message to whom it names by a reference (XEP-0372), where the room is set up so."""
    room = live.room
    if not room.config.forward_mentions or entry.kind is not Kind.MESSAGE:
        return
    if REFERENCE not in entry.stanza:
        return
    for user in dict.fromkeys(_absent(room, entry)):
        stanza = entry.stanza.replace("<message ", '<message xmlns="jabber:client" ', 1)
        live.host.outbox.write(
            (
                f'<message from="{attribute(room.jid)}" to="{attribute(user)}">'
                f'<mentions xmlns="{MMN}"><forwarded xmlns="urn:xmpp:forward:0">'
                f'<delay xmlns="urn:xmpp:delay" stamp="{stamp(entry.at)}"/>{stanza}'
                "</forwarded></mentions></message>"
            ).encode()
        )


def _absent(room: Room, entry: Entry) -> Iterator[UserId]:
    """Members who use the gateway, are mentioned, and have not joined."""
    element = ET.fromstring(entry.stanza)  # noqa: S314  (written by this gateway)
    for reference in element.findall(f"{{{REFERENCE}}}reference")[:MOST]:
        if reference.get("type") != "mention":
            continue
        person = _person(room, reference.get("uri", "").removeprefix("xmpp:"))
        if person is None or person.user is None or person.seats:
            continue
        if person.affiliation >= Affiliation.MEMBER and person.member != entry.author:
            yield person.user


def _person(room: Room, address: str) -> Occupant | None:
    """Whom an address means: an occupant JID of this room, or a user's."""
    bare, _, resource = address.partition("/")
    if bare == room.jid:
        return room.nicks.get(resource)
    return room.person_of(UserId(bare))
