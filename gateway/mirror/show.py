"""What a mirror shows its own users: all that the room itself would have told each of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from gateway.mirror.copy import Copy
from gateway.muc.join import Wanted, fitting
from gateway.render.message import notice, subject
from gateway.render.presence import presence
from gateway.render.xml import Splice, delay
from gateway.room.state import Appearance, Delivery, Notice, Room, Seat
from gateway.room.visible import visible


def shown(copy: Copy, deliveries: list[Delivery]) -> Iterator[tuple[str, bytes]]:
    """Facts as stanzas, and whom they are for. Who has not been told yet who is here will be told
    of these, too."""
    for delivery in deliveries:
        fact = delivery.fact
        for seat in delivery.seats:
            if seat.jid in copy.held:
                continue
            if isinstance(fact, Appearance):
                yield seat.jid, _seen_by(copy.room, seat, fact).to(seat.jid)
            elif isinstance(fact, Notice):
                yield seat.jid, Splice.of(notice(copy.room.jid, fact)).to(seat.jid)


def _seen_by(room: Room, seat: Seat, fact: Appearance) -> Splice:
    if seat.occupant.member == fact.face.member:
        return _own(room, seat, fact)
    return presence(room.jid, fact, with_jid=room.sees_jids(seat.occupant))


def _own(room: Room, seat: Seat, fact: Appearance) -> Splice:
    """A presence about the one who gets it (XEP-0045 §7.2.2)."""
    codes: tuple[int, ...] = ()
    if fact.available:
        config = room.config
        codes = (() if config.anonymous else (100,)) + ((170,) if config.public_log else ())
    return presence(room.jid, fact, with_jid=True, own_jid=seat.jid, extra_codes=codes)


def welcome(copy: Copy, seat: Seat, *, ident: str, codes: tuple[int, ...]) -> Iterator[bytes]:
    """Who is here, and that one is oneself (XEP-0045 §7.1). `ident` is the join's id, `codes` are
    what the master says of it besides."""
    room = copy.room
    for person in room.occupants():
        if person is not seat.occupant and room.role(person) in room.config.shown_roles:
            yield _seen_by(room, seat, Appearance(room.face(person))).to(seat.jid)
    own = Appearance(room.face(seat.occupant), codes=codes, stanza_id=ident)
    yield _own(room, seat, own).to(seat.jid)


def about(room: Room, jid: str) -> bytes:
    """What the room is about."""
    return Splice.of(subject(room.jid, room.subject, delayed=True)).to(jid)


async def history(copy: Copy, seat: Seat, ask: Wanted) -> tuple[list[bytes], list[str]]:
    """What a join replays, oldest first, and the ids of all that it might."""
    if ask.no_history:
        return [], []
    live = copy.live
    now = live.host.now()
    earliest = ask.since
    if ask.seconds is not None:
        seconds_ago = now - timedelta(seconds=min(ask.seconds, 10**9))
        earliest = max(ask.since or seconds_ago, seconds_ago)
    limit = min(live.room.config.history_max, live.host.limits.history_max)
    if ask.maxstanzas is not None:
        limit = min(limit, ask.maxstanzas)
    within = visible(live.room, seat.occupant)
    entries = await live.host.archive.history(live.id, limit=limit, since=earliest, within=within)
    when = [delay(live.room.jid, entry.at) for entry in entries]
    copies = [Splice.of(e.stanza, w).to(seat.jid) for e, w in zip(entries, when, strict=True)]
    shown = copies[len(copies) - fitting(copies, ask.maxchars) :]
    return shown, [entry.stanza_id for entry in entries]
