"""Erasing all that one person said, for those who run the gateway."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from slidge.command import Command, CommandAccess, Confirmation, FormField
from slidge.command.base import NODE_PREFIX, FormSession, FormValues, TableResult
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.errors import DatabaseError

if TYPE_CHECKING:
    from gateway.group.live import LiveRoom
    from gateway.group.rooms import Rooms


class EraseMessages(Command[Any]):
    """Erases, and gives a receipt: how much of each room."""

    NAME = "🧽 Erase what somebody said"
    HELP = "Erase all that one person said from all archives, for good"
    CHAT_COMMAND = "erase"
    NODE = f"{NODE_PREFIX}erase-messages"
    ACCESS = CommandAccess.ADMIN_ONLY

    async def run(self, _session: Any, _ifrom: JID, *_args: str) -> FormSession[Any]:
        return FormSession(
            title="Erase what somebody said",
            instructions="An id on the network, or the address of a user. What the network has "
            "stays there: remove it there first, or it may be read again.",
            fields=[FormField("person", "Person", required=True)],
            handler=self.asked,
        )

    async def asked(self, values: FormValues, _session: Any, _ifrom: JID) -> Confirmation:
        person = str(values["person"]).strip()
        if not person:
            raise XMPPError("not-acceptable", "Say who.")
        return Confirmation(
            prompt=f"Erase all that {person} said, for good?",
            handler=partial(self.erase, person),
        )

    async def erase(self, person: str, _session: Any, _ifrom: JID) -> TableResult | str:
        """Erase, room by room."""
        rooms = cast("Rooms", cast(Any, self.xmpp).rooms)
        try:
            receipt = [(live, await _erase_in(live, person)) for live in rooms]
        except DatabaseError as no:
            raise XMPPError("resource-constraint", "Not all could be erased; try again.") from no
        rows = [(live, count) for live, count in receipt if count]
        if not rows:
            return f"There is nothing of {person}."
        return TableResult(
            description=f"{sum(count for _, count in rows)} messages of {person} are erased",
            fields=[FormField("room", "Room"), FormField("erased", "Messages")],
            items=[{"room": live.room.jid, "erased": str(count)} for live, count in rows],
        )


async def _erase_in(live: LiveRoom, person: str) -> int:
    users = live.room.people.values()
    authors = {person, *(one.member for one in users if one.user == person.lower())}
    return sum([await live.host.archive.erase(live.id, author) for author in sorted(authors)])
