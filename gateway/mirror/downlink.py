"""What a room tells a mirror, once for all the users behind it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from gateway.mirror.names import ACCEPTED, OWN
from gateway.mirror.numbers import Count, numbered
from gateway.mirror.roster import rosters
from gateway.mirror.setup import config
from gateway.render.message import subject
from gateway.render.presence import occupant_id
from gateway.render.xml import Splice, attribute, stamp
from gateway.room.mirrored import sees_jids
from gateway.room.state import Occupant, Room
from legacy_backend.terms import Stretch


def introduction(room: Room, mirror: str, but: Occupant, count: Count) -> list[bytes]:
    """Everything that a mirror has to know of a room of which it knows nothing, `but` whoever
    comes in by it: the configuration, who is here, the subject. It begins the count. Each is one
    stanza."""
    begun = config(room.config).replace(" ", f' since="{count.since}" ', 1)
    told = [_iq(room, mirror, begun, count), *told_roster(room, mirror, count, but)]
    return [*told, numbered(Splice.of(_subject(room)).to(mirror), count.next())]


def told_config(room: Room, mirror: str, count: Count) -> bytes:
    """How the room is set up."""
    return _iq(room, mirror, config(room.config), count)


def told_roster(room: Room, mirror: str, count: Count, but: Occupant | None = None) -> list[bytes]:
    """Who is here, with real JIDs if somebody behind the mirror may see them. Each is one
    stanza."""
    parts = rosters(room, but=but, with_jid=sees_jids(room, mirror))
    return [_iq(room, mirror, part, count) for part in parts]


def state(room: Room, mirror: str, ident: str, gone: Iterable[str], count: Count) -> list[bytes]:
    """How things stand, in one answer as far as that fits: what comes next is counted from here.

    `gone` are those whom the mirror takes to be here, and who are not. Each is one stanza.
    """
    *more, last = rosters(room, but=None, with_jid=sees_jids(room, mirror))
    parts = [_iq(room, mirror, part, count) for part in more]
    lost = "".join(f'<gone jid="{attribute(jid)}"/>' for jid in gone)
    about = _subject(room).replace("<message", '<message xmlns="jabber:client"', 1)
    answer = (
        f'<iq type="result" id="{attribute(ident)}" from="{attribute(room.jid)}"'
        f' to="{attribute(mirror)}"><state xmlns="{OWN}" since="{count.since}"'
        f' n="{count.sent}">{lost}{config(room.config)}{last}{about}</state></iq>'
    )
    return [*parts, answer.encode()]


def admitted(presence: bytes, sees: tuple[Stretch, ...] | None) -> bytes:
    """The presence of who has come in, with the stretches of the past that they may read."""
    if sees is None:
        return presence
    stretches = "".join(f"<stretch{_ends(stretch)}/>" for stretch in sees)
    told = f'<sees xmlns="{OWN}">{stretches}</sees>'
    return presence.removesuffix(b"</presence>") + f"{told}</presence>".encode()


def _ends(stretch: Stretch) -> str:
    ends = (("start", stretch.start), ("end", stretch.end))
    return "".join(f' {name}="{stamp(at)}"' for name, at in ends if at is not None)


def _subject(room: Room) -> str:
    """What the room is about."""
    setter = room.nicks.get(room.subject.by) if room.subject.by else None
    extra = occupant_id(setter.id) if setter is not None else ""
    return subject(room.jid, room.subject, extra=extra, delayed=True)


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


def _iq(room: Room, mirror: str, payload: str, count: Count) -> bytes:
    told = payload.replace(" ", f' n="{count.next()}" ', 1)
    return (
        f'<iq type="set" id="{secrets.token_hex(8)}" from="{attribute(room.jid)}"'
        f' to="{attribute(mirror)}">{told}</iq>'
    ).encode()
