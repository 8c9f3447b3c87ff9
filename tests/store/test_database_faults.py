"""A database that will not do is told of, in words for the operator."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.database import Database
from gateway.database.faults import explain
from gateway.errors import DatabaseError
from gateway.migrate import migrate
from gateway.store.tables import meta


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The URL of a file with our tables."""
    url = f"sqlite:///{tmp_path}/test.sqlite"
    migrate(url)
    return url


async def refusal(url: str) -> str:
    with pytest.raises(DatabaseError) as caught:
        await Database(url).open()
    return str(caught.value)


async def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    said = await refusal(f"sqlite:///{tmp_path}/nowhere/test.sqlite")
    assert f"{tmp_path}/nowhere/test.sqlite" in said
    assert "does its folder exist" in said


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "test.sqlite"
    path.write_text("Dear diary, " * 100)
    assert "no SQLite database" in await refusal(f"sqlite:///{path}")
    assert path.read_text() == "Dear diary, " * 100


def test_a_file_that_is_no_database_is_not_migrated(tmp_path: Path) -> None:
    path = tmp_path / "test.sqlite"
    path.write_text("Dear diary, " * 100)
    with pytest.raises(DatabaseError, match="no SQLite database"):
        migrate(f"sqlite:///{path}")
    assert path.read_text() == "Dear diary, " * 100


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("mysql://localhost/sluice", "not in mysql"),
        ("sluice.sqlite", "cannot be read"),
    ],
)
def test_a_url_that_cannot_be_ours(url: str, words: str) -> None:
    with pytest.raises(DatabaseError, match=words):
        Database(url)


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    said = await refusal(f"postgresql://sluice:geheim@/sluice?host={tmp_path}")
    assert str(tmp_path) in said
    assert "geheim" not in said


async def test_a_full_disk_fails_writes_and_harms_nothing(file: str) -> None:
    db = Database(file)
    await db.open()

    async def set_limit(pages: int) -> None:
        await db.write(lambda conn: conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}"))

    def big(key: str) -> asyncio.Future[int]:
        values = {"key": key, "value": "x" * 100_000}
        return db.write(lambda conn: conn.execute(sa.insert(meta).values(values)).rowcount)

    await db.write(lambda conn: conn.execute(sa.insert(meta).values(key="old", value="")).rowcount)
    await set_limit(30)
    with pytest.raises(DatabaseError, match="full"):
        await big("new")
    assert "full" in db.trouble
    assert await db.read(lambda conn: conn.scalars(sa.select(meta.c.key)).all()) == ["old"]
    await set_limit(10_000)
    assert await big("new") == 1
    assert db.trouble == ""
    await db.close()


def test_a_password_is_never_told() -> None:
    url = sa.make_url("postgresql+psycopg://sluice:geheim@db.example.org/sluice")
    said = explain(OSError("no route"), url)
    assert "db.example.org" in said
    assert "geheim" not in said


async def test_a_file_that_may_not_be_written(file: str) -> None:
    path = file.removeprefix("sqlite:///")
    assert "read-only" in await refusal(f"sqlite:///file:{path}?mode=ro&uri=true")


async def test_a_database_may_be_opened_once_it_is_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/test.sqlite"
    db = Database(url)
    with pytest.raises(DatabaseError, match="sluice migrate"):
        await db.open()
    await asyncio.to_thread(migrate, url)
    await db.open()
    await db.close()
