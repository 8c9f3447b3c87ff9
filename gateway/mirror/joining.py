"""Entering a room through a mirror: the master's end (DMUC3, Joining)."""

from __future__ import annotations

import logging

from gateway.errors import Refused
from gateway.mirror.names import NEW, TAG
from gateway.muc.availability import looks_of
from gateway.muc.call import Call
from gateway.room.mirrored import behind, spared, vacate
from gateway.room.seating import sit
from gateway.room.state import Appearance, Occupant

log = logging.getLogger(__name__)


async def sit_behind(call: Call, me: Occupant) -> None:
    """Seat somebody who may come in, and tell their mirror.

    A mirror that knows nothing of the room is told everything first. The newcomer's presence is
    the last of it, with the id of the join. Everything else that a join tells is the mirror's to
    tell.

    Raises Refused: "not-allowed" in a personal room, "not-acceptable" if the network has another
    name for them than they asked for, which a room may not change behind a mirror.
    """
    room, live, mirror = call.room, call.live, call.mirror
    if room.owner is not None:
        raise Refused("not-allowed", "This room is one person's own; it has no mirrors.")
    if me.nick != call.nick:
        raise Refused("not-acceptable", f"You are called {me.nick} here: join by that name.")
    tag = call.child(TAG)
    if tag is not None and tag.find(NEW) is not None:
        live.show(vacate(room, mirror))
    known = bool(behind(room, mirror))
    if not known:
        await call.muc.ensure_history()
    who = live.host.trust.behind(call.sender)
    _, shown = sit(
        room, me, call.sender, live.host.now(), looks_of(call), mirror=mirror, behind=who
    )
    stored = live.keeping.seats()
    if not known:
        log.info("%s mirrors %s", mirror, room.jid)
        live.mirrors.introduce(mirror, me)
    codes = (201,) if room.locked else ()
    told = Appearance(room.face(me), codes=codes, stanza_id=call.id)
    live.show(spared(shown, mirror))
    live.mirrors.admit(mirror, told, call.muc.visible())
    if stored is not None:
        await stored
