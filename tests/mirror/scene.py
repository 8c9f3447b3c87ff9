"""Two real servers with a link between them, and people with real clients at both ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from xml.etree import ElementTree as ET

from conformance.client import Client, Joined
from tests.mirror.servers import MASTER, MIRROR, Pair, pair
from tests.mirror.stream import Watched
from tests.web_client import WebPerson, web_person

HALL = f"hall@{MASTER}"
ESCAPED = rf"hall\40{MASTER}@{MIRROR}"
PATIENCE = 60.0

WAYS = ("escaped", "transparent", "ejabberd")
"""How the hall is addressed; the last is as the first, with an ejabberd at both ends."""


@dataclass
class Scene:
    """Wanda, who has no XMPP and owns the hall, and Scott are at the master's end; Wayne and Keith
    are behind the mirror. `{room}` is how each of them addresses the hall."""

    both: Pair
    wanda: WebPerson
    scott: Client
    wayne: Client
    keith: Client

    async def join(self, client: Client) -> Joined:
        """Have somebody come into the hall, by their name."""
        return await client.join(str(client.names["room"]), client.name.capitalize())

    async def everybody(self) -> None:
        """Have all come into the hall, and forget about that."""
        people = (self.scott, self.wayne, self.keith)
        for client in people:
            await self.join(client)
        for client in people[:2]:
            await client.expect("<presence from='{room}/Keith'/>")
        self.forget()

    def forget(self) -> None:
        """What was heard, and what has crossed so far, is not what the test is about."""
        for client in (self.scott, self.wayne, self.keith):
            client.forget()
        for relay in self._relays:
            relay.crossed.clear()

    async def promote(self, client: Client, affiliation: str) -> None:
        """Have Wanda change what somebody is in the hall, whom all in it see change."""
        member = (await self.wanda.members("hall"))[client.name.capitalize()]
        path = f"groups/hall/members/{member['id']}/affiliation"
        await self.wanda.ask("PUT", path, affiliation=affiliation)

    @property
    def _relays(self) -> tuple[Watched, Watched]:
        return cast(tuple[Watched, Watched], self.both.relays)

    def crossed(self, towards: str) -> list[str]:
        """What has crossed the link towards one end, each in a word or two."""
        return [
            _shape(stanza)
            for relay in self._relays
            for stanza in relay.crossed
            if stanza.get("to", "").partition("/")[0].rpartition("@")[2] == towards
        ]

    @property
    def up(self) -> list[str]:
        return self.crossed(MASTER)

    @property
    def down(self) -> list[str]:
        return self.crossed(MIRROR)


def _shape(stanza: ET.Element) -> str:
    name = stanza.tag.partition("}")[2]
    if name == "iq" and len(stanza):
        return f"iq {stanza.get('type')} {stanza[0].tag.partition('}')[2]}"
    return " ".join(filter(None, [name, stanza.get("type")]))


@asynccontextmanager
async def scene(folder: Path, way: str, *, hasty: bool = False) -> AsyncIterator[Scene]:
    """Everybody connected, nobody in the hall yet but Wanda. `way` is one of WAYS, or names the
    ends that have an ejabberd."""
    transparent = way == "transparent"
    local = HALL if transparent else ESCAPED
    ends = ("fairfax", "raleigh") if way == "ejabberd" else (way,)
    async with AsyncExitStack() as stack:
        placed = pair(folder, transparent=transparent, hasty=hasty, relay=Watched, ejabberd=ends)
        both = await stack.enter_async_context(placed)
        wanda = await stack.enter_async_context(web_person(both.fairfax.web, "Wanda"))
        await wanda.makes("hall", name="The hall")
        there = ((both.fairfax.server, "scott", HALL),)
        here = ((both.raleigh.server, name, local) for name in ("wayne", "keith"))
        clients = [
            await stack.enter_async_context(
                Client(server, name, names={"room": room}, patience=PATIENCE)
            )
            for server, name, room in (*there, *here)
        ]
        yield Scene(both, wanda, *clients)
