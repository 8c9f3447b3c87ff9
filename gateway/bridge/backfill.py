"""Reading what the network said while nobody listened, page by page, into the archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.archive import Gap
from gateway.archive.gap import Known, State
from gateway.bridge.speech import entry_of
from gateway.group.history import put_in
from legacy_backend import LegacyError, Message

if TYPE_CHECKING:
    from gateway.bridge.muc import BridgeMUC


async def fill_gap(muc: BridgeMUC, gap: Gap) -> Gap | None:
    """Read one page of a gap: onwards from its beginning or, where it has none, backwards from its
    end. What is left of it, which nobody reads unasked once enough is had; None if nothing is.

    Raises LegacyError with the network's no, or "forbidden" if others may see more of it.
    """
    keep = muc.live.host.limits.keep
    oldest = None if keep is None else muc.live.host.now() - keep
    if oldest is not None and gap.before is not None and gap.before[1] < oldest:
        return None  # nobody would keep it
    if not muc.sees_all_of(gap):
        return await _fill_in_part(muc, gap)
    messages = await _read(muc, gap)
    if len(messages) < muc.live.host.limits.backfill_page:
        return None
    if gap.after is not None:
        return replace(gap, after=_known(messages[-1]))
    return replace(gap, before=_known(messages[0]), state=await _state(muc))


async def _fill_in_part(muc: BridgeMUC, gap: Gap) -> Gap:
    """Read what the user may see of a gap; what is left is for others, if they look there."""
    page = muc.live.host.limits.backfill_page
    first: Known | None = None
    left = gap
    while True:
        messages = await _read(muc, left)
        if messages and (first is None or gap.after is None):
            first = _known(messages[0])
        if len(messages) < page:
            break
        if gap.after is not None:
            left = replace(left, after=_known(messages[-1]))
        else:
            left = replace(left, before=first, state=await _state(muc))
            if left.state is State.FURTHER:
                break
    if first is None and gap.before is None:
        raise LegacyError("forbidden", "Others may see more of it.")
    return replace(gap, before=first or gap.before, state=State.FURTHER)


async def _read(muc: BridgeMUC, gap: Gap) -> Sequence[Message]:
    messages = await muc.account.history(
        muc.legacy_id,
        after=gap.after,
        before=gap.before,
        limit=muc.live.host.limits.backfill_page,
    )
    await put_in(muc.live, gap, [entry_of(muc, message) for message in messages])
    return messages


async def _state(muc: BridgeMUC) -> State:
    """Whether what is still further back is wanted: not if enough is had."""
    live = muc.live
    enough = await live.host.archive.count(live.id) >= live.host.limits.backfill_first
    return State.FURTHER if enough else State.WANTED


def _known(message: Message) -> Known:
    return message.id, message.at
