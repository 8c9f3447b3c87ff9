"""Erasing all that one person said, for those who run the gateway."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from slidge.command import Command, CommandAccess, Confirmation, FormField
from slidge.command.base import NODE_PREFIX, FormSession, FormValues, TableResult
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.commands.long_work import Receipt
from gateway.upkeep import Progress
from gateway.upkeep.erase import erase


class EraseMessages(Command[Any]):
    """Erases, and gives a receipt: how much of each room."""

    NAME = "🧽 Erase what somebody said"
    HELP = "Erase all that one person said from all archives, with their files, for good"
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

    async def erase(self, person: str, _session: Any, ifrom: JID) -> Receipt:
        """Erase, room by room."""
        gateway = cast(Any, self.xmpp)
        return cast(
            Receipt, await gateway.long_work.do("Erasing", ifrom, partial(self._erase, person))
        )

    async def _erase(self, person: str, tell: Progress) -> Receipt:
        tools = cast(Any, self.xmpp).tools
        await cast(Any, self.xmpp).rooms.write()  # who is who there
        receipts = await erase(tools, person, tell)
        if not receipts:
            return f"There is nothing of {person}."
        messages = sum(one.messages for one in receipts)
        return TableResult(
            description=f"{messages} messages of {person} are erased",
            fields=[
                FormField("room", "Room"),
                FormField("erased", "Messages"),
                FormField("files", "Files"),
                FormField("elsewhere", "Files elsewhere, which stay"),
            ],
            items=[
                {
                    "room": f"{one.room.localpart}@{tools.domain}",
                    "erased": str(one.messages),
                    "files": str(one.files),
                    "elsewhere": str(one.elsewhere),
                }
                for one in receipts
            ],
        )
