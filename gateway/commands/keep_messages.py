"""How long rooms keep what is said, for those who run the gateway to see and to say."""

from __future__ import annotations

from typing import Any, cast

from slidge.command import Command, CommandAccess, FormField
from slidge.command.base import NODE_PREFIX, FormSession, FormValues, TableResult
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.errors import DatabaseError, SluiceError
from gateway.retention import ALL, Retention
from gateway.upkeep.rooms import find_room


class KeepMessages(Command[Any]):
    """Sets the days of one room, or of all that have none of their own; shows which there are."""

    NAME = "⏳ How long messages are kept"
    HELP = "Say how many days one room keeps what is said, or all do"
    CHAT_COMMAND = "keep"
    NODE = f"{NODE_PREFIX}keep-messages"
    ACCESS = CommandAccess.ADMIN_ONLY

    async def run(self, _session: Any, _ifrom: JID, *_args: str) -> FormSession[Any]:
        return FormSession(
            title="How long messages are kept",
            instructions="What is older is deleted at once and not read again. 0 days are for "
            "ever; without a number a room does as all do, and all as the configuration says. "
            f"By now: {', '.join(f'{room}: {days}' for room, days in await self._kept())}.",
            fields=[
                FormField("room", "Room: its address, or its group; empty for all"),
                FormField("owner", "Whose room, if several have one", type="jid-single"),
                FormField("days", "Days"),
            ],
            handler=self.asked,
        )

    async def asked(self, values: FormValues, _session: Any, _ifrom: JID) -> TableResult:
        """Put it, and show what is in effect."""
        days = str(values.get("days") or "").strip()
        if days and not days.isdecimal():
            raise XMPPError("not-acceptable", "Days are a number.")
        try:
            room = await self._room(values)
            await self._retention.put(room, int(days) if days else None)
        except DatabaseError as no:
            raise XMPPError("resource-constraint", "That cannot be stored just now.") from no
        except SluiceError as no:
            raise XMPPError("not-acceptable", str(no)) from no
        return TableResult(
            description="How long messages are kept",
            fields=[FormField("room", "Room"), FormField("days", "Days")],
            items=[{"room": room, "days": days} for room, days in await self._kept()],
        )

    @property
    def _retention(self) -> Retention:
        return cast(Retention, cast(Any, self.xmpp).rooms.host.retention)

    async def _room(self, values: FormValues) -> int:
        wanted = str(values.get("room") or "").strip()
        owner = values.get("owner")
        if not wanted:
            return ALL
        tools = cast(Any, self.xmpp).tools
        rooms = await tools.store.all_rooms()
        return find_room(tools.domain, rooms, wanted, str(owner) if owner else None).id

    async def _kept(self) -> list[tuple[str, str]]:
        """Rooms and their days, as they are shown; all the others first."""
        retention = self._retention
        by_id = {live.id: live for live in cast(Any, self.xmpp).rooms}
        own = [room for room in sorted(retention.own) if room in by_id]
        names = [("all others" if own else "all", ALL)]
        names += [(by_id[room].room.jid, room) for room in own]
        return [(name, _days(retention, room)) for name, room in names]


def _days(retention: Retention, room: int) -> str:
    age = retention.of(room)
    return "for ever" if age is None else f"{age.days} days"
