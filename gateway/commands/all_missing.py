"""What of the past is still missing of all rooms, for those who run the gateway."""

from __future__ import annotations

from typing import Any, cast

from slidge.command import Command, CommandAccess, FormField
from slidge.command.base import NODE_PREFIX, TableResult
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.archive.gap import Gap, Known, State
from gateway.errors import DatabaseError

SHOWN = 100
STATES = {
    State.WANTED: "to be read",
    State.FURTHER: "further back",
    State.LOST: "the network has lost it",
}


class AllMissing(Command[Any]):
    """Lists the gaps of all rooms, those that wait first, and counts them."""

    NAME = "🕳️ Missing history of all rooms"
    HELP = "See how the reading of the past gets on in all rooms"
    CHAT_COMMAND = "all_missing"
    NODE = f"{NODE_PREFIX}all-missing"
    ACCESS = CommandAccess.ADMIN_ONLY

    async def run(self, _session: Any, _ifrom: JID, *_args: str) -> TableResult | str:
        rooms = {live.id: live.room.jid for live in cast(Any, self.xmpp).rooms}
        try:
            gaps = [gap for gap in await cast(Any, self.xmpp).tools.gaps.all() if gap.room in rooms]
        except DatabaseError as no:
            raise XMPPError("resource-constraint", "The database is away just now.") from no
        if not gaps:
            return "Nothing is known to be missing."
        gaps.sort(key=lambda gap: gap.state.value)
        wanted, further, lost = (sum(gap.state is state for gap in gaps) for state in STATES)
        failed = sum(gap.attempts > 0 for gap in gaps)
        return TableResult(
            description=f"{wanted} are to be read, of which the network failed to give {failed}; "
            f"{further} are further back than anybody looked, {lost} the network has lost",
            fields=[
                FormField("room", "Room"),
                FormField("after", "From"),
                FormField("before", "Until"),
                FormField("state", "State"),
                FormField("attempts", "Failed"),
            ],
            items=[_row(rooms[gap.room], gap) for gap in gaps[:SHOWN]],
        )


def _row(room: str, gap: Gap) -> dict[str, str | JID]:
    return {
        "room": room,
        "after": _time(gap.after, "the beginning"),
        "before": _time(gap.before, "now"),
        "state": STATES[gap.state],
        "attempts": str(gap.attempts),
    }


def _time(known: Known | None, otherwise: str) -> str:
    return otherwise if known is None else f"{known[1]:%Y-%m-%d %H:%M} UTC"
