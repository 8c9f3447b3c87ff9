"""A full disk, a database that goes away: what was taken is stored later, once, in order."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.client import PATIENCE
from gateway.archive import Archive
from gateway.database import Database, database
from gateway.errors import DatabaseError
from tests.archive.making import everything, new
from tests.postgres import Postgres

BIG = "x" * 20_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if os.getuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


async def in_trouble(archive: Archive) -> None:
    async with asyncio.timeout(PATIENCE):
        while not archive.trouble:  # noqa: ASYNC110  the writer's thread says it
            await asyncio.sleep(0.01)


async def test_a_full_disk_makes_messages_wait(small_disk: Path, migrated_file: Path) -> None:
    shutil.copy(migrated_file, small_disk / "test.sqlite")
    db = Database(f"sqlite:///{small_disk}/test.sqlite")
    await db.open()
    archive = Archive(db)
    (small_disk / "others").write_bytes(b"x" * 3_000_000)
    stored = [archive.append(1, new(i, i, stanza=BIG, body="tea")) for i in range(150)]
    await in_trouble(archive)
    with pytest.raises(DatabaseError, match="full"):
        archive.check()
    with pytest.raises(DatabaseError, match="full"):  # who can be told is told
        await archive.insert(1, [new("past", stanza=BIG)], after=None, before=None)
    assert not stored[-1].done()
    there = len((await everything(archive, 1)).split())
    assert [future.done() for future in stored] == [i < there for i in range(150)]

    (small_disk / "others").unlink()
    done = await asyncio.wait_for(asyncio.gather(*stored), PATIENCE)
    assert all(one.new for one in done)
    assert await everything(archive, 1) == " ".join(map(str, range(150)))
    assert archive.trouble == ""
    archive.check()
    await db.close()


async def test_trouble_is_over_though_nothing_is_written(
    small_disk: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.database.writer.LONGEST_PAUSE", 0.1)
    shutil.copy(migrated_file, small_disk / "test.sqlite")
    db = Database(f"sqlite:///{small_disk}/test.sqlite")
    await db.open()
    archive = Archive(db)
    (small_disk / "others").write_bytes(b"x" * 5_000_000)
    with pytest.raises(DatabaseError, match="full"):
        await archive.insert(1, [new("a", stanza=BIG * 100)], after=None, before=None)
    assert archive.trouble
    (small_disk / "others").unlink()
    async with asyncio.timeout(PATIENCE):
        while archive.trouble:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.01)
    await db.close()


@pytest.mark.postgres
async def test_postgresql_restarted_in_the_middle(postgres: Postgres, migrated: str) -> None:
    db = Database(postgres.make(migrated))
    await db.open()
    archive = Archive(db)
    stored = []
    for i in range(3000):
        stored.append(archive.append(1, new(i, i, body="tea")))
        if i in (1000, 2000):
            await stored[i // 2]
            await asyncio.to_thread(postgres.stop)
        if i in (1300, 2500):
            await asyncio.to_thread(postgres.start)
    done = await asyncio.wait_for(asyncio.gather(*stored), PATIENCE)
    assert all(one.new for one in done)
    assert await everything(archive, 1) == " ".join(map(str, range(3000)))
    assert await archive.count(1) == 3000
    await db.close()


async def test_a_network_that_could_tell_more_waits(
    archive: Archive, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.archive.archive.BACKLOG", 5)
    stored = [archive.append(1, new(i)) for i in range(100)]
    taking = asyncio.create_task(archive.taking())
    await asyncio.sleep(0)
    assert not taking.done()
    await asyncio.gather(*stored)
    await taking


async def test_memory_has_an_end(
    archive: Archive, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "MOST_WAITING", 5)
    stored = [archive.append(1, new(i)) for i in range(6)]
    with pytest.raises(DatabaseError, match="too slow"):
        await stored[5]
    await asyncio.gather(*stored[:5])
    assert await everything(archive, 1) == "0 1 2 3 4"
