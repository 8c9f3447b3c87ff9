"""Copying the database while the gateway runs, for those who run it."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from slidge.command import Command, CommandAccess, Confirmation, FormField
from slidge.command.base import NODE_PREFIX, TableResult
from slixmpp import JID

from gateway.commands.admin_folder import folder_of, new_file
from gateway.commands.long_work import Receipt
from gateway.upkeep import Progress, Tools
from gateway.upkeep.backup import back_up


class BackUp(Command[Any]):
    """Copies an SQLite database into the admins' folder."""

    NAME = "💾 Back the database up"
    HELP = "Copy the whole database, of SQLite, to a file on the server"
    CHAT_COMMAND = "backup"
    NODE = f"{NODE_PREFIX}back-up"
    ACCESS = CommandAccess.ADMIN_ONLY

    async def run(self, _session: Any, _ifrom: JID, *_args: str) -> Any:
        await asyncio.to_thread(folder_of, self._tools)
        return Confirmation(
            prompt="Copy the whole database, with all that anybody said, to a file on the server?",
            handler=self.copy,
        )

    async def copy(self, _session: Any, ifrom: JID) -> Receipt:
        gateway = cast(Any, self.xmpp)
        return cast(Receipt, await gateway.long_work.do("The backup", ifrom, self._copy))

    @property
    def _tools(self) -> Tools:
        return cast(Tools, cast(Any, self.xmpp).tools)

    async def _copy(self, tell: Progress) -> Receipt:
        tools = self._tools
        name, size = await asyncio.to_thread(_copied, tools, tell)
        return TableResult(
            description="What was copied",
            fields=[FormField("file", "File"), FormField("bytes", "Bytes")],
            items=[{"file": name, "bytes": str(size)}],
        )


def _copied(tools: Tools, tell: Progress) -> tuple[str, int]:
    target = new_file(tools, "backup", ".sqlite")
    back_up(tools.database.url, target, tell)
    return target.name, target.stat().st_size
