"""The detector of blocking calls detects them."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from types import FunctionType

import pytest

from tests.blocking import OURS, SETS_UP, SLIDGE, Blocked, blocked


def at(file: str, body: str, **names: object) -> Callable[[], object]:
    """A function whose code says that it stands in `file`."""
    scope: dict[str, object] = {"os": os, "sqlite3": sqlite3, "time": time, **names}
    exec(compile(f"def call():\n    return {body}", file, "exec"), scope)
    call = scope["call"]
    assert isinstance(call, FunctionType)
    return call


OUR_FILE = OURS[0] + "room/kick.py"


async def refused(call: Callable[[], object]) -> bool:
    with blocked() as seen:
        try:
            call()
        except Blocked:
            assert len(seen) == 1
            return True
        finally:
            seen.clear()
    return False


@pytest.mark.parametrize(
    "body",
    [
        "time.sleep(0)",
        "os.listdir('/')",
        "sqlite3.connect(':memory:').execute('select 1')",
    ],
)
async def test_our_code_may_not_block_the_loop(body: str) -> None:
    assert await refused(at(OUR_FILE, body))


async def test_a_thread_may_block() -> None:
    with blocked() as seen:
        await asyncio.to_thread(at(OUR_FILE, "time.sleep(0)"))
    assert not seen


async def test_tests_may_block(tmp_path: Path) -> None:
    assert not await refused(lambda: (tmp_path / "file").write_text("text"))


async def test_slidge_may_where_it_cannot_do_otherwise() -> None:
    store = at(SLIDGE + "db/store.py", "time.sleep(0)")
    contact = at(SLIDGE + "contact/contact.py", "store()", store=store)
    assert not await refused(at(OUR_FILE, "contact()", contact=contact))


def test_what_sets_up_slidges_connections_is_where_it_is_said_to_be() -> None:
    assert Path(SETS_UP).is_file()


async def test_whoever_wants_a_connection_of_slidges_answers_for_setting_it_up() -> None:
    quick = at(SETS_UP, "time.sleep(0)")
    contact = at(SLIDGE + "contact/contact.py", "quick()", quick=quick)
    assert not await refused(at(OUR_FILE, "contact()", contact=contact))
    assert await refused(at(OUR_FILE, "quick()", quick=quick))


@pytest.mark.parametrize("file", ["db/store.py", "group/room.py"])
async def test_we_may_not_go_to_its_store_nor_use_its_groups(file: str) -> None:
    store = at(SLIDGE + file, "time.sleep(0)")
    assert await refused(at(OUR_FILE, "store()", store=store))


async def test_slidge_does_not_cover_for_us() -> None:
    ours = at(OUR_FILE, "time.sleep(0)")
    assert await refused(at(SLIDGE + "core/session.py", "ours()", ours=ours))
