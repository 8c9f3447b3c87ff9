"""What was told to be durable is there after kill -9, once and in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.archive import Archive
from gateway.archive.tables import archive as table
from gateway.database import Database
from tests.archive.making import everything, new

ROOT = Path(__file__).parent.parent.parent
MANY = 20_000

CHILD = """
import asyncio, sys
from gateway.archive import Archive
from gateway.database import Database
from tests.archive.making import new

async def main():
    db = Database(sys.argv[1])
    await db.open()
    archive = Archive(db)
    for i in range(int(sys.argv[2])):
        done = archive.append(1, new(i, i))
        done.add_done_callback(lambda _, i=i: print(i, flush=True))
        if i % 50 == 0:
            await asyncio.sleep(0)
    await done

asyncio.run(main())
"""


async def confirmed_until_killed(url: str, lines: int) -> list[int]:
    """What a process says is stored; it is killed when it has said that of `lines` entries."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, url, str(MANY), cwd=ROOT, stdout=PIPE
    )
    assert child.stdout is not None
    told = [await child.stdout.readline() for _ in range(lines)]
    os.kill(child.pid, signal.SIGKILL)
    told += (await child.stdout.read()).splitlines(keepends=True)
    assert await child.wait() == -signal.SIGKILL
    return [int(line) for line in told if line.endswith(b"\n")]


@pytest.mark.parametrize("lines", [1, 700])
async def test_a_kill_loses_nothing_that_was_confirmed(url: str, lines: int) -> None:
    confirmed = await confirmed_until_killed(url, lines)
    assert confirmed == list(range(len(confirmed)))
    assert lines <= len(confirmed) < MANY

    db = Database(url)
    await db.open()
    archive = Archive(db)
    there = (await everything(archive, 1)).split()
    assert there == [str(i) for i in range(len(there))]
    assert len(there) >= len(confirmed)
    rows = sa.select(sa.func.count()).select_from(table)
    assert await archive.count(1) == await db.read(lambda conn: conn.scalar(rows)) == len(there)

    more = len(there) + 100
    stored = await asyncio.gather(*(archive.append(1, new(i, i)) for i in range(more)))
    assert [s.new for s in stored] == [False] * len(there) + [True] * 100
    assert await everything(archive, 1) == " ".join(str(i) for i in range(more))
    await db.close()
