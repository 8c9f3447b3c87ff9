"""Reading what the network said while nobody listened, page by page, into the archive."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.archive import Gap
from gateway.archive.gap import Known, State
from gateway.bridge.speech import entry_of_past
from gateway.group.put_in import put_in
from gateway.render import changes
from legacy_backend import LegacyError, Message
from legacy_backend.events import MessageRetracted
from legacy_backend.past import Past, Said

if TYPE_CHECKING:
    from gateway.bridge.muc import BridgeMUC


async def fill_gap(muc: BridgeMUC, gap: Gap) -> Gap | None:
    """Read one page of a gap: onwards from its beginning or, where it has none or nobody would keep
    what came next, backwards from its end. What is left of it, which nobody reads unasked once
    enough is had; None if nothing is.

    Raises LegacyError with the network's no, or "forbidden" if others may see more of it.
    """
    if _too_old(muc, gap):
        return None
    if not muc.sees_all_of(gap):
        return await _fill_in_part(muc, gap)
    past = await _read(muc, gap)
    if past.complete or past.first is None:
        return None
    if _onwards(muc, gap):
        return replace(gap, after=past.last)
    state = gap.state if gap.after is not None else await _state(muc)
    left = replace(gap, before=past.first, state=state)
    return None if _too_old(muc, left) else left


def _too_old(muc: BridgeMUC, gap: Gap) -> bool:
    """Whether nothing that is said there would be kept."""
    oldest = muc.live.keeps_since
    return oldest is not None and gap.before is not None and gap.before[1] < oldest


def _onwards(muc: BridgeMUC, gap: Gap) -> bool:
    """Whether a gap is read from its beginning."""
    oldest = muc.live.keeps_since
    return gap.after is not None and (oldest is None or gap.after[1] >= oldest)


async def _fill_in_part(muc: BridgeMUC, gap: Gap) -> Gap:
    """Read what the user may see of a gap; what is left is for others, if they look there."""
    first: Known | None = None
    left, onwards = gap, _onwards(muc, gap)
    while True:
        past = await _read(muc, left)
        if past.first is not None and (first is None or not onwards):
            first = past.first
        if past.complete or past.first is None:
            break
        if onwards:
            left = replace(left, after=past.last)
        else:
            left = replace(left, before=first, state=await _state(muc))
            if left.state is State.FURTHER:
                break
    if first is None and gap.before is None:
        raise LegacyError("forbidden", "Others may see more of it.")
    return replace(gap, before=first or gap.before, state=State.FURTHER)


async def _read(muc: BridgeMUC, gap: Gap) -> Past:
    """Have a page in the archive; what the network does not have any more is written down."""
    live = muc.live
    limit = live.host.limits.backfill_page
    after = gap.after if _onwards(muc, gap) else None
    found = await muc.account.history(muc.legacy_id, after=after, before=gap.before, limit=limit)
    past = found if isinstance(found, Past) else Past.of(found, limit)
    await put_in(live, gap, [entry_of_past(muc, said) for said in past.said])
    for lost in past.lost:
        row = await live.host.gaps.lose(live.id, lost, live.host.now())
        live.gaps[row.id] = row
    if isinstance(found, Past):
        await _bury(muc, past.said)
    return past


async def _bury(muc: BridgeMUC, page: Sequence[Said]) -> None:
    """Leave of what was taken back only that it was: the retraction may have been read before."""
    messages = {said.id for said in page if isinstance(said, Message | MessageRetracted)}
    moderated = changes.moderated(muc.room.jid, "", "")
    await asyncio.gather(
        *(
            muc.bury(id, "" if author else moderated, author=author or None)
            for id, author in await muc.live.host.archive.retractions(muc.live.id, messages)
        )
    )


async def _state(muc: BridgeMUC) -> State:
    """Whether what is still further back is wanted: not if enough is had."""
    live = muc.live
    enough = await live.host.archive.count(live.id) >= live.host.limits.backfill_first
    return State.FURTHER if enough else State.WANTED
