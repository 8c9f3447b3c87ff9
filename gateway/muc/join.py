"""Entering a room (XEP-0045 §7.2): who is here, yourself, what was said, what it is about."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from xml.etree import ElementTree as ET

from slixmpp import Presence
from slixmpp.plugins.xep_0082 import parse as parse_time

from gateway.archive import Entry
from gateway.errors import Refused
from gateway.group.applicants import remind
from gateway.group.live import LiveRoom
from gateway.mirror import joining
from gateway.muc.availability import looks_of
from gateway.muc.call import Call
from gateway.muc.versions import tell_affiliations
from gateway.muc.whom import author_jid
from gateway.render.message import subject
from gateway.render.presence import occupant_id, picture_presence
from gateway.render.xml import Splice, attribute, delay
from gateway.room.nick import carried, takeable
from gateway.room.seating import may_enter, rise, sit
from gateway.room.state import Appearance, Occupant, Seat, Subject

MUC = "{http://jabber.org/protocol/muc}"
ADDRESSES = "http://jabber.org/protocol/address"
MUC_USER = "{http://jabber.org/protocol/muc#user}"
AT_ONCE = 500
"""Presences written before others get a turn of the event loop."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a joining client asks for. None is no limit of its own (§7.2.14)."""

    password: str = ""
    maxchars: int | None = None
    maxstanzas: int | None = None
    seconds: int | None = None
    since: datetime | None = None

    @property
    def no_history(self) -> bool:
        return self.maxchars == 0 or self.maxstanzas == 0


def wanted_in(x: ET.Element | None) -> Wanted:
    """What an element asks for that has a `<history/>`, and may have a password. What cannot be
    read is taken as not said."""
    history = x.find(f"{MUC}history") if x is not None else None
    given = history.attrib if history is not None else {}
    password = x.findtext(f"{MUC}password") if x is not None else None
    return Wanted(
        password=password or "",
        maxchars=_number(given.get("maxchars")),
        maxstanzas=_number(given.get("maxstanzas")),
        seconds=_number(given.get("seconds")),
        since=_time(given.get("since")),
    )


def wanted(call: Call) -> Wanted:
    """Read the `<x/>` of a join."""
    ask = wanted_in(call.child(f"{MUC}x"))
    # where the IRC table of §4 has it
    password = ask.password or call.stanza.findtext(f"{MUC_USER}x/{MUC_USER}password")
    return replace(ask, password=password or "")


async def join(call: Call) -> None:
    """Seat the sender and tell them everything in §7.1's order.

    A JID that has joined already is told everything again (§7.2.1), and nobody else notices. A
    room that is not configured yet was made just now (201).
    """
    if not call.nick:
        raise Refused("jid-malformed", "Say in the address which nickname you would like.")
    ask = wanted(call)
    me = await _admitted(call, ask.password)
    if call.mirror:
        await joining.sit_behind(call, me)
        return
    live = call.live
    seat, shown = sit(call.room, me, call.sender, live.host.now(), looks_of(call))
    live.hold(seat)
    told: list[str] = []
    try:
        stored = live.keeping.seats()
        live.show(shown)
        tell_affiliations(call, seat)
        await _tell_who_is_here(live, seat)
        if stored is not None:
            await stored
        codes = ((201,) if call.room.locked else ()) + ((210,) if me.nick != call.nick else ())
        _tell_self(live, seat, codes, call.id)
        if not ask.no_history:
            told = await _tell_history(call, ask)
        _tell_subject(call)
        if live.host.limits.picture_presence:
            live.host.outbox.write(Splice.of(picture_presence(live.room)).to(seat.jid))
        remind(live, seat)
    except BaseException:
        if call.room.seats.get(seat.jid) is seat:
            live.show(rise(call.room, seat, codes=(333,)))
        raise
    finally:
        live.release(seat.jid, told)


async def _admitted(call: Call, password: str) -> Occupant:
    """The occupant that the sender will sit on, called as they asked if the network allows."""
    muc, room = call.muc, call.room
    if call.sender not in room.seats:  # which has to be stored
        call.live.host.archive.check()
    if muc.me() is None:
        await call.acquaint()
    known = muc.me()
    if known is None or not known.seats:
        if muc.can("join"):
            await muc.join(Presence(muc.xmpp, xml=call.stanza))
        await muc.on_join(call.nick, password)
    await muc.ensure_people()
    known = muc.me()
    may_enter(room, known, password)
    me = known or muc.new_occupant(call.nick, is_user=True)
    if not me.seats and carried(call.nick) not in ("", me.nick) and muc.can("on_nick_change"):
        wish = takeable(room, me, call.nick)
        muc.user_nick = await muc.on_nick_change(wish)
    return me


async def _tell_who_is_here(live: LiveRoom, seat: Seat) -> None:
    jid, write = seat.jid, live.host.outbox.write
    roster = live.views.roster(seat.occupant)
    while some := [splice.to(jid) for splice in islice(roster, AT_ONCE)]:
        write(b"".join(some), len(some))
        await asyncio.sleep(0)
        await live.host.outbox.room()  # many who join at once are slowed, and bury nobody


def _tell_self(live: LiveRoom, seat: Seat, codes: tuple[int, ...], ident: str) -> None:
    splice = live.views.self_presence(
        seat, Appearance(live.room.face(seat.occupant), stanza_id=ident), codes
    )
    live.host.outbox.write(splice.to(seat.jid))


async def _tell_history(call: Call, ask: Wanted) -> list[str]:
    """Replay what the limits allow, oldest first; returns the stanza ids that were sent."""
    live = call.live
    await call.muc.ensure_history()
    limit = min(live.room.config.history_max, live.host.limits.history_max)
    if ask.maxstanzas is not None:
        limit = min(limit, ask.maxstanzas)
    entries = await live.host.archive.history(
        live.id, limit=limit, since=_oldest(live, ask), within=call.muc.visible()
    )
    copies = [
        replayed(live.room.jid, entry, _author(call, entry)).to(call.sender) for entry in entries
    ]
    first = len(copies) - fitting(copies, ask.maxchars)
    for copy in copies[first:]:
        live.host.outbox.write(copy)
    return [entry.stanza_id for entry in entries[first:]]


def replayed(room_jid: str, entry: Entry, author: str = "") -> Splice:
    """An archived message as history: with the time at which the room got it, and the real JID of
    its author for those who may know it (§7.2.13)."""
    address = f'<address type="ofrom" jid="{attribute(author)}"/>'
    told = f'<addresses xmlns="{ADDRESSES}">{address}</addresses>' if author else ""
    return Splice.of(entry.stanza, delay(room_jid, entry.at) + told)


def _author(call: Call, entry: Entry) -> str:
    return author_jid(call, entry) if call.room.sees_jids(call.seated().occupant) else ""


def _oldest(live: LiveRoom, ask: Wanted) -> datetime | None:
    times = [ask.since] if ask.since is not None else []
    if ask.seconds is not None:
        times.append(live.host.now() - timedelta(seconds=min(ask.seconds, 10**9)))
    return max(times) if times else None


def fitting(copies: Sequence[bytes], maxchars: int | None) -> int:
    """How many of the newest stanzas fit whole into so many characters."""
    if maxchars is None:
        return len(copies)
    count, room = 0, maxchars
    for copy in reversed(copies):
        room -= len(copy.decode())
        if room < 0:
            break
        count += 1
    return count


def _tell_subject(call: Call) -> None:
    room = call.room
    fact = room.subject
    if not call.muc.HAS_SUBJECT:
        fact = Subject(room.config.description or room.config.name)
    setter = room.nicks.get(fact.by) if fact.by else None
    extra = occupant_id(setter.id) if setter is not None else ""
    splice = Splice.of(subject(room.jid, fact, extra=extra, delayed=True))
    call.live.host.outbox.write(splice.to(call.sender))


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 16 else None


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        when = parse_time(text)
    except (ValueError, TypeError):
        return None
    return when if when.tzinfo is not None else None
