"""Making an archive of any length: the first and last messages as the gateway does, others by SQL.

Those say what the first ones said, later and with ids of their own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import psycopg
from tqdm import tqdm

from bench.archive.talk import EVERY, Talk
from gateway.archive import fts5, index, whose
from gateway.archive.append import STRIDE, append_all
from gateway.archive.gin import PLACES as PLACES_OF_STRETCH
from gateway.database.engine import engine_for, parse
from gateway.migrate import migrate

FIRST = 100_000
"""So many at the beginning, and at the end, are no copies; a multiple of the number of rooms."""
BATCH = 5000


def fill(url: str, talk: Talk, size: int) -> None:
    """Put `size` messages into a new database: up to `FIRST`, or a multiple of it."""
    migrate(url)
    first = min(size, FIRST)
    texts = _append(url, talk, range(first))
    copies = size // first - 2
    if copies > 0 and parse(url).get_backend_name() == "sqlite":
        _copy_in_sqlite(str(parse(url).database), talk, texts, copies)
    elif copies > 0:
        _copy_in_postgresql(url, talk, copies)
    if size > first:  # after which the pages of indexes are no longer as full as new ones
        _append(url, talk, range(size - first, size))


def _append(url: str, talk: Talk, numbers: range) -> list[index.Text]:
    """What was said."""
    engine = engine_for(parse(url), connections=1, durable=False)
    said = []
    for start in range(0, len(numbers), BATCH):
        wanted = [(talk.room(n), talk.entry(n)) for n in numbers[start : start + BATCH]]
        with engine.begin() as conn:
            stored = append_all(conn, wanted)
        said += [
            index.Text(room, new.entry.seq, entry.author, entry.body)
            for (room, entry), new in zip(wanted, stored, strict=True)
        ]
    engine.dispose()
    return said


def _copy_in_sqlite(path: str, talk: Talk, texts: list[index.Text], copies: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000"):
            conn.execute(f"PRAGMA {pragma}")
        conn.execute("BEGIN")
        conn.execute("CREATE TEMP TABLE said (number INTEGER PRIMARY KEY, words TEXT)")
        conn.executemany(
            "INSERT INTO said VALUES (?, ?)",
            (
                (fts5.number(text.room, text.seq), " ".join(text.tokens))
                for text in index.indexed(texts)
            ),
        )
        found = conn.execute(
            "SELECT name, sql FROM sqlite_master "
            "WHERE type = 'index' AND tbl_name = 'sluice_archive' AND sql IS NOT NULL"
        ).fetchall()
        for name, _ in found:
            conn.execute(f"DROP INDEX {name}")
        for seqs, statement in _copies(talk, len(texts), copies, "printf('%08x%024x', {}, {})"):
            conn.execute(statement)
            conn.execute(
                "INSERT INTO sluice_archive_search (rowid, words) "
                "SELECT number + ?, words FROM said ORDER BY number",
                (seqs,),
            )
        _index_names(conn, len(texts))
        for _, sql in tqdm(found, desc="making indexes", delay=1):
            conn.execute(sql)
        conn.execute(_whole(talk, len(texts), copies))
        conn.execute("COMMIT")


def _index_names(conn: sqlite3.Connection, after: int) -> None:
    """Have all but the first entries found by author, nickname and id."""
    rows = conn.execute(
        "SELECT room_id, seq, author, nick, stanza_id FROM sluice_archive WHERE id > ? ORDER BY id",
        (after,),
    )
    with tqdm(desc="indexing names", delay=1, unit=" messages") as bar:
        while some := rows.fetchmany(BATCH):
            conn.executemany(
                "INSERT INTO sluice_archive_search_who (rowid, names) VALUES (?, ?)",
                sorted((fts5.number(room, seq), whose.names(*of)) for room, seq, *of in some),
            )
            bar.update(len(some))


def _copy_in_postgresql(url: str, talk: Talk, copies: int) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("ALTER SYSTEM SET max_wal_size = '8GB'")
        conn.execute("SELECT pg_reload_conf()")
        conn.execute("SET synchronous_commit = off")
        conn.execute("SET maintenance_work_mem = '1GB'")
        found = conn.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexname LIKE 'ix_sluice_archive_%'"
        ).fetchall()
        for name, _ in found:
            conn.execute(f"DROP INDEX {name}".encode())
        hex = "lpad(to_hex({}), 8, '0') || lpad(to_hex({}), 24, '0')"
        for seqs, statement in _copies(talk, FIRST, copies, hex):
            conn.execute(statement.encode())
            conn.execute(
                "INSERT INTO sluice_archive_search (room_id, seq, words) "
                "SELECT room_id, seq + %(further)s, CAST(replace("  # each token says where it is
                "CAST(words AS text), '''' || room_id || '.' || (seq >> %(bits)s) || '/', "
                "'''' || room_id || '.' || ((seq + %(further)s) >> %(bits)s) || '/') AS tsvector) "
                "FROM sluice_archive_search WHERE seq <= %(first)s",
                {"further": seqs, "bits": PLACES_OF_STRETCH, "first": FIRST // talk.rooms * STRIDE},
            )
        for _, sql in tqdm(found, desc="making indexes", delay=1):
            conn.execute(sql.encode())
        conn.execute(_whole(talk, FIRST, copies).encode())
        conn.execute("VACUUM ANALYZE")


def _copies(talk: Talk, first: int, copies: int, hex: str) -> Iterator[tuple[int, str]]:
    """How far the places of each copy are behind the first ones, and the statement that makes it.

    `hex` writes two numbers as an id.
    """
    for copy in tqdm(range(1, copies + 1), desc="copying", delay=1):
        seqs = first // talk.rooms * STRIDE * copy
        id = hex.format("n * 2654435761 % 4294967296", "n")
        later = first * copy * (EVERY.seconds * 1_000_000)
        legacy = "'$' || substr(CAST(1000000000000 + n AS TEXT), 2)"
        number = "CAST(substr(legacy_id, 2) AS BIGINT)"
        yield (
            seqs,
            f"""
            INSERT INTO sluice_archive (room_id, seq, stanza_id, legacy_id, message_id, at, kind,
                nick, author, body, stanza)
            SELECT room_id, seq + {seqs}, new_id, new_legacy, new_id, at + {later}, kind,
                nick, author, body, replace(stanza, stanza_id, new_id)
            FROM (
                SELECT *, {id} AS new_id, {legacy} AS new_legacy
                FROM (
                    SELECT *, {number} + {first * copy} AS n
                    FROM sluice_archive WHERE id <= {first}
                ) AS numbered
            ) AS said ORDER BY n
            """,
        )


def _whole(talk: Talk, first: int, copies: int) -> str:
    more = first // talk.rooms * copies
    later = first * copies * (EVERY.seconds * 1_000_000)
    return (
        f"UPDATE sluice_archive_room SET last = last + {more * STRIDE}, "
        f"entries = entries + {more}, latest = latest + {later}"
    )
