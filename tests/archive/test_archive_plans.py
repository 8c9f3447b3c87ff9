"""Every statement of the archive is a walk along an index: nothing is gone through, or sorted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.archive import Archive, Gaps, Kind, Query
from gateway.archive.copies import Copy
from gateway.database import Database
from tests.archive.making import NOON, lid, new, sid

MANY = 300

HOUR = {"start": NOON + timedelta(minutes=100), "end": NOON + timedelta(minutes=160)}
QUERIES: dict[str, dict[str, Any]] = {
    "first page": {},
    "last page": {"backwards": True},
    "page after an id": {"after": sid(150)},
    "page before an id": {"before": sid(150), "backwards": True},
    "by author": {"author": "1", "backwards": True},
    "by author after an id": {"author": "1", "after": sid(150)},
    "by nick": {"nick": "ada"},
    "a stretch of time": HOUR,
    "since": {"start": NOON + timedelta(minutes=100)},
    "by author since": {"author": "1", "start": NOON + timedelta(minutes=100)},
    "by ids": {"ids": tuple(sid(i) for i in range(0, 200, 10))},
    "by ids after an id": {"ids": (sid(3), sid(200)), "after": sid(100)},
    "behind an id": {"after_id": sid(200), "before_id": sid(250)},
    "common word": {"words": "tea", "backwards": True},
    "phrase before an id": {"words": '"green tea"', "before": sid(200), "backwards": True},
    "beginning by author": {"words": "gre*", "author": "1"},
    "word in a stretch of time": {"words": "tea", **HOUR},
    "word among ids": {"words": "tea", "ids": (sid(1), sid(2))},
}
OTHERS: dict[str, Callable[[Archive], Awaitable[object]]] = {
    "metadata": lambda archive: archive.edges(1),
    "count": lambda archive: archive.count(1),
    "history": lambda archive: archive.history(1, limit=50),
    "history since": lambda archive: archive.history(1, limit=50, since=NOON),
    "newest of the network": lambda archive: Gaps(archive._db).open(1),
    "by stanza id": lambda archive: archive.find(1, stanza_id=sid(7)),
    "by legacy id": lambda archive: archive.find(1, legacy_id=lid(7)),
    "by message id": lambda archive: archive.find(1, message_id="m-7"),
    "by message id and author": lambda archive: archive.find(1, message_id="m-7", author="1"),
    "versions": lambda archive: archive.versions(1, lid(7)),
    "export": lambda archive: anext(archive.export(1)),
    "copies": lambda archive: anext(archive.copies(1)),
    "copies of one author": lambda archive: anext(archive.copies(1, ["1"])),
    "put back": lambda archive: archive.put_back(1, [Copy(new("w", 100), sid(100))]),
    "put back by time": lambda archive: archive.put_back(1, [Copy(new("v", 100), None)]),
    "append": lambda archive: archive.append(1, new("x", MANY, body="tea")),
    "correct": lambda archive: archive.append(
        1, new("y", MANY, body="tea", kind=Kind.EDIT, refers_to=lid(7))
    ),
    "insert": lambda archive: archive.insert(
        1, [new("z", 100, body="tea")], after=sid(100), before=None
    ),
    "tombstone": lambda archive: archive.tombstone(1, sid(9), "<message/>"),
    "expire": lambda archive: archive.expire(NOON + timedelta(minutes=3), 1),
}
READS = {
    name: lambda archive, query=query: archive.page(1, Query(**query, count=True))
    for name, query in QUERIES.items()
}


class Watch:
    """The plans of all statements that run while the block does."""

    def __init__(self, db: Database) -> None:
        self.plans: list[tuple[str, str]] = []
        self._engines = [db._read_engine, db._write_engine]
        self._asking = False

    def __enter__(self) -> Watch:
        for engine in self._engines:
            sa.event.listen(engine, "before_cursor_execute", self._look)
        return self

    def __exit__(self, *_: object) -> None:
        for engine in self._engines:
            sa.event.remove(engine, "before_cursor_execute", self._look)

    def _look(
        self, conn: sa.Connection, _cursor: Any, statement: str, given: Any, _ctx: Any, many: bool
    ) -> None:
        words = statement.split()[0]
        if self._asking or words not in ("SELECT", "UPDATE", "DELETE") or "pg_" in statement:
            return
        self._asking = True
        values = given[0] if many else given
        if conn.dialect.name == "sqlite":
            rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            plan = "\n".join(row[3] for row in rows)
        else:
            conn.exec_driver_sql("SET LOCAL enable_seqscan = off")  # as if there were many
            rows = conn.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values)
            plan = json.dumps(rows.scalar(), indent=1)
        self.plans.append((statement, plan))
        self._asking = False


def slow_steps(plan: str, dialect: str) -> list[str]:
    """The lines of a plan that go through all of something, or sort."""
    if dialect == "sqlite":
        return [
            line
            for line in plan.splitlines()
            if "TEMP B-TREE" in line
            or (
                line.startswith("SCAN")
                and "VIRTUAL TABLE" not in line
                and not line.endswith(("CONSTANT ROW", "(subquery-1)", "anon_1"))
            )
        ]
    return [line for line in plan.splitlines() if '"Node Type": "Seq Scan"' in line]


@pytest.mark.parametrize("name", [*READS, *OTHERS])
async def test_no_length_matters(archive: Archive, db: Database, name: str) -> None:
    await filled(archive, db)
    with Watch(db) as watch:
        await (READS | OTHERS)[name](archive)
    assert watch.plans
    for statement, plan in watch.plans:
        if "sluice_archive_room" in statement:  # a row for each room
            continue
        assert not slow_steps(plan, db.url.get_backend_name()), f"{statement}\n{plan}"


BY_AN_ID = [name for name in OTHERS if name.startswith("by ")]


@pytest.mark.parametrize("name", BY_AN_ID)
async def test_an_id_is_looked_up(archive: Archive, db: Database, name: str) -> None:
    """And not come upon on a walk through the room, or through all that somebody said."""
    await filled(archive, db)
    with Watch(db) as watch:
        await OTHERS[name](archive)
    for statement, plan in watch.plans:
        if db.url.get_backend_name() == "sqlite":
            assert "_id=? AND " in plan or "VIRTUAL TABLE" in plan, f"{statement}\n{plan}"
            assert "author=?" not in plan, f"{statement}\n{plan}"
        else:
            found = [line for line in plan.splitlines() if '"Index Cond"' in line]
            assert found, f"{statement}\n{plan}"
            assert all("_id = '" in line for line in found), f"{statement}\n{plan}"


async def filled(archive: Archive, db: Database) -> None:
    """Some of everything that is asked for."""
    bodies = ("green tea", "coffee", "milk")
    stored = [
        archive.append(1, new(i, i, body=bodies[i % 3], author=str(i % 7), nick=f"nick {i % 7}"))
        for i in range(MANY)
    ]
    await asyncio.gather(*stored)
    if db.url.get_backend_name() == "postgresql":
        await db.write(lambda conn: conn.exec_driver_sql("ANALYZE"))
