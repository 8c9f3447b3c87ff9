"""Writing archives to a file, for those who run the gateway."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, cast

from slidge.command import Command, CommandAccess, FormField
from slidge.command.base import NODE_PREFIX, FormSession, FormValues, TableResult
from slixmpp import JID

from gateway.commands.admin_folder import EXPORT, folder_of, new_file
from gateway.commands.long_work import Receipt
from gateway.store import RoomRow
from gateway.upkeep import Progress, Tools
from gateway.upkeep.export import lines
from gateway.upkeep.output import aside, whole_file
from gateway.upkeep.rooms import find_room


class ExportArchive(Command[Any]):
    """Writes a room, or what one person said, into the admins' folder."""

    NAME = "📤 Export the archive"
    HELP = "Write the archive of a room, or what one person said, to a file on the server"
    CHAT_COMMAND = "export"
    NODE = f"{NODE_PREFIX}export-archive"
    ACCESS = CommandAccess.ADMIN_ONLY

    async def run(self, _session: Any, _ifrom: JID, *_args: str) -> FormSession[Any]:
        await asyncio.to_thread(folder_of, self._tools)
        return FormSession(
            title="Export the archive",
            instructions="The file has one message a line. It is written to [archive] "
            "admin_folder, where the gateway runs.",
            fields=[
                FormField("room", "Room: its address, or its group; empty for all"),
                FormField("owner", "Whose room, if several have one", type="jid-single"),
                FormField("person", "What one person said: an id, or an address; empty for all"),
                FormField(
                    "viewer", "What this user may see; empty for everything", type="jid-single"
                ),
            ],
            handler=self.asked,
        )

    async def asked(self, values: FormValues, _session: Any, ifrom: JID) -> Receipt:
        gateway = cast(Any, self.xmpp)
        names = ("room", "owner", "person", "viewer")
        given = {name: str(values.get(name) or "").strip() for name in names}
        return cast(
            Receipt, await gateway.long_work.do("The export", ifrom, partial(self._write, given))
        )

    @property
    def _tools(self) -> Tools:
        return cast(Tools, cast(Any, self.xmpp).tools)

    async def _write(self, given: dict[str, str], tell: Progress) -> Receipt:
        tools = self._tools
        await cast(Any, self.xmpp).rooms.write()  # who is who there
        rooms: list[RoomRow] = await tools.store.all_rooms()
        if given["room"]:
            rooms = [find_room(tools.domain, rooms, given["room"], given["owner"] or None)]
        about = (
            given["person"] or given["viewer"] or (rooms[0].localpart if given["room"] else "all")
        )
        target = await asyncio.to_thread(new_file, tools, about, EXPORT)
        written = 0
        async with aside(whole_file(target)) as out:
            person, viewer = given["person"] or None, given["viewer"] or None
            async for some in lines(tools, rooms, tell, person=person, viewer=viewer):
                await asyncio.to_thread(out.writelines, some)
                written += len(some)
        return TableResult(
            description="What was exported",
            fields=[FormField("file", "File"), FormField("messages", "Messages")],
            items=[{"file": target.name, "messages": str(written)}],
        )
