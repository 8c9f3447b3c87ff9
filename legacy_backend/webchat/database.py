"""The database behind one thread of its own, and its writes in batches.

Acts are run in the order in which they were asked for. Those that wait while a commit runs share
the next one, each in a savepoint of its own, so that one refusal undoes one act.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa

from legacy_backend.terms import LegacyError
from legacy_backend.webchat.happenings import Happening
from legacy_backend.webchat.schema import VERSION, meta, metadata
from legacy_backend.webchat.store import stays

log = logging.getLogger(__name__)

_BATCH = 100

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Job:
    run: Callable[[sa.Connection], tuple[Any, Sequence[Happening]]]
    done: asyncio.Future[Any]
    result: Any = None
    refusal: Exception | None = None
    told: Sequence[Happening] = field(default_factory=tuple)


class Database:
    """Reads and writes for the event loop. `publish` gets what was committed, in its order."""

    def __init__(self, url: str, publish: Callable[[Happening], Awaitable[None]]) -> None:
        self.secret = b""
        """For what has to stay the same over restarts without being guessed."""
        self._url = url
        self._publish = publish
        self._thread = ThreadPoolExecutor(1, "webchat-database")
        self._jobs: deque[_Job] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._engine: sa.Engine | None = None
        self._writer: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect, and make the tables where there are none."""
        await self._on_thread(self._open)
        self._writer = asyncio.create_task(self._write_batches(), name="webchat writer")

    async def close(self) -> None:
        """Finish the acts that were asked for, then let go. Later ones are refused."""
        self._closing = True
        self._wake.set()
        if self._writer is not None:
            await self._writer
        if self._engine is not None:
            await self._on_thread(self._engine.dispose)
        self._thread.shutdown(wait=False)

    async def read(self, run: Callable[[sa.Connection], T]) -> T:
        if self._closing:
            raise _closed()
        return await self._on_thread(self._read, run)

    async def write(self, run: Callable[[sa.Connection], tuple[T, Sequence[Happening]]]) -> T:
        """Have `run` done and committed; what it told is then on its way, before this returns.

        Once asked for it is done, even if whoever asked is cancelled.
        """
        if self._closing:
            raise _closed()
        job = _Job(run, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self._wake.set()
        result: T = await job.done
        return result

    async def _write_batches(self) -> None:
        while self._jobs or not self._closing:
            if not self._jobs:
                self._wake.clear()
                await self._wake.wait()
                continue
            batch = [self._jobs.popleft() for _ in range(min(_BATCH, len(self._jobs)))]
            try:
                await self._on_thread(self._commit, batch)
            except Exception as failure:
                log.exception("the web chat's database failed")
                for job in batch:
                    job.told = ()
                    job.refusal = job.refusal or failure
            for job in batch:
                for happening in job.told:
                    await self._publish(happening)
                if job.done.done():  # cancelled
                    continue
                if job.refusal is not None:
                    job.done.set_exception(job.refusal)
                else:
                    job.done.set_result(job.result)

    async def _on_thread(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: call(*args, **kwargs)
        )

    # What follows runs on the thread

    def _commit(self, batch: Sequence[_Job]) -> None:
        assert self._engine is not None
        with self._engine.begin() as conn:
            for job in batch:
                try:
                    with conn.begin_nested():
                        job.result, job.told = job.run(conn)
                except Exception as refusal:  # noqa: BLE001 - handed to whoever asked
                    job.refusal = refusal

    def _read(self, run: Callable[[sa.Connection], T]) -> T:
        assert self._engine is not None
        with self._engine.connect() as conn:
            return run(conn)

    def _open(self) -> None:
        self._engine = make_engine(self._url)
        metadata.create_all(self._engine)
        with self._engine.begin() as conn:
            kept = {row.key: row.value for row in conn.execute(sa.select(meta))}
            version = int(kept.get("version", VERSION))
            if version > VERSION:
                raise RuntimeError("The database was made by a later version of the web chat.")
            if version < VERSION:
                complete(conn)
                if version < 3:
                    stays.assume(conn)
                here = meta.c.key == "version"
                conn.execute(meta.update().where(here).values(value=str(VERSION)))
            for key, value in (("version", str(VERSION)), ("secret", secrets.token_hex(32))):
                if key not in kept:
                    conn.execute(meta.insert().values(key=key, value=value))
                    kept[key] = value
        self.secret = bytes.fromhex(kept["secret"])


def _closed() -> LegacyError:
    return LegacyError("remote-server-timeout", "The web chat is shutting down.")


def complete(conn: sa.Connection) -> None:
    """Add to the tables of an earlier version the columns that they lack."""
    quoted = conn.dialect.identifier_preparer.format_table
    for table in metadata.sorted_tables:
        there = {column["name"] for column in sa.inspect(conn).get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                how = sa.schema.CreateColumn(column).compile(dialect=conn.dialect)
                conn.execute(sa.text(f"ALTER TABLE {quoted(table)} ADD COLUMN {how}"))


def make_engine(url: str) -> sa.Engine:
    """An engine for use on one thread; SQLite in WAL mode, with savepoints that work."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        parsed, poolclass=sa.pool.StaticPool, connect_args={"check_same_thread": False}
    )

    # COMPAT: Python's sqlite3 begins transactions by itself, and not before a savepoint.
    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA busy_timeout=10000")

    @sa.event.listens_for(engine, "begin")
    def on_begin(conn: sa.Connection) -> None:
        conn.exec_driver_sql("BEGIN")

    return engine
