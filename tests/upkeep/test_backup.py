"""A copy of the database, made while somebody writes to it all the time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.errors import DatabaseError, SluiceError
from gateway.upkeep import backup, unseen


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.sqlite"
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("CREATE TABLE said (body TEXT)")
        conn.executemany("INSERT INTO said VALUES (?)", [("x" * 2000,)] * 100)
        conn.commit()
    return path


def url_of(path: Path) -> sa.URL:
    return sa.make_url(f"sqlite:///{path}")


def test_it_ends_and_is_of_one_moment(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "PAGES", 5)
    target = tmp_path / "copy.sqlite"
    told: list[tuple[int, int]] = []
    with closing(sqlite3.connect(source)) as writer:

        def write(done: int, total: int) -> None:
            told.append((done, total))
            assert len(told) < 1000, "it begins anew with each write"
            writer.execute("INSERT INTO said VALUES ('meanwhile')")
            writer.commit()

        backup.back_up(url_of(source), target, write)
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM said").fetchone() == (100,)
    assert target.stat().st_mode & 0o077 == 0


def test_one_that_is_broken_off_leaves_nothing(source: Path, tmp_path: Path) -> None:
    def end(_done: int, _total: int) -> None:
        raise SluiceError("The gateway ends.")

    with pytest.raises(SluiceError):
        backup.back_up(url_of(source), tmp_path / "copy.sqlite", end)
    assert {path.suffix for path in tmp_path.glob("copy*")} == set()


def test_what_cannot_be(source: Path, tmp_path: Path) -> None:
    with pytest.raises(SluiceError, match="is there already"):
        backup.back_up(url_of(source), source, unseen)
    with pytest.raises(SluiceError, match="pg_dump"):
        backup.back_up(sa.make_url("postgresql://x/y"), tmp_path / "copy", unseen)
    (tmp_path / "no.sqlite").write_text("Dear diary, " * 500)
    with pytest.raises(DatabaseError):
        backup.back_up(url_of(tmp_path / "no.sqlite"), tmp_path / "copy", unseen)
