"""Finding seats whose holders are silently gone (XEP-0045 §18.1.2, XEP-0199)."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from slixmpp import InvalidJID
from slixmpp.exceptions import IqError, IqTimeout

from gateway.group.live import LiveRoom
from gateway.muc.disco import INFO
from gateway.muc.leave import GONE
from gateway.room.seating import rise
from gateway.room.state import Seat

if TYPE_CHECKING:
    from gateway.component import Gateway

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Seats that are asked beside each other."""

ANSWER_SECONDS = 60
LOOK_EVERY = 60.0


async def watch(gateway: Gateway[Any], silence: timedelta) -> None:
    """For ever: ask those who have been silent so long whether they are there.

    Who does not answer at all may sleep (XEP-0198) and is asked again later; whose server says
    that nobody is there loses the seat.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask(live: LiveRoom, seat: Seat) -> None:
        async with gate:
            try:
                await _ask(gateway, live, seat)
            except Exception:
                log.exception("%s could not be asked", seat.jid)

    while True:
        await asyncio.sleep(LOOK_EVERY)
        await asyncio.gather(
            *(
                ask(live, seat)
                for live in gateway.rooms
                for seat in silent(live, live.host.now() - silence)
            )
        )


def silent(live: LiveRoom, since: datetime) -> list[Seat]:
    """The seats from which nothing has come since then; mirrors look after their users."""
    seats = live.room.seats.values()
    return [seat for seat in seats if seat.heard_at < since and not seat.mirror]


async def _ask(gateway: Gateway[Any], live: LiveRoom, seat: Seat) -> None:
    seat.heard_at = live.host.now()
    condition = await _answer(gateway, live, seat, "ping")
    if condition == "service-unavailable":
        # a server says so of nobody, and a client of a request it does not know: ask otherwise
        condition = await _answer(gateway, live, seat, "disco")
    if condition in GONE and live.room.seats.get(seat.jid) is seat:
        log.info("%s is gone from %s: %s", seat.jid, live.room.jid, condition)
        live.show(rise(live.room, seat, codes=(333,)))


async def _answer(gateway: Gateway[Any], live: LiveRoom, seat: Seat, how: str) -> str:
    """The error that comes back, "" for a result or for silence."""
    origin = f"{live.room.jid}/{seat.occupant.nick}"
    iq: Any
    try:
        if how == "ping":
            iq = gateway.make_iq_get(ito=seat.jid, ifrom=origin)
            iq.enable("ping")
        else:
            iq = gateway.make_iq_get(queryxmlns=INFO, ito=seat.jid, ifrom=origin)
        await iq.send(timeout=ANSWER_SECONDS)
    except IqError as error:
        return str(error.condition)
    except (IqTimeout, InvalidJID):  # slixmpp has no emoji in addresses, servers may
        return ""
    return ""
