"""Presence of somebody who has joined: a status, another nickname, or neither (§7.6, §7.7)."""

from __future__ import annotations

import re
from typing import cast
from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.muc.call import NS, Call
from gateway.render.presence import presence
from gateway.room.nick import carried, free_nick, rename, takeable
from gateway.room.presence import Looks, merged, say
from gateway.room.state import Appearance, Face, OccupantId, Show
from legacy_backend.terms import MemberId

MOST_CHARS = 1000
"""Of a status; the rest is cut off."""

PRIORITY = re.compile(r"-?[0-9]{1,3}")


async def available(call: Call) -> None:
    """Deal with a presence that is no join."""
    seat = call.room.seats.get(call.sender)
    if seat is None:
        _not_in(call)
    elif call.nick and call.nick != seat.occupant.nick and not _same(call, seat.occupant.nick):
        await change_nick(call)
    else:
        say(seat, looks_of(call))
        call.live.show(merged(call.room, seat.occupant))


def looks_of(call: Call) -> Looks:
    """What a presence says of its sender."""
    return read_looks(call.stanza)


def read_looks(stanza: ET.Element) -> Looks:
    """As `looks_of`; what cannot be read is taken as not said."""
    show = stanza.findtext(f"{NS}show") or ""
    known = show if show in ("away", "xa", "dnd", "chat") else ""
    priority = (stanza.findtext(f"{NS}priority") or "").strip()
    return Looks(
        cast(Show, known),
        (stanza.findtext(f"{NS}status") or "")[:MOST_CHARS],
        int(priority) if PRIORITY.fullmatch(priority) else 0,
    )


def _same(call: Call, nick: str) -> bool:
    return carried(call.nick) == nick


async def change_nick(call: Call) -> None:
    """Have the network call the sender otherwise, then show it (§7.6)."""
    me = call.seated().occupant
    if not call.muc.can("on_nick_change"):
        raise Refused("not-acceptable", "In this network nicknames cannot be changed from here.")
    wish = takeable(call.room, me, call.nick)
    call.live.host.archive.check()
    got = await call.muc.on_nick_change(wish)
    nick = free_nick(call.room, got, me, me.member)
    call.live.show(rename(call.room, me, nick, codes=() if nick == wish else (210,)))
    call.muc.user_nick = got


def _not_in(call: Call) -> None:
    """Tell a client that believes to be in the room that it is not (§7.2.18)."""
    if not call.nick:
        return
    face = Face(MemberId(""), OccupantId("room"), call.nick, "none", "none", None)
    gone = Appearance(
        face, available=False, codes=(307, 333), reason="You are not in this room; join again."
    )
    splice = presence(call.room.jid, gone, with_jid=True, own_jid=call.sender)
    call.live.send(call.sender, splice.to(call.sender))


def probed(call: Call) -> None:
    """Answer a probe by somebody who has joined with the presence that it asks for (§17.3).

    A server probes for its user, from their bare JID: the clients of theirs that are in the room
    are told. Strangers are told nothing.
    """
    if "/" in call.sender:
        seats = [call.room.seats[call.sender]] if call.sender in call.room.seats else []
    else:
        me = call.muc.me()
        seats = list(me.seats.values()) if me is not None else []
    for seat in seats:
        person = call.room.occupant(call.nick) if call.nick else seat.occupant
        if person is not None:
            call.live.show_to(seat.jid, Appearance(call.room.face(person)))
