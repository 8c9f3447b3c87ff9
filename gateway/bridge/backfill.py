"""Reading what the network said while nobody listened, page by page, into the archive."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.archive import Gap
from gateway.archive.gap import State
from gateway.bridge.speech import entry_of
from gateway.group.history import put_in

if TYPE_CHECKING:
    from gateway.bridge.muc import BridgeMUC


async def fill_gap(muc: BridgeMUC, gap: Gap) -> Gap | None:
    """Read one page of a gap: onwards from its beginning or, where it has none, backwards from its
    end. What is left of it, which nobody reads unasked once enough is had; None if nothing is.

    Raises LegacyError with the network's no.
    """
    limits = muc.live.host.limits
    page = limits.backfill_page
    oldest = None if limits.keep is None else muc.live.host.now() - limits.keep
    if oldest is not None and gap.before is not None and gap.before[1] < oldest:
        return None  # nobody would keep it
    messages = await muc.account.history(
        muc.legacy_id, after=gap.after, before=gap.before, limit=page
    )
    if not messages:
        return None
    await put_in(muc.live, gap, [entry_of(muc, message) for message in messages])
    if len(messages) < page:
        return None
    first, last = messages[0], messages[-1]
    if gap.after is not None:
        return replace(gap, after=(last.id, last.at))
    enough = await muc.live.host.archive.count(muc.live.id) >= limits.backfill_first
    state = State.FURTHER if enough else State.WANTED
    return replace(gap, before=(first.id, first.at), state=state)
