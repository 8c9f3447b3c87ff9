"""Finding seats whose holders are silently gone (XEP-0045 §18.1.2, XEP-0199)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from gateway.group.live import LiveRoom
from gateway.group.turns import Turns
from gateway.muc.call import NS
from gateway.muc.disco import INFO
from gateway.muc.leave import GONE
from gateway.render.xml import attribute
from gateway.room.seating import rise
from gateway.room.state import Seat

if TYPE_CHECKING:
    from gateway.component import Gateway

log = logging.getLogger(__name__)

LOOK_EVERY = 60.0

PER_SECOND = 200
"""Seats that are asked at most: a hundred thousand that sleep take less than ten minutes."""

AT_ONCE = 20
"""Seats that are asked between two pauses."""

ANSWER_SECONDS = 60.0
"""How long an answer is waited for. So no more than 12,000 are at any time."""

PING = '<ping xmlns="urn:xmpp:ping"/>'
DISCO = f'<query xmlns="{INFO}"/>'


@dataclass(frozen=True, slots=True)
class _Asked:
    live: LiveRoom
    seat: Seat
    what: str
    until: float


class Watch:
    """Asks those who have been silent for long whether they are there.

    Who does not answer at all may sleep (XEP-0198) and is asked again later; whose server says
    that nobody is there loses the seat. No task, timer or handler waits for an answer, since
    there may be very many who give none.
    """

    def __init__(self, gateway: Gateway[Any], clock: Callable[[], float] = time.monotonic) -> None:
        self._gateway = gateway
        self.clock = clock
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        self._asked: dict[str, _Asked] = {}
        """By the id of the request, the oldest first."""

    def __len__(self) -> int:
        """How many answers are waited for."""
        return len(self._asked)

    async def run(self, silence: timedelta) -> None:
        """For ever: ask those who have been silent so long."""
        while True:
            await self.sleep(LOOK_EVERY)
            if self._gateway.outbox.connected_now:
                await self.look(silence)

    async def look(self, silence: timedelta) -> None:
        """Ask everybody once who has been silent so long."""
        turns, count = Turns(), 0
        for live in self._gateway.rooms:
            await turns.pause()
            for seat in silent(live, live.host.now() - silence):
                if live.room.seats.get(seat.jid) is not seat:
                    continue  # gone meanwhile
                try:
                    seat.heard_at = live.host.now()
                    self._ask(live, seat, PING)
                except Exception:
                    log.exception("%s could not be asked", seat.jid)
                count += 1
                if count % AT_ONCE == 0:
                    await self._gateway.outbox.room()
                    await self.sleep(AT_ONCE / PER_SECOND)

    def takes(self, stanza: ET.Element) -> bool:
        """Deal with the answer of somebody who was asked; whether it is one."""
        asked = self._asked.get(stanza.get("id", ""))
        if asked is None or stanza.get("type") not in ("result", "error"):
            return False
        if stanza.get("from") != asked.seat.jid or not stanza.tag.endswith("}iq"):
            return False
        del self._asked[stanza.get("id", "")]
        live, seat = asked.live, asked.seat
        if live.room.seats.get(seat.jid) is seat:
            seat.heard_at = live.host.now()
            self._heard(asked, _conditions(stanza))
        return True

    def _heard(self, asked: _Asked, conditions: set[str]) -> None:
        live, seat = asked.live, asked.seat
        if "service-unavailable" in conditions and asked.what is PING:
            # a server says so of nobody, and a client of a request it does not know: ask otherwise
            self._ask(live, seat, DISCO)
        elif gone := conditions & GONE:
            log.info("%s is gone from %s: %s", seat.jid, live.room.jid, *gone)
            live.show(rise(live.room, seat, codes=(333,)))

    def _ask(self, live: LiveRoom, seat: Seat, what: str) -> None:
        self._forget()
        ident = f"watch-{token_hex(8)}"
        self._asked[ident] = _Asked(live, seat, what, self.clock() + ANSWER_SECONDS)
        origin, to = f"{live.room.jid}/{seat.occupant.nick}", attribute(seat.jid)
        self._gateway.outbox.write(
            f'<iq type="get" id="{ident}" from="{attribute(origin)}" to="{to}">{what}</iq>'.encode()
        )

    def _forget(self) -> None:
        """Those who have not answered in time: they are asked again when their turn comes."""
        now = self.clock()
        while self._asked:
            oldest = next(iter(self._asked))
            if self._asked[oldest].until > now:
                return
            del self._asked[oldest]


def silent(live: LiveRoom, since: datetime) -> list[Seat]:
    """The seats from which nothing has come since then; mirrors look after their users."""
    seats = live.room.seats.values()
    return [seat for seat in seats if seat.heard_at < since and not seat.mirror]


def _conditions(stanza: ET.Element) -> set[str]:
    """What an error consists of; nothing for a result."""
    error = stanza.find(f"{NS}error")
    return set() if error is None else {child.tag.partition("}")[2] for child in error}
