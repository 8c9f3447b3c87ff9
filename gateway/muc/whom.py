"""Whom a stanza means: by a bare JID, by a nickname, or as the author of a message."""

from __future__ import annotations

from slixmpp import JID

from gateway.archive import Entry
from gateway.errors import Refused
from gateway.muc.call import Call
from gateway.room.state import Occupant
from legacy_backend.terms import MemberId


def person_at(call: Call, address: str) -> Occupant | None:
    """Whom the room knows by a bare JID: a user of the gateway, or a contact.

    Raises Refused "conflict" if those are several, whose ids on the network XMPP cannot tell apart.
    """
    found = [
        person
        for person in call.room.people.values()
        if person.user == address or (person.jid and person.jid.partition("/")[0] == address)
    ]
    if len(found) > 1:
        raise Refused("conflict", f"Several people share {address}: name them by nickname.")
    return found[0] if found else None


async def anybody_at(call: Call, address: str) -> Occupant:
    """Whom the room or else the network knows by a bare JID.

    Raises Refused: what `person_at` raises, and "item-not-found" if nobody is there.
    """
    person = person_at(call, address) or await call.muc.person_for(JID(address))
    if person is None:
        raise Refused("item-not-found", f"{address} is not known to this network.")
    return person


def author_jid(call: Call, entry: Entry) -> str:
    """The real JID of who wrote a message, "" if the room does not know it."""
    author = call.room.people.get(MemberId(entry.author)) if entry.author else None
    return (author.user or author.jid or "") if author is not None else ""
