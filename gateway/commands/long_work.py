"""Work of admins that may take longer than an answer to a command may."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from slidge.command.base import TableResult
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.errors import DatabaseError, SluiceError
from gateway.upkeep import Progress

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0
"""How long whoever asked waits for the receipt. What takes longer ends with a message to them."""

Receipt = TableResult | str


class LongWork:
    """One piece of work at a time, for all admins together. `tell` sends somebody a message."""

    def __init__(self, tell: Callable[[JID, str], None]) -> None:
        self._tell = tell
        self._task: asyncio.Task[Receipt] | None = None
        self._what = ""
        self._done = self._total = 0
        self._ended = False

    async def do(
        self, what: str, who: JID, work: Callable[[Progress], Awaitable[Receipt]]
    ) -> Receipt:
        """What `work` comes to, or that it goes on. `what` begins a sentence: "The export".

        Raises XMPPError: with what went wrong, or "resource-constraint" while other work goes on.
        """
        if self._task is not None and not self._task.done():
            raise XMPPError("resource-constraint", f"{self._state()}. Try again afterwards.")
        self._what, self._done, self._total = what, 0, 0
        task = self._task = asyncio.create_task(_answered(work(self._progress)))
        await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        if task.done():
            return task.result()
        task.add_done_callback(lambda done: self._tell_end(done, who))
        return f"{self._state()}. You get a message when it is done."

    async def end(self) -> None:
        """Break off what goes on: the gateway ends."""
        self._ended = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def _progress(self, done: int, total: int) -> None:
        if self._ended:
            raise SluiceError("The gateway ends.")  # what runs in a thread cannot be cancelled
        self._done, self._total = done, total

    def _state(self) -> str:
        if not self._done:
            return f"{self._what} has begun"
        of = f" of {self._total:,}" if self._total else ""
        return f"{self._what} has done {self._done:,}{of}"

    def _tell_end(self, task: asyncio.Task[Receipt], who: JID) -> None:
        if task.cancelled():
            return
        no = task.exception()
        if no is None:
            self._tell(who, f"{self._what} is done. {_as_text(task.result())}")
        else:
            self._tell(who, f"{self._what} has failed. {getattr(no, 'text', '')}")


async def _answered(work: Awaitable[Receipt]) -> Receipt:
    try:
        return await work
    except XMPPError:
        raise
    except DatabaseError as no:
        raise XMPPError("resource-constraint", f"Not all could be done; try again: {no}") from no
    except SluiceError as no:
        raise XMPPError("not-acceptable", str(no)) from no
    except OSError as no:
        raise XMPPError("internal-server-error", f"A file cannot be had: {no.strerror}.") from no
    except Exception as no:
        log.exception("what an admin wanted done failed")
        raise XMPPError("internal-server-error", "The log has the reason.") from no


def _as_text(receipt: Receipt) -> str:
    if isinstance(receipt, str):
        return receipt
    names = [(field.var, field.label or field.var) for field in receipt.fields]
    rows = [", ".join(f"{label}: {row[var]}" for var, label in names) for row in receipt.items]
    return "\n".join([f"{receipt.description}:", *rows])
