"""People at both ends of a link who talk all the time, and what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from conformance.client import Client
from tests.mirror.servers import MASTER, MIRROR, Pair
from tests.web_client import WebPerson, web_person

HALL = f"hall@{MASTER}"
LOCAL = rf"hall\40{MASTER}@{MIRROR}"
AGREE_SECONDS = 90
PAUSE = (0.1, 0.4)
"""Seconds between two messages of somebody."""
BODY = "{jabber:client}body"
SAID = "SELECT stanza_id, body FROM sluice_archive WHERE kind = 0 AND room_id ="


class Crowd:
    """Wanda, who has no XMPP, and Scott at the master's end; Wayne and Keith at the mirror's."""

    def __init__(self, both: Pair, wanda: WebPerson, clients: dict[str, Client]) -> None:
        self.both = both
        self.wanda = wanda
        self.clients = clients
        self.said = 0
        self._talking: list[asyncio.Task[None]] = []

    def room(self, name: str) -> str:
        return HALL if name == "scott" else LOCAL

    def start(self, dice: random.Random) -> None:
        """Have everybody begin to talk."""
        self._talking = [
            asyncio.create_task(self._talk(name, random.Random(dice.random())))
            for name in ("wanda", *self.clients)
        ]

    async def stop(self) -> None:
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)

    async def _talk(self, name: str, dice: random.Random) -> None:
        while True:
            self.said += 1
            body = f"{name} {self.said}"
            if name == "wanda":
                with contextlib.suppress(OSError):
                    await self.wanda.says("hall", body)
            else:
                await self.clients[name].say(self.room(name), body)
            await asyncio.sleep(dice.uniform(*PAUSE))

    # What came of it

    def shown(self, name: str) -> list[str]:
        """What somebody's client was shown live, in order."""
        room = self.room(name)
        return [
            body
            for stanza in self.clients[name].inbox.everything
            if stanza.tag.endswith("}message")
            and stanza.get("type") == "groupchat"
            and stanza.get("from", "").startswith(f"{room}/")
            and (body := stanza.findtext(BODY))
        ]

    def sees(self, name: str) -> set[str]:
        """Who is in the room, as somebody's client was told."""
        here: set[str] = set()
        for stanza in self.clients[name].inbox.everything:
            room, _, nick = stanza.get("from", "").partition("/")
            if stanza.tag.endswith("}presence") and room == self.room(name) and nick:
                if stanza.get("type") is None:
                    here.add(nick)
                elif stanza.get("type") == "unavailable":
                    here.discard(nick)
        return here

    def archives(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Ids and words of the master's archive and of the mirror's, in their order."""
        return (
            _archive(self.both.fairfax.gateway.folder, "owner = ''"),
            _archive(self.both.raleigh.gateway.folder, "owner = '@'"),
        )

    async def agree(self, *, all_shown: bool = True) -> None:
        """Wait until everybody sees the same people, and both archives have the same, and unless a
        gateway fell until everybody was shown that."""
        everybody = {"Wanda", "Scott", "Wayne", "Keith"}
        try:
            async with asyncio.timeout(AGREE_SECONDS):
                while True:
                    there, here = self.archives()
                    words = {body for _, body in there}
                    if there == here and all(
                        self.sees(name) == everybody and self._was_shown(name, words, all_shown)
                        for name in self.clients
                    ):
                        return
                    await asyncio.sleep(0.2)  # nothing tells when both ends agree
        except TimeoutError:
            seen = {name: sorted(self.sees(name)) for name in self.clients}
            differ = sorted({body for _, body in set(there) ^ set(here)})[:20]
            missed = {n: sorted(words - set(self.shown(n)))[:10] for n in self.clients}
            raise AssertionError(
                f"the ends do not agree: {seen}; archives of {len(there)} and {len(here)},"
                f" {differ}; not shown: {missed}"
            ) from None

    def _was_shown(self, name: str, words: set[str], everything: bool) -> bool:
        shown = set(self.shown(name))
        return shown == words if everything else shown <= words

    def check(self) -> str:
        """That nobody was shown anything twice, nor anything that is not archived; the counts."""
        there, here = self.archives()
        words = [body for _, body in there]
        assert len(set(words)) == len(words), "something is in the archive twice"
        missed = {}
        for name in self.clients:
            shown = self.shown(name)
            twice = {body for body in shown if shown.count(body) > 1}
            assert not twice, f"{name} was shown twice: {sorted(twice)[:10]}"
            assert set(shown) <= set(words), f"{name}: {sorted(set(shown) - set(words))[:10]}"
            missed[name] = len(set(words) - set(shown))
        return (
            f"said {self.said}, in the master's archive {len(there)}, in the mirror's {len(here)},"
            f" the same in the same order; shown to nobody twice; not shown live: {missed}"
        )


def _archive(folder: Path, whose: str) -> list[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(folder / "sluice.sqlite", timeout=30)) as database:
        (room,) = database.execute(f"SELECT id FROM sluice_room WHERE {whose}").fetchone()
        return database.execute(f"{SAID} ? ORDER BY seq", (room,)).fetchall()


@asynccontextmanager
async def crowd(both: Pair) -> AsyncIterator[Crowd]:
    """Everybody in the hall, and talking to each other without any trouble so far."""
    async with AsyncExitStack() as stack:
        wanda = await stack.enter_async_context(web_person(both.fairfax.web, "Wanda"))
        await wanda.makes("hall")
        clients = {}
        for name in ("scott", "wayne", "keith"):
            server = both.fairfax.server if name == "scott" else both.raleigh.server
            client = Client(server, name, names={}, resource="desk")
            clients[name] = await stack.enter_async_context(client)
            await client.join(HALL if name == "scott" else LOCAL, name.capitalize())
        people = Crowd(both, wanda, clients)
        try:
            yield people
        finally:
            await people.stop()
