"""Putting what was missed into a room: in its place, and before those who have kept their seats."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gateway.archive import Gap, NewEntry
from gateway.group.live import LiveRoom, Post
from gateway.render.xml import delay


async def put_in(live: LiveRoom, gap: Gap, entries: Sequence[NewEntry]) -> None:
    """Archive messages of a gap, oldest first: directly behind its beginning or, where it has
    none, before its end.

    Those who have kept their seats are sent what comes behind all that the room has, as late as it
    is. The rest goes to its place in the archive, where a client finds it when it asks.
    """
    oldest = live.keeps_since
    if oldest is not None:
        entries = [entry for entry in entries if entry.at >= oldest]
    if not entries:
        return
    gaps, posted = live.host.gaps, live.posted
    if gap.before is None and gap.after is None and not posted:
        past, entries = split_past(live, entries)
        if past:
            await gaps.weave(gap, past)
            entries = [*past[-1:], *entries]
    woven = await gaps.weave(gap, entries, keep_tail=gap.before is None)
    for entry in woven.passed:
        await _show_late(live, entry)
    if not woven.tail:
        return
    if live.posted != posted:  # the room went on meanwhile
        await gaps.weave(gap, entries)
        return
    await asyncio.gather(
        *(
            live.post_now(Post(entry, delay(live.room.jid, entry.at)), late=True)
            for entry in woven.tail
        )
    )


async def _show_late(live: LiveRoom, entry: NewEntry) -> None:
    """Send what is in its place in the archive to those who have kept their seats."""
    kept = await live.host.archive.find(live.id, stanza_id=entry.stanza_id)
    if kept is not None:
        live.broadcast(kept.stanza, delay(live.room.jid, kept.at), kept.stanza_id)


def split_past(
    live: LiveRoom, entries: Sequence[NewEntry]
) -> tuple[Sequence[NewEntry], Sequence[NewEntry]]:
    """What was said before anybody who is here sat down, and what they have missed since, of a
    room whose archive was empty."""
    since = min((seat.joined_at for seat in live.room.seats.values()), default=None)
    if since is None:
        return entries, ()
    first = next((n for n, entry in enumerate(entries) if entry.at > since), len(entries))
    return entries[:first], entries[first:]
