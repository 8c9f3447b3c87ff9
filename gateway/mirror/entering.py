"""Those of our users who come in, and what becomes of them until they are in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.mirror.bounces import unreachable
from gateway.mirror.copy import Copy, Phase, known, leaves, open_past
from gateway.mirror.show import about, history, welcome
from gateway.mirror.told import Told
from gateway.muc.errors import error_stanza
from gateway.muc.join import Wanted
from gateway.room.presence import Looks
from gateway.room.seating import rise, sit
from gateway.room.state import Delivery, Seat
from legacy_backend.terms import Stretch, UserId

if TYPE_CHECKING:
    from gateway.mirror.mirror import Mirror

TRIES = 3
"""How often somebody's join is sent, if nothing comes of it."""


@dataclass(slots=True, eq=False)
class Joining:
    """Somebody who waits for a master's word. `again` is one who is here already, and whom it is
    asked to let in once more; otherwise `stanza` is the join as it came. `id` is the uplink's."""

    copy: Copy
    jid: str
    nick: str
    id: str
    again: bool = False
    looks: Looks = field(default_factory=Looks)
    ask: Wanted = field(default_factory=Wanted)
    stanza: ET.Element | None = None
    done: asyncio.Future[bool] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    """Whether they were let in."""
    timer: asyncio.TimerHandle | None = None
    tries: int = 0

    def settled(self, let_in: bool) -> None:
        if self.timer is not None:
            self.timer.cancel()
        if not self.done.done():
            self.done.set_result(let_in)


class Entering:
    """Those who wait for a master's word, and those who were let in and know nothing yet."""

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self.joining: dict[str, Joining] = {}
        """Those who wait for a master's word, by the id of the uplink."""
        self._unwelcomed: dict[str, tuple[Joining, tuple[int, ...]]] = {}
        """Those who were let in, and not told yet who is here, by the same."""
        self._tasks: set[asyncio.Task[None]] = set()

    def confirmed(self, copy: Copy, stanza: ET.Element, told: Told) -> Joining | None:
        """Whose join a presence answers: by its id; of a master that gives none, by the nickname,
        unless that is somebody's who is here, and may just look different now."""
        ident = stanza.get("id", "")
        found = self.joining.get(ident)
        if found is None and not ident:
            here = copy.room.nicks.get(told.nick)
            for waiting in self.joining.values():
                of_it = waiting.copy is copy and waiting.nick == told.nick
                if of_it and (here is None or waiting.again):
                    found = waiting
        if found is None or found.copy is not copy or found.nick != told.nick:
            return None
        return self.joining.pop(found.id)

    def seat(self, copy: Copy, joining: Joining, told: Told) -> None:
        user = UserId(joining.jid.partition("/")[0])
        holder = copy.room.nicks.get(told.nick)
        if holder is not None and holder.user not in (None, user):
            self._refuse(joining, Refused("conflict", "Somebody else is called so here."))
            return
        person, shown = known(copy, told, self.mirror.is_ours, user)
        now = self.mirror.now()
        if not person.seats:
            past = None if open_past(copy.room.config) else (Stretch(now, None),)
            person.sees = past if told.sees is None else told.sees
        seat, more = sit(copy.room, person, joining.jid, now, joining.looks)
        copy.held.add(seat.jid)
        copy.live.hold(seat)
        self.mirror.show(copy, shown + more)
        self._unwelcomed[joining.id] = (joining, told.codes)
        if copy.phase is not Phase.SYNCING:
            self.welcome_all(copy)

    def welcome_all(self, copy: Copy) -> None:
        """Tell those everything who have come in and know nothing yet."""
        for ident, (joining, codes) in list(self._unwelcomed.items()):
            if joining.copy is copy:
                del self._unwelcomed[ident]
                seat = copy.room.seats.get(joining.jid)
                if seat is not None:
                    self.welcome(copy, seat, joining, codes)

    def welcome(
        self, copy: Copy, seat: Seat, joining: Joining, codes: tuple[int, ...] = ()
    ) -> None:
        """Tell somebody who sits here all that a join tells."""
        task = asyncio.create_task(self._welcome(copy, seat, joining, codes))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _welcome(
        self, copy: Copy, seat: Seat, joining: Joining, codes: tuple[int, ...]
    ) -> None:
        live, told = copy.live, list[str]()
        ident = joining.stanza.get("id", "") if joining.stanza is not None else ""
        if seat.jid not in copy.held:
            live.hold(seat)
        try:
            stored = live.keeping.seats()
            if stored is not None:
                await stored
            copy.held.discard(seat.jid)
            if copy.room.seats.get(seat.jid) is not seat:
                return
            for data in welcome(copy, seat, ident=ident, codes=codes):
                self.mirror.write(data)
            await live.settled()
            before, told = await history(copy, seat, joining.ask)
            for data in (*before, about(copy.room, seat.jid)):
                self.mirror.write(data)
        finally:
            live.release(seat.jid, told)

    # Those who do not come in

    def refused(self, copy: Copy, user: str, stanza: ET.Element) -> None:
        joining = self.joining.get(stanza.get("id", ""))
        if joining is None and not stanza.get("id"):
            joining = next(
                (j for j in self.joining.values() if j.copy is copy and j.jid == user), None
            )
        if joining is None or joining.copy is not copy or joining.jid != user:
            return
        del self.joining[joining.id]
        if joining.again and unreachable(stanza):
            pass  # it was not heard, let alone refused
        elif joining.again:
            text = stanza.findtext(".//{urn:ietf:params:xml:ns:xmpp-stanzas}text") or ""
            self._put_out(copy, joining, text)
        elif joining.stanza is not None:
            stanza.set("from", f"{copy.master}/{joining.nick}")
            stanza.attrib.pop("id", None)
            if ident := joining.stanza.get("id"):
                stanza.set("id", ident)
            self.mirror.feed.hand(user, stanza, copy.master)
        joining.settled(False)
        self.mirror.done(copy)

    def _put_out(self, copy: Copy, joining: Joining, reason: str) -> None:
        seat = copy.room.seats.get(joining.jid)
        if seat is not None:
            told = Told(seat.occupant.nick, codes=(333,), reason=reason)
            self.mirror.show(copy, leaves(copy.room, seat.occupant, told))

    def _refuse(self, joining: Joining, no: Refused) -> None:
        """Tell somebody of ours that they cannot come in."""
        if joining.stanza is None:
            return
        local = joining.copy.room.jid
        origin = f"{local}/{joining.nick}"
        self.mirror.write(error_stanza(joining.stanza, no, origin=origin, by=local).encode())

    def waits(self, joining: Joining) -> None:
        """Nothing has come of a join for some time: it may have been lost."""
        if joining.id not in self.joining:
            return
        joining.tries += 1
        if joining.tries >= TRIES:
            self.late(joining)
            return
        later = asyncio.get_running_loop().call_later
        seconds = self.mirror.terms.answer_seconds / TRIES
        joining.timer = later(seconds, self.waits, joining)
        self.mirror.join(joining.copy, joining, new=joining.copy.count.heard is None)

    def late(self, joining: Joining) -> None:
        """The master takes too long: it is told not to let them in any more."""
        if self.joining.pop(joining.id, None) is None:
            return
        copy, to = joining.copy, f"{joining.copy.master}/{joining.nick}"
        self.mirror.up("presence", copy, joining.jid, to, "", type="unavailable")
        if joining.again:
            self._put_out(copy, joining, "The room does not answer.")
        else:
            no = Refused("remote-server-timeout", "The room does not answer.", "wait")
            self._refuse(joining, no)
        joining.settled(False)
        self.mirror.done(copy)

    def give_up(self, copy: Copy) -> None:
        """The link is down: nobody comes in who is not here yet."""
        no = Refused("remote-server-timeout", "The room cannot be reached now.", "wait")
        for ident, joining in list(self.joining.items()):
            if joining.copy is copy:
                del self.joining[ident]
                self._refuse(joining, no)
                joining.settled(False)
        for ident, (joining, _) in list(self._unwelcomed.items()):
            if joining.copy is copy:
                del self._unwelcomed[ident]
                self._refuse(joining, no)
                seat = copy.room.seats.get(joining.jid)
                if seat is not None:
                    copy.live.hold(seat)
                    copy.live.release(seat.jid)
                    _vanish(copy, seat)


def _vanish(copy: Copy, seat: Seat) -> list[Delivery]:
    """Take the seat of somebody who has not been told yet that they have one."""
    shown = rise(copy.room, seat)
    if not seat.occupant.here:
        copy.room.unfile(seat.occupant)
    return shown
