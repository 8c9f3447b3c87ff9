"""A database is brought up to date, whatever is in it, or left alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from gateway import migrate as module
from gateway.database.engine import engine_for, parse
from gateway.database.sql import metadata, ours
from gateway.errors import DatabaseError
from gateway.migrate import check_revision, is_current, migrate


def run(url: str, *statements: str) -> list[object]:
    engine = engine_for(parse(url), connections=1)
    with engine.begin() as conn:
        results = [conn.execute(sa.text(statement)) for statement in statements]
        rows = [tuple(row) for row in results[-1]] if results[-1].returns_rows else []
    engine.dispose()
    return list(rows)


def tables(url: str) -> set[str]:
    engine = engine_for(parse(url), connections=1)
    names = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_from_nothing(empty_url: str) -> None:
    told: list[tuple[int, int, str]] = []
    assert check_revision(empty_url) is None
    assert not is_current(empty_url)
    migrate(empty_url, lambda done, of, what: told.append((done, of, what)))
    assert is_current(empty_url)
    index = {name for name in tables(empty_url) if name.startswith("sluice_archive_search")}
    assert index
    assert tables(empty_url) - index == {*metadata.tables, "sluice_version"}
    assert [(done, of) for done, of, _ in told] == [(i + 1, len(told)) for i in range(len(told))]
    assert all(what for _, _, what in told)


def test_again_does_nothing(url: str) -> None:
    told: list[int] = []
    migrate(url, lambda done, of, what: told.append(done))
    assert told == []


def test_the_revisions_make_what_the_code_declares(url: str) -> None:
    engine = engine_for(parse(url), connections=1)
    with engine.connect() as conn:
        opts = {"version_table": "sluice_version", "include_name": ours}
        context = MigrationContext.configure(conn, opts=opts)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_checking_makes_no_file(tmp_path: Path) -> None:
    assert check_revision(f"sqlite:///{tmp_path}/test.sqlite") is None
    assert list(tmp_path.iterdir()) == []


def test_a_newer_database_is_left_alone(url: str) -> None:
    run(url, "UPDATE sluice_version SET version_num = '9999'", "DROP TABLE sluice_meta")
    before = tables(url)
    for refuse in (migrate, check_revision):
        with pytest.raises(DatabaseError, match="revision 9999, which this version does not know"):
            refuse(url)
    assert tables(url) == before


def test_slidge_counts_for_itself(empty_url: str) -> None:
    run(
        empty_url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "INSERT INTO alembic_version VALUES ('of slidge')",
        "CREATE TABLE room (id INTEGER PRIMARY KEY, name TEXT)",
        "INSERT INTO room VALUES (1, 'theirs')",
    )
    migrate(empty_url)
    assert run(empty_url, "SELECT version_num FROM alembic_version") == [("of slidge",)]
    assert run(empty_url, "SELECT * FROM room") == [(1, "theirs")]


def test_down_and_up_again(url: str) -> None:
    engine = engine_for(parse(url), connections=1)
    with engine.begin() as conn:
        config = module._config()
        config.attributes["connection"] = conn
        command.downgrade(config, "base")
    engine.dispose()
    assert tables(url) == {"sluice_version"}
    migrate(url)
    assert is_current(url)


def test_a_migration_that_fails_leaves_nothing_behind(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(done: int, of: int, what: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate(empty_url, interrupt)
    assert tables(empty_url) == set()
    migrate(empty_url)
    assert is_current(empty_url)


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "test.sqlite"
    sqlite3.connect(path).close()

    def small(url: sa.URL, *, connections: int, reading: bool = False) -> sa.Engine:
        engine = engine_for(url, connections=connections, reading=reading)

        @sa.event.listens_for(engine, "begin")
        def limit(conn: sa.Connection) -> None:
            conn.exec_driver_sql("PRAGMA max_page_count = 3")

        return engine

    monkeypatch.setattr(module, "engine_for", small)
    with pytest.raises(DatabaseError, match="full"):
        migrate(f"sqlite:///{path}")
