"""The archive of a room on another server is taken over whole, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio
from slixmpp import JID

from conformance.client import Client
from gateway.archive.gap import State
from legacy_backend.xmpp.muc import About, Reactions, Replace, Retract
from tests.e2e.elsewhere import NETWORK, Elsewhere, founded, gateway_to
from tests.e2e.filling import filled
from tests.gateway_process import GatewayProcess
from tests.servers import Prosody
from tests.servers.fixtures import USERS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

COUNT = 10_000

QUICK = """
Component "big.far.localhost" "muc"
    storage = "memory"
    storage_archive_item_limit = 20000
    modules_enabled = { "muc_mam" }
    muc_log_by_default = true
    muc_room_locking = false

Component "plain.far.localhost" "muc"
    muc_room_locking = false
"""
"""Two services; the archive of one is in memory, where files would be read anew for every page, and
the other has none."""


class Far(Prosody):
    """Does not wait with the end of a page until the page is acknowledged: see docs/servers.md."""

    def _configuration(self) -> str:
        return f"network_settings = {{ nagle = false }}\n{super()._configuration()}{QUICK}"


class Archive:
    """What the gateway has written down."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "sluice.sqlite"

    def ask(self, query: str) -> int:
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as conn:
            return int(conn.execute(query).fetchone()[0])

    def count(self) -> int:
        return self.ask("SELECT count(*) FROM sluice_archive WHERE legacy_id <> ''")

    async def has(self, count: int) -> None:
        """Return when it has so many messages."""
        await _until(lambda: self.count() >= count)

    async def has_gaps(self, count: int) -> None:
        """Return when so many stretches are written down as missing."""
        await _until(lambda: self.ask("SELECT count(*) FROM sluice_gap") == count)


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(200):
        while not is_so():  # noqa: ASYNC110  (another process writes)
            await asyncio.sleep(0.05)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def there() -> AsyncIterator[Prosody]:
    async with Far(users=USERS, domain="far.localhost", spare=1) as server:
        yield server


@pytest.mark.slow
@pytest.mark.requirement("TRAP-12")
async def test_ten_thousand_messages_come_once_and_in_order_over_a_power_failure(
    prosody: Prosody, there: Prosody, tmp_path: Path
) -> None:
    room = "hall@big.far.localhost"
    async with filled(there, there.spare_component(), room, COUNT):
        network = NETWORK.format(
            rooms=there.rooms, domain=there.domain, host=there.host, port=there.c2s_port
        )
        process = GatewayProcess(
            prosody,
            prosody.spare_component(),
            tmp_path,
            network=f"{network}look_ups_a_second = 1000\n",
            auto_register=False,
        )
        place, archive = Elsewhere(prosody, there, process), Archive(tmp_path)
        async with process, place.user(room) as ada:
            await ada.join(place.seen_here(room), "ada")
            await archive.has(COUNT // 3)
            await process.kill()
            assert archive.count() < COUNT
            await process.start()
            await archive.has(COUNT)
            await ada.join(place.seen_here(room), "ada")
            assert await everything(ada, place.seen_here(room)) == numbers(COUNT)
            await archive.has_gaps(0)


CORRECTION = "<replace xmlns='urn:xmpp:message-correct:0' id='{id}'/>"
REACTION = """<reactions xmlns='urn:xmpp:reactions:0' id='{id}'><reaction>👋</reaction></reactions>
    <store xmlns='urn:xmpp:hints'/>"""
RETRACTION = """<retract xmlns='urn:xmpp:message-retract:1' id='{id}'/><body>Taken back</body>
    <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>"""


@pytest.mark.requirement("TRAP-12")
async def test_changes_are_found_in_the_archive(
    prosody: Prosody, there: Prosody, tmp_path: Path
) -> None:
    room = "changes@big.far.localhost"
    async with gateway_to(prosody, there, tmp_path) as place, place.far(room, "bao") as bao:
        await founded(bao, room)

        async def says(id: str, payload: str) -> str:
            """The id that the room gave."""
            await bao.send(f"<message to='{room}' type='groupchat' id='{id}'>{payload}</message>")
            heard = await bao.expect(f"<message from='{room}/bao' id='{id}'/>")
            return About.of(heard, JID(room)).stanza_id or ""

        first = await says("c1", "<body>Helo</body>")
        second = await says("c2", "<body>Oops</body>")
        await says("c3", "<body>Hello</body>" + CORRECTION.format(id="c1"))
        await says("c4", REACTION.format(id=first))
        await says("c5", RETRACTION.format(id=second))
        async with place.user(room) as ada:
            here = place.seen_here(room)
            await ada.join(here, "ada")
            page = await ada.page(here)
            found = [About.of(message, JID(here)) for message in page.messages]
            original, tombstone, correction, reaction, retraction = found
            assert (original.text, correction.text) == ("Helo", "Hello")
            assert correction.replace == Replace(page.messages[0].get("id", ""))
            assert reaction.reactions == Reactions(page.ids[0], ("👋",))
            assert retraction.retract == Retract(id=page.ids[1])
            assert tombstone.is_tombstone


@pytest.mark.requirement("TRAP-12")
async def test_a_room_without_an_archive_gives_what_it_replays(
    prosody: Prosody, there: Prosody, tmp_path: Path
) -> None:
    room = "hall@plain.far.localhost"
    async with gateway_to(prosody, there, tmp_path) as place, place.far(room, "bao") as bao:
        await founded(bao, room)
        for number in range(30):
            await bao.say(room, f"{number}")
        await bao.expect(f"<message from='{room}/bao'><body>29</body></message>")
        async with place.user(room) as ada:
            here = place.seen_here(room)
            await ada.join(here, "ada")
            archive = Archive(tmp_path)
            replayed = numbers(30)[10:]  # as many as Prosody keeps for that
            await archive.has(len(replayed))
            assert await everything(ada, here) == replayed
            lost = State.LOST.value
            await archive.has_gaps(1)
            assert archive.ask(f"SELECT count(*) FROM sluice_gap WHERE state = {lost}") == 1


def numbers(count: int) -> list[str]:
    return [str(number) for number in range(count)]


async def everything(client: Client, room: str) -> list[str | None]:
    """All that the gateway's archive of a room says, oldest first."""
    seen: list[str | None] = []
    after: str | None = None
    while True:
        page = await client.page(room, limit=250, after=after)
        seen += page.bodies
        if page.complete:
            return seen
        after = page.ids[-1]
