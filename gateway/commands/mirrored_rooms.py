"""How it stands with mirrored rooms, for those who run the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from slidge.command import Command, CommandAccess, FormField
from slidge.command.base import NODE_PREFIX, TableResult
from slixmpp import JID

from gateway.mirror.status import row, standings

if TYPE_CHECKING:
    from gateway.mirror.meter import Meter

SHOWN = 100
COLUMNS = {
    "room": "Room",
    "side": "We are its",
    "other": "Other end",
    "state": "State",
    "since": "Since",
    "users": "Users",
    "bytes_up": "Bytes up",
    "bytes_down": "Bytes down",
    "bytes_saved": "Bytes saved",
    "queue": "Waiting",
}


class MirroredRooms(Command[Any]):
    """Lists what `sluice mirrors` does."""

    NAME = "🪞 Mirrored rooms"
    HELP = "See how the links of mirrored rooms are, and what they carry"
    CHAT_COMMAND = "mirrors"
    NODE = f"{NODE_PREFIX}mirrored-rooms"
    ACCESS = CommandAccess.ADMIN_ONLY

    async def run(self, _session: Any, _ifrom: JID, *_args: str) -> TableResult | str:
        meter = cast("Meter | None", cast(Any, self.xmpp).meter)
        rows = [] if meter is None else list(map(row, standings(meter)))
        if not rows:
            return "No room is mirrored just now."
        return TableResult(
            description=f"{len(rows)} mirrored rooms; up is towards the master",
            fields=[FormField(name, label) for name, label in COLUMNS.items()],
            items=[{name: str(one[name]) for name in COLUMNS} for one in rows[:SHOWN]],
        )
