"""What a room tells a mirror, once for all the users behind it."""

from __future__ import annotations

import secrets

from gateway.mirror.names import ACCEPTED
from gateway.mirror.roster import rosters
from gateway.mirror.setup import config
from gateway.render.message import subject
from gateway.render.presence import occupant_id
from gateway.render.xml import Splice, attribute
from gateway.room.mirrored import sees_jids
from gateway.room.state import Occupant, Room


def introduction(room: Room, mirror: str, but: Occupant) -> bytes:
    """Everything that a mirror has to know of a room of which it knows nothing, `but` whoever
    comes in by it: the configuration, who is here, the subject."""
    return told_config(room, mirror) + told_roster(room, mirror, but) + told_subject(room, mirror)


def told_config(room: Room, mirror: str) -> bytes:
    """How the room is set up."""
    return _iq(room, mirror, config(room.config))


def told_roster(room: Room, mirror: str, but: Occupant | None = None) -> bytes:
    """Who is here, with real JIDs if somebody behind the mirror may see them."""
    parts = rosters(room, but=but, with_jid=sees_jids(room, mirror))
    return b"".join(_iq(room, mirror, part) for part in parts)


def told_subject(room: Room, mirror: str) -> bytes:
    """What the room is about."""
    setter = room.nicks.get(room.subject.by) if room.subject.by else None
    extra = occupant_id(setter.id) if setter is not None else ""
    return Splice.of(subject(room.jid, room.subject, extra=extra, delayed=True)).to(mirror)


def accepted(message: str) -> Splice:
    """The ids of a message, without what it says, for the mirror that has shown it already.

    `message` is as the others get it.
    """
    namespace, _, name = ACCEPTED[1:].partition("}")
    head, _, _ = message.partition(">")
    ids = message[_at(message, "<occupant-id ", "<stanza-id ") :].removesuffix("</message>")
    return Splice.of(f'{head}><{name} xmlns="{namespace}"/>{ids}</message>')


def _at(message: str, *names: str) -> int:
    """Where the room's own ids begin, which are the last children."""
    found = [message.rfind(name) for name in names]
    return min(place if place >= 0 else len(message) for place in found)


def _iq(room: Room, mirror: str, payload: str) -> bytes:
    return (
        f'<iq type="set" id="{secrets.token_hex(8)}" from="{attribute(room.jid)}"'
        f' to="{attribute(mirror)}">{payload}</iq>'
    ).encode()
