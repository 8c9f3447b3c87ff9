"""The thread that writes: whatever waited while it committed is its next transaction."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from queue import Empty, SimpleQueue
from typing import Any

import sqlalchemy as sa

from gateway.database.faults import Fault, explain, fault_of
from gateway.errors import DatabaseError

log = logging.getLogger(__name__)

Outcome = tuple[Any, BaseException | None]
"""What a job returned and None, or None and what it raised."""

MOST = 5000
"""Jobs in one transaction: more would make the first of them wait for the last."""

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0
CLOSING = 5.0
"""Seconds for which a fault is still waited out once everything is to end."""


@dataclass(frozen=True, slots=True)
class Job:
    """One write. `group` takes the items of neighbours at once; without, `item` is the work."""

    group: Callable[[sa.Connection, Sequence[Any]], Sequence[Any]] | None
    item: Any
    future: asyncio.Future[Any]


class Writer:
    """Commits jobs in the order they were put; tells `report` about each batch, from its thread.

    A job may run more than once, as batches are repeated after a fault; only what it does to the
    connection is undone in between.
    """

    def __init__(
        self, engine: sa.Engine, report: Callable[[Sequence[Job], Sequence[Outcome]], None]
    ) -> None:
        self.trouble = ""
        """Why writes wait at this moment, "" if they do not."""
        self._engine = engine
        self._report = report
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._closing = threading.Event()
        self._deadline = float("inf")
        self._conn: sa.Connection | None = None
        self._doubtful: tuple[str, list[Outcome]] | None = None
        """A transaction whose COMMIT was sent and never answered, and what it would have told."""
        self._thread = threading.Thread(target=self._run, name="database-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, job: Job) -> None:
        self._jobs.put(job)

    def finish(self) -> None:
        """Commit what was put, then end. Blocks; at most `CLOSING` seconds while faults last."""
        self._deadline = time.monotonic() + CLOSING
        self._closing.set()
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            batch: list[Job] = []
            job = self._jobs.get()
            try:
                while job is not None:
                    batch.append(job)
                    if len(batch) == MOST:
                        break
                    job = self._jobs.get_nowait()
                else:
                    going = False
            except Empty:
                pass
            if batch:
                self._report(batch, self._commit(batch))
        self._disconnect()

    def _commit(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """Write a batch, however long it takes; raises nothing."""
        pause = FIRST_PAUSE
        while True:
            try:
                outcomes = self._attempt(batch)
            except Exception as error:  # noqa: BLE001  whatever it is, the batch hears of it
                self._disconnect()
                ending = time.monotonic() >= self._deadline
                if ending or fault_of(error) is not Fault.PASSING:
                    return self._give_up(batch, error)
                self.trouble = explain(error, self._engine.url)
                log.warning("%s Next attempt in %.2f s.", self.trouble, pause)
                if self._closing.wait(pause):
                    time.sleep(FIRST_PAUSE)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self.trouble = ""
                return outcomes

    def _give_up(self, batch: Sequence[Job], error: Exception) -> Sequence[Outcome]:
        self._doubtful = None
        self.trouble = explain(error, self._engine.url)
        log.error("%d writes are lost. %s", len(batch), self.trouble)
        failure = DatabaseError(self.trouble)
        failure.__cause__ = error
        return [(None, failure)] * len(batch)

    def _attempt(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """Write a batch in one transaction. Raises what is no single job's fault."""
        if self._conn is None:
            self._conn = self._engine.connect()
        if self._doubtful is not None:
            ticket, outcomes = self._doubtful
            if _was_committed(self._conn, ticket):
                self._doubtful = None
                return outcomes
        try:
            return self._transaction(self._conn, batch, _together)
        except Exception as error:
            if fault_of(error) is not None:
                raise
        return self._transaction(self._conn, batch, _one_by_one)

    def _transaction(
        self,
        conn: sa.Connection,
        batch: Sequence[Job],
        run: Callable[[sa.Connection, Sequence[Job]], list[Outcome]],
    ) -> list[Outcome]:
        self._doubtful = None
        with conn.begin():
            outcomes = run(conn, batch)
            ticket = _ticket(conn)
            self._doubtful = (ticket, outcomes) if ticket else None
        self._doubtful = None
        return outcomes

    def _disconnect(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            try:
                conn.close()
            except sa.exc.DBAPIError:
                conn.invalidate()


def _together(conn: sa.Connection, batch: Sequence[Job]) -> list[Outcome]:
    results: list[Any] = []
    for group, jobs in groupby(batch, key=attrgetter("group")):
        if group is None:
            results.extend(job.item(conn) for job in jobs)
        else:
            results.extend(group(conn, [job.item for job in jobs]))
    return [(result, None) for result in results]


def _one_by_one(conn: sa.Connection, batch: Sequence[Job]) -> list[Outcome]:
    """Write what can be written; the others are undone and report what they raised."""
    outcomes: list[Outcome] = []
    for job in batch:
        try:
            with conn.begin_nested():
                outcomes += _together(conn, [job])
        except Exception as error:
            if fault_of(error) is not None:
                raise
            outcomes.append((None, error))
    return outcomes


def _ticket(conn: sa.Connection) -> str:
    """What to ask about this transaction by, should its COMMIT get no answer; "" if it cannot."""
    if conn.dialect.name != "postgresql":
        return ""
    return conn.exec_driver_sql("SELECT pg_current_xact_id_if_assigned()::text").scalar() or ""


def _was_committed(conn: sa.Connection, ticket: str) -> bool:
    """Whether a transaction got through. Repeating it would find its own rows as another's."""
    with conn.begin():
        ask = sa.text("SELECT pg_xact_status(CAST(:ticket AS xid8))")
        return bool(conn.scalar(ask, {"ticket": ticket}) == "committed")
