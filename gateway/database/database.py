"""One database: one thread that writes, a few that read, and none of it on the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa

from gateway.database.courtesy import Courtesy
from gateway.database.engine import engine_for, parse
from gateway.database.faults import Fault, explain, fault_of
from gateway.database.pace import Pace
from gateway.database.sql import VERSION_TABLE
from gateway.database.writer import FIRST_PAUSE, Job, Outcome, Writer
from gateway.errors import DatabaseError

T = TypeVar("T")
Item = TypeVar("Item")

PATIENCE = 10.0
"""Seconds for which a read is tried again while the database is out of reach."""

MOST_WAITING = 50_000
"""Writes that may wait; what they hold is in memory."""


class Database:
    """One database. Writes are committed in groups and in the order in which they were asked for.

    `url` is an SQLAlchemy URL of SQLite (a file, put into WAL mode) or of PostgreSQL; `readers`
    is how many reads run at a time. With `durable`, a commit is on the disk before it counts;
    without, a power failure may undo the last ones, a crash of this process does not.

    Raises DatabaseError if the URL is of no database that Sluice can use.
    """

    def __init__(self, url: str, *, readers: int = 3, durable: bool = True) -> None:
        self.url = parse(url)
        self.readers = readers
        self._durable = durable
        self._pool = ThreadPoolExecutor(readers, thread_name_prefix="database-reader")
        self._write_engine: sa.Engine | None = None
        self._read_engine: sa.Engine | None = None
        self._writer: Writer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.courtesy = Courtesy()
        """For others of this process that write to the same file."""
        self._unread_since: float | None = None
        """Since when nothing can be read, by the monotonic clock."""
        self._waiting = 0
        self._drained: list[tuple[int, asyncio.Future[None]]] = []

    @property
    def waiting(self) -> int:
        """How many writes have been asked for and are not committed yet."""
        return self._waiting

    @property
    def trouble(self) -> str:
        """What keeps the database from being written, for the operator; "" if nothing does."""
        return "" if self._writer is None else self._writer.trouble

    @property
    def pace(self) -> Pace:
        """How fast writes are committed."""
        return Pace() if self._writer is None else self._writer.pace

    async def open(self) -> None:
        """Connect and start.

        Raises DatabaseError, for the operator, if that cannot be, or was never migrated. It may
        be tried again.
        """
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._pool, self._connect)
        except DatabaseError:
            await loop.run_in_executor(None, self._dispose)
            raise
        except sa.exc.SQLAlchemyError as error:
            await loop.run_in_executor(None, self._dispose)
            raise DatabaseError(explain(error, self.url)) from error
        self._loop = loop

    def write(
        self, work: Callable[[sa.Connection], T], *, patient: bool = False
    ) -> asyncio.Future[T]:
        """Have `work` done in the next transaction; the future is done once that is committed.

        To be called on the event loop; returns at once. `work` runs on the writer's thread, after
        all that was asked for before, and again if its transaction has to be repeated, so it must
        change nothing but the database. What it raises is the future's, and undoes nothing of
        others. Futures of one transaction are done in the order of their calls.

        The future raises DatabaseError if the database cannot take it (a full disk), unless it is
        `patient`: then it waits for that. While the database is locked or out of reach, all writes
        wait for `WAITED_OUT` seconds, as that may pass. More than `MOST_WAITING` are refused.
        """
        return self._put(None, work, patient)

    def write_grouped(
        self,
        group: Callable[[sa.Connection, Sequence[Item]], Sequence[T]],
        item: Item,
        *,
        patient: bool = False,
    ) -> asyncio.Future[T]:
        """As `write`, for work that is cheaper done for many at once.

        `group`, a function of a module, is given the items of all calls that follow one another
        and returns a result for each. If it raises, it is called again with one item at a time.
        """
        return self._put(group, item, patient)

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """What `work` returns, run on a reader's thread in one read-only transaction.

        All statements of it see the same state, with all writes whose futures were done. Raises
        DatabaseError if the database is out of reach, and has been for `PATIENCE` seconds.
        """
        loop = self._running()
        return await loop.run_in_executor(self._pool, self._read, work)

    def read_now(self, work: Callable[[sa.Connection], T]) -> T:
        """As `read`, for an API that is not awaited. Blocks."""
        self._running()
        return self._read(work)

    async def drained(self, below: int = 0) -> None:
        """Return when at most `below` writes wait."""
        if self._waiting > below:
            done = self._running().create_future()
            self._drained.append((below, done))
            await done

    async def shrink(self) -> None:
        """Have the connection that writes forget the pages that it keeps in memory."""
        if self.url.get_backend_name() == "sqlite":
            await self.write(lambda conn: conn.exec_driver_sql("PRAGMA shrink_memory").close())

    async def close(self) -> None:
        """Commit everything that waits, then end. Does nothing if it is not open."""
        if self._loop is None:
            return
        assert self._writer is not None
        loop, self._loop = self._loop, None
        await loop.run_in_executor(None, self._writer.finish)
        await loop.run_in_executor(None, self._pool.shutdown)
        await loop.run_in_executor(None, self._dispose)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise DatabaseError("The database is closed.")
        return self._loop

    def _put(
        self, group: Callable[..., Any] | None, item: Any, patient: bool
    ) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self._loop is None or self._writer is None:
            future.set_exception(DatabaseError("The database is closed."))
        elif self._waiting >= MOST_WAITING:
            why = self.trouble or "The database is too slow for what is to be written."
            future.set_exception(DatabaseError(why))
        else:
            self._waiting += 1
            self._writer.put(Job(group, item, future, patient))
        return future

    def _committed(self, jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
        """On the writer's thread: hand the outcomes over to the loop."""
        loop = jobs[0].future.get_loop()
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._complete, jobs, outcomes)

    def _complete(self, jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
        self._waiting -= len(jobs)
        for job, (result, error) in zip(jobs, outcomes, strict=True):
            if job.future.done():  # nobody waits any more
                continue
            if error is None:
                job.future.set_result(result)
            else:
                job.future.set_exception(error)
        for entry in tuple(self._drained):
            below, done = entry
            if self._waiting <= below:
                self._drained.remove(entry)
                if not done.done():
                    done.set_result(None)

    def _read(self, work: Callable[[sa.Connection], T]) -> T:
        assert self._read_engine is not None
        while True:
            try:
                with self._read_engine.begin() as conn:
                    result = work(conn)
            except sa.exc.DBAPIError as error:
                fault = fault_of(error)
                if fault is None:
                    raise
                now = time.monotonic()
                since = self._unread_since = self._unread_since or now
                if fault is Fault.LASTING or now - since > PATIENCE:
                    raise DatabaseError(explain(error, self.url)) from error
                time.sleep(FIRST_PAUSE)
            else:
                self._unread_since = None
                return result

    def _connect(self) -> None:
        self._write_engine = engine_for(self.url, connections=1, durable=self._durable)
        self._read_engine = engine_for(self.url, connections=self.readers, reading=True)
        with self._write_engine.begin() as conn:
            if not sa.inspect(conn).has_table(VERSION_TABLE):
                raise DatabaseError(f"The database {self.url!r} is not set up: `sluice migrate`.")
            nothing = sa.delete(sa.table(VERSION_TABLE)).where(sa.false())
            conn.execute(nothing)  # fails all the same where nothing can be written
        with self._read_engine.begin() as conn:
            conn.exec_driver_sql("SELECT 1")
        self._writer = Writer(self._write_engine, self._committed, self.courtesy)
        self._writer.start()

    def _dispose(self) -> None:
        for engine in (self._write_engine, self._read_engine):
            if engine is not None:
                engine.dispose()
