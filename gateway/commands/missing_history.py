"""What of the past is still missing, for users to see how its being read gets on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slidge.command import Command, CommandAccess, FormField
from slidge.command.base import NODE_PREFIX, TableResult
from slixmpp import JID

from gateway.archive.gap import Gap, Known, State
from gateway.group.muc import LegacyMUC
from gateway.muc.mam import may_see

SHOWN = 100


class MissingHistory(Command[Any]):
    """Lists the gaps in the rooms whose archives the user may read."""

    NAME = "🕳️ Missing history"
    HELP = "See what of the past is still to be read from the network"
    CHAT_COMMAND = "missing"
    NODE = f"{NODE_PREFIX}missing-history"
    ACCESS = CommandAccess.USER_LOGGED

    async def run(self, session: Any, _ifrom: JID, *_args: str) -> TableResult | str:
        rooms = sorted(filter(may_see, session.bookmarks), key=lambda muc: muc.DISCO_NAME)
        rows = [row for muc in rooms for row in _rows(muc)]
        if not rows:
            return "Nothing is known to be missing."
        waiting = sum(not muc.live.whole for muc in rooms)
        return TableResult(
            description=f"What is missing; {waiting} rooms wait for their turn",
            fields=[
                FormField("room", "Room"),
                FormField("after", "From"),
                FormField("before", "Until"),
                FormField("state", "State"),
            ],
            items=rows[:SHOWN],
        )


def _rows(muc: LegacyMUC[Any]) -> Iterator[dict[str, str | JID]]:
    live = muc.live
    if not live.history_known and muc.reads_history:
        yield {"room": muc.DISCO_NAME, "after": "", "before": "now", "state": "to be read"}
    for gap in live.gaps.values():
        if muc.sees_all_of(gap):
            yield {
                "room": muc.DISCO_NAME,
                "after": _time(gap.after, "the beginning"),
                "before": _time(gap.before, "now"),
                "state": _state(gap),
            }


def _state(gap: Gap) -> str:
    if gap.state is State.LOST:
        return "the network does not have it any more"
    if gap.state is State.FURTHER:
        return "read when you scroll there"
    return f"failed, to be tried again {gap.next_try:%H:%M} UTC" if gap.attempts else "to be read"


def _time(known: Known | None, otherwise: str) -> str:
    return otherwise if known is None else f"{known[1]:%Y-%m-%d %H:%M} UTC"
