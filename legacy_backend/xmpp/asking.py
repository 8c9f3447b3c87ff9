"""Asking a room for what it answers by doing it, in a message or a presence, or with an error."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from slixmpp import Message
from slixmpp.exceptions import XMPPError

from legacy_backend.xmpp.muc import MessageTracker, Room, Signal
from legacy_backend.xmpp.refusals import refusals

SECONDS = 30.0
"""How long a room may take."""


async def delivered(tracker: MessageTracker) -> Message:
    """The reflection of a message.

    Raises LegacyError: the room's no, or "remote-server-timeout" if nobody knows what became of
    it.
    """
    with refusals():
        async with asyncio.timeout(SECONDS):
            return await tracker.delivered()


async def answered(
    room: Room,
    happened: Signal,
    ask: Coroutine[Any, Any, None],
    fits: Callable[..., bool] = lambda *_: True,
) -> None:
    """Wait until the room has done what is asked. One thing at a time: errors do not say what
    they are about.

    Raises LegacyError: the room's no, or "remote-server-timeout" if it does not answer.
    """
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def agreed(*args: Any, **_: Any) -> bool:
        if not done.done() and fits(*args):
            done.set_result(None)
        return done.done()

    def refused(error: XMPPError, **_: Any) -> bool:
        if not done.done():
            done.set_exception(error)
        return True

    happened.connect(agreed)
    room.on_muc_error.connect(refused)
    try:
        with refusals():
            await ask
            async with asyncio.timeout(SECONDS):
                await done
    finally:
        # The handlers that are left go with the next emission.
        done.cancel()
