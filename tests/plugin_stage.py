"""A stage whose gateway runs a slidge plugin, where each user has rooms of their own."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from slidge.util.util import SubclassableOnce
from slixmpp import JID

from gateway import seam
from tests.stage import Stage, configured, on_wire

PLUGIN = "tests.small_plugin"


class PluginStage(Stage):
    """A gateway with a plugin; `plugin` is its module, `network` what it is a plugin for."""

    plugin: Any
    network: Any

    async def enters(self, name: str = "ada", id: str = "g1") -> Any:
        """Have somebody in a group, and all of it read; their handle on it."""
        person = self.person(name)
        await person.joins(room=f"{id}@{{gw}}")
        await person.has_heard()
        return self.gateway.get_session_from_jid(JID(person.bare)).bookmarks.known(id)

    async def keeps_sticker(self, cid: str, data: bytes, kind: str) -> None:
        """Have slidge know a sticker by its content id."""

        def keep() -> None:
            with self.gateway.store.session() as orm:
                self.gateway.store.bob.set_sticker(orm, cid, data, kind)
                orm.commit()

        await asyncio.to_thread(keep)


@asynccontextmanager
async def on_plugin_stage(
    folder: Path, database: Path, network: Any = None, **attributes: Any
) -> AsyncIterator[PluginStage]:
    """A gateway with the plugin of `tests/small_plugin.py`, imported anew as by a new process.

    `network` is the one of a stage before; `attributes` are set on the plugin's MUC.
    """
    SubclassableOnce.TEST_MODE = True
    seam.install()
    sys.modules.pop(PLUGIN, None)
    plugin: Any = importlib.import_module(PLUGIN)
    plugin.Gateway.backend = network or plugin.Network()
    for name, value in attributes.items():
        setattr(plugin.MUC, name, value)
    async with on_wire(configured(folder, plugin=PLUGIN), folder, database) as (gateway, wire):
        stage = PluginStage(gateway, wire)
        stage.plugin = plugin
        yield stage
