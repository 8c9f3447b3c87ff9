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
from gateway.archive import Query, StanzaId
from gateway.archive.append import append_all
from gateway.archive.find import called
from gateway.archive.fts5 import PLACES
from gateway.archive.index import _author_token
from gateway.archive.page import page
from gateway.archive.remove import tombstone
from gateway.database.engine import engine_for, parse
from gateway.database.sql import metadata, ours
from gateway.errors import DatabaseError
from gateway.migrate import check_revision, is_current, migrate
from tests.archive.making import new


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


def to(url: str, revision: str, *, back: bool = False) -> None:
    """Bring a database to a revision, as an earlier Sluice would have."""
    engine = engine_for(parse(url), connections=1)
    with engine.begin() as conn:
        config = module._config()
        config.attributes["connection"] = conn
        (command.downgrade if back else command.upgrade)(config, revision)
    engine.dispose()


EARLIER = sorted(script.revision for script in module._scripts().walk_revisions())[:-1]
SEQS = [1 << 14, 1 << 28]
SAID = [
    *(
        "INSERT INTO sluice_archive (room_id, seq, stanza_id, legacy_id, message_id, at, kind, "
        "nick, author, body, stanza) VALUES "
        f"(1, {seq}, 's-{n}', 'l-{n}', '{message_id}', {n}, 0, 'Ada', 'ada', '{body}', '<m/>')"
        for n, seq, message_id, body in (
            (1, SEQS[0], "s-1", "green tea"),
            (2, SEQS[1], "of-client", "tea"),
        )
    ),
    f"INSERT INTO sluice_archive_room VALUES (1, {SEQS[1]}, 2, 2, 0)",
]
ADA = _author_token("ada")
INDEXED_IN_SQLITE = [
    "INSERT INTO sluice_archive_search (rowid, words) "
    f"VALUES ({PLACES + PLACES // 2 + seq}, '{words} {ADA}')"
    for seq, words in zip(SEQS, ("green tea", "tea"), strict=True)
]


def indexed_in_postgresql(revision: str) -> list[str]:
    """Since 0006 a token says which stretch of its room it is of."""
    rooms = [f"1.{seq >> 28}" if revision >= "0006" else "1" for seq in SEQS]
    all_words = (
        rf"'{rooms[0]}/green'\:1 '{rooms[0]}/tea'\:2 '{rooms[0]}/{ADA}'\:3",
        rf"'{rooms[1]}/tea'\:1 '{rooms[1]}/{ADA}'\:2",
    )
    return [
        f"INSERT INTO sluice_archive_search VALUES (1, {seq}, CAST($${words}$$ AS tsvector))"
        for seq, words in zip(SEQS, all_words, strict=True)
    ]


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


@pytest.mark.parametrize("revision", EARLIER)
def test_what_was_said_before_stays(empty_url: str, revision: str) -> None:
    to(empty_url, revision)
    run(empty_url, *SAID)
    if revision >= "0003":
        sqlite = empty_url.startswith("sqlite")
        run(empty_url, *(INDEXED_IN_SQLITE if sqlite else indexed_in_postgresql(revision)))
    migrate(empty_url)
    engine = engine_for(parse(empty_url), connections=1)
    with engine.begin() as conn:
        for id, seq in (("s-1", SEQS[0]), ("s-2", SEQS[1]), ("of-client", SEQS[1])):
            assert [entry.seq for entry in called(conn, 1, id)] == [seq]
        assert [entry.seq for entry in page(conn, 1, Query(words="tea")).entries] == SEQS
        green = page(conn, 1, Query(words='"green tea"', author="ada", count=True))
        assert [entry.seq for entry in green.entries] == SEQS[:1]
        for whose in (Query(author="ada"), Query(nick="Ada", author="ada", count=True)):
            assert [entry.seq for entry in page(conn, 1, whose).entries] == SEQS
        assert page(conn, 1, Query(nick="ada")).entries == []
        assert not append_all(conn, [(1, new("again", legacy_id="l-2"))])[0].new
        assert append_all(conn, [(1, new("next", body="tea"))])[0].entry.seq > SEQS[1]
        assert tombstone(conn, 1, StanzaId("s-1"), "<message/>")
        assert len(page(conn, 1, Query(words="tea")).entries) == 2
    engine.dispose()


@pytest.mark.parametrize("revision", ["0003", "0004", "0005", "0006"])
def test_what_was_said_stays_on_the_way_back(url: str, revision: str) -> None:
    engine = engine_for(parse(url), connections=1)
    with engine.begin() as conn:
        append_all(conn, [(1, new("a", body="green tea"))])
    to(url, revision, back=True)
    migrate(url)
    with engine.begin() as conn:
        assert len(page(conn, 1, Query(words='"green tea"')).entries) == 1
        assert len(page(conn, 1, Query(author="1", nick="ada")).entries) == 1
    engine.dispose()


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
