"""Reading what was exported, for those who run the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Any, cast

from slidge.command import Command, CommandAccess, FormField
from slidge.command.base import NODE_PREFIX, FormSession, FormValues, TableResult
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.commands.admin_folder import exports, folder_of
from gateway.commands.long_work import Receipt
from gateway.upkeep import Progress, Tools
from gateway.upkeep.bring import bring
from gateway.upkeep.output import aside
from gateway.upkeep.rooms import find_room


class ImportArchive(Command[Any]):
    """Reads a file of the admins' folder. What is there already stays as it is."""

    NAME = "📥 Import into the archive"
    HELP = "Read a file on the server that was exported; nothing is sent to anybody"
    CHAT_COMMAND = "import"
    NODE = f"{NODE_PREFIX}import-archive"
    ACCESS = CommandAccess.ADMIN_ONLY

    async def run(self, _session: Any, _ifrom: JID, *_args: str) -> FormSession[Any] | str:
        names = await asyncio.to_thread(exports, self._tools)
        if not names:
            return "There is no file to import."
        return FormSession(
            title="Import into the archive",
            instructions="What is there already stays as it is; the rest goes to its place.",
            fields=[
                FormField(
                    "file",
                    "File",
                    type="list-single",
                    required=True,
                    value=names[0],
                    options=[{"label": name, "value": name} for name in names],
                ),
                FormField("room", "Into which room; empty for where each message was"),
                FormField("owner", "Whose room, if several have one", type="jid-single"),
            ],
            handler=self.asked,
        )

    async def asked(self, values: FormValues, _session: Any, ifrom: JID) -> Receipt:
        gateway = cast(Any, self.xmpp)
        given = {name: str(values.get(name) or "").strip() for name in ("file", "room", "owner")}
        if given["file"] not in await asyncio.to_thread(exports, self._tools):
            raise XMPPError("item-not-found", "This file is gone.")
        return cast(
            Receipt, await gateway.long_work.do("The import", ifrom, partial(self._read, given))
        )

    @property
    def _tools(self) -> Tools:
        return cast(Tools, cast(Any, self.xmpp).tools)

    async def _read(self, given: dict[str, str], tell: Progress) -> Receipt:
        tools = self._tools
        room = None
        if given["room"]:
            rooms = await tools.store.all_rooms()
            room = find_room(tools.domain, rooms, given["room"], given["owner"] or None)
        async with aside(_opened(tools, given["file"])) as source:
            taken = await bring(tools, source, room, tell)
        return TableResult(
            description="What was imported",
            fields=[FormField("file", "File"), FormField("messages", "Messages that were missing")],
            items=[{"file": given["file"], "messages": str(taken)}],
        )


@contextmanager
def _opened(tools: Tools, name: str) -> Iterator[IO[str]]:
    with (folder_of(tools) / name).open(encoding="utf-8") as source:
        yield source
