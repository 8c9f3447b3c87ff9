"""sluice mirrors, which asks the gateway that runs."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from gateway.metrics import socket

Sluice = Callable[..., Any]

ROOM = {
    "room": "hall@groups.fairfax.example",
    "side": "mirror",
    "other": "groups.fairfax.example",
    "state": "linked",
    "since": "2026-01-01T12:00:00Z",
    "users": 100,
    "bytes_up": 1000,
    "bytes_down": 2000,
    "stanzas_up": 3,
    "stanzas_down": 4,
    "bytes_saved": 198000,
    "queue": 0,
    "agreed": None,
}


@contextmanager
def running(folder: Path, rows: list[dict[str, Any]] | None) -> Iterator[None]:
    """A gateway that answers in a folder; None has it answer nothing that is known."""
    folder.mkdir(exist_ok=True)
    up, loop = threading.Event(), asyncio.new_event_loop()
    stopping = asyncio.Event()

    async def serve() -> None:
        async def mirrors(_: web.Request) -> web.Response:
            return web.json_response(rows)

        app = web.Application()
        if rows is not None:
            app.router.add_get("/mirrors", mirrors)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        own = await asyncio.to_thread(socket.listen, folder)
        assert own is not None
        await web.SockSite(runner, own).start()
        up.set()
        await stopping.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert up.wait(20)
        yield
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()


@pytest.fixture
def run(sluice: Sluice, config: Path) -> Sluice:
    return lambda *words: sluice("mirrors", *words, "-c", str(config))


def test_mirrored_rooms_are_listed(run: Sluice, config: Path) -> None:
    with running(config.parent / "files", [ROOM]):
        ended = run()
        names, values = (line.split() for line in ended.out.splitlines())
        assert (ended.code, ended.err) == (0, "")
        assert names[:3] == ["room", "side", "other"]
        assert values == [
            "hall@groups.fairfax.example", "mirror", "groups.fairfax.example", "linked",
            "2026-01-01T12:00:00Z", "100", "1000", "2000", "3", "4", "198000", "0", "-",
        ]  # fmt: skip
        assert json.loads(run("--json").out) == ROOM


def test_no_room_may_be_mirrored(run: Sluice, config: Path) -> None:
    with running(config.parent / "files", []):
        ended = run()
        assert (ended.code, ended.out, ended.err) == (0, "", "No room is mirrored just now.\n")
        assert (run("--json").out, run("--json").code) == ("", 0)


@pytest.mark.parametrize("left_behind", ["no folder", "no socket", "a dead socket"])
def test_a_gateway_that_does_not_run(run: Sluice, config: Path, left_behind: str) -> None:
    folder = config.parent / "files"
    if left_behind != "no folder":
        folder.mkdir()
    if left_behind == "a dead socket":
        dead = socket.listen(folder)
        assert dead is not None
        dead.close()
    ended = run()
    assert (ended.code, ended.out) == (1, "")
    where = folder / "gateway.sock"
    assert ended.err == f"sluice: The gateway does not run: nothing answers at {where}.\n"


def test_a_gateway_that_knows_nothing_of_it(run: Sluice, config: Path) -> None:
    with running(config.parent / "files", None):
        ended = run()
    assert ended.code == 1
    assert ended.err.startswith("sluice: The gateway does not answer: 404")
