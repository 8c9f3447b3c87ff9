"""Reading what the network said while nobody listened, page by page, into the archive."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from gateway.archive import Entry, NewEntry
from gateway.bridge.refusals import refusals
from gateway.bridge.speech import entry_of
from gateway.group.history import catch_up, split_past
from legacy_backend import Message, MessageId

if TYPE_CHECKING:
    from gateway.bridge.muc import BridgeMUC


tqdm.set_lock(threading.RLock())  # the one it makes itself, for processes, blocks the event loop

ON_TERMINALS: dict[str, Any] = {"disable": None, "leave": False, "delay": 1.0}
"""A bar is shown where somebody looks, and for what takes longer than a moment."""


async def backfill(muc: BridgeMUC, edge: Entry | None) -> None:
    """Fill the archive after `edge`, the newest message that was there; None reads backwards from
    now until enough is had or nothing is left."""
    with tqdm(desc=f"history of {muc.room.group}", unit=" messages", **ON_TERMINALS) as bar:
        if edge is None or edge.legacy_id is None:
            await _backwards(muc, bar)
        else:
            await _onwards(muc, edge, bar)


async def _onwards(muc: BridgeMUC, edge: Entry, bar: tqdm[Any]) -> None:
    page = muc.live.host.limits.backfill_page
    after = (MessageId(str(edge.legacy_id)), edge.at)
    while True:
        with refusals():
            messages = await muc.account.history(muc.legacy_id, after=after, limit=page)
        if not messages:
            return
        entries = _entries(muc, messages)
        await catch_up(muc.live, edge, entries)
        bar.update(len(entries))
        last = await muc.live.host.archive.find(muc.live.id, stanza_id=entries[-1].stanza_id)
        edge = last or edge
        after = (messages[-1].id, messages[-1].at)
        if len(messages) < page:
            return


async def _backwards(muc: BridgeMUC, bar: tqdm[Any]) -> None:
    limits = muc.live.host.limits
    first: tuple[MessageId, datetime] | None = None
    edge: Entry | None = None
    missed: list[NewEntry] = []
    had = 0
    while had < limits.backfill_first:
        with refusals():
            messages = await muc.account.history(
                muc.legacy_id, before=first, limit=limits.backfill_page
            )
        if messages:
            past, since = split_past(muc.live, _entries(muc, messages))
            missed[:0] = since
            await muc.live.host.archive.insert(muc.live.id, past, after=None, before=None)
            if past and edge is None:
                edge = await muc.live.host.archive.find(muc.live.id, stanza_id=past[-1].stanza_id)
            first = (messages[0].id, messages[0].at)
            had += len(messages)
            bar.update(len(messages))
        if len(messages) < limits.backfill_page:
            break
    await catch_up(muc.live, edge, missed)


def _entries(muc: BridgeMUC, messages: Sequence[Message]) -> list[NewEntry]:
    return [entry_of(muc, message) for message in messages]
