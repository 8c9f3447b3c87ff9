"""The thread that writes: whatever waited while it committed is its next transaction."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

import sqlalchemy as sa

from gateway.database.courtesy import Courtesy
from gateway.database.faults import Fault, explain, fault_of
from gateway.database.pace import Pace
from gateway.database.receipt import Receipts
from gateway.database.sql import VERSION_TABLE
from gateway.errors import DatabaseError

log = logging.getLogger(__name__)

Outcome = tuple[Any, BaseException | None]
"""What a job returned and None, or None and what it raised."""

MOST = 5000
"""Jobs in one transaction: more would make the first of them wait for the last."""

LABOUR = 5
"""As how many of those that are done together a job counts that is done by itself."""

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0
WAITED_OUT = 3.0
"""Seconds for which all writes wait for a fault to pass; from then on patient ones alone do."""
CLOSING = 5.0
"""Seconds for which a fault is still waited out once everything is to end."""


class Job(NamedTuple):
    """One write. `group` takes the items of neighbours at once; without, `item` is the work."""

    group: Callable[[sa.Connection, Sequence[Any]], Sequence[Any]] | None
    item: Any
    future: asyncio.Future[Any]
    patient: bool = False
    """Whether it waits until the database can take it, even if that needs somebody to act."""


class Writer:
    """Commits jobs in the order they were put; tells `report` about each batch, from its thread.

    A job may run more than once, as batches are repeated after a fault; only what it does to the
    connection is undone in between. While a fault lasts, patient jobs wait in their order, and the
    others fail.
    """

    def __init__(
        self,
        engine: sa.Engine,
        report: Callable[[Sequence[Job], Sequence[Outcome]], None],
        courtesy: Courtesy,
    ) -> None:
        self.trouble = ""
        """Why writes wait at this moment, "" if they do not."""
        self._since = 0.0
        """Since when, by the monotonic clock."""
        self.pace = Pace()
        self._engine = engine
        self._report = report
        self._courtesy = courtesy
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._backlog: deque[Job] = deque()
        """Patient jobs that came while a fault lasted; before those of the queue."""
        self._closing = threading.Event()
        self._deadline = float("inf")
        self._conn: sa.Connection | None = None
        self._doubtful: tuple[str, list[Outcome]] | None = None
        """The receipt of a transaction whose COMMIT was never answered, and what it would have
        told."""
        self._receipts = Receipts()
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
            try:
                batch, going = self._next()
            except Empty:
                self._probe()
                continue
            if batch:
                self._write(batch)
        self._disconnect()

    def _next(self) -> tuple[list[Job], bool]:
        """Wait for a batch; False with the last one.

        Raises Empty if nothing has come for a while and it is time to see whether a fault is over.
        """
        batch = [self._backlog.popleft() for _ in range(min(MOST, len(self._backlog)))]
        labour = len(batch)
        try:
            while labour < MOST:
                if batch:
                    job = self._jobs.get_nowait()
                else:
                    job = self._jobs.get(timeout=LONGEST_PAUSE if self.trouble else None)
                if job is None:
                    return batch, False
                batch.append(job)
                labour += LABOUR if job.group is None else 1
        except Empty:
            if not batch:
                raise
        return batch, True

    def _write(self, batch: list[Job]) -> None:
        """Write a batch, however long it takes; raises nothing."""
        pause = FIRST_PAUSE
        while batch:
            self._courtesy.give_way()
            began = time.monotonic()
            try:
                outcomes = self._attempt(batch)
            except Exception as error:  # whatever it is, the batch hears of it
                self.pace.faults += 1
                self._fails(error)
                fault = fault_of(error)
                if fault is None or time.monotonic() >= self._deadline:
                    log.error("%d writes are lost", len(batch), exc_info=error)
                    self._give_up(batch, error)
                    return
                if fault is Fault.LASTING or time.monotonic() - self._since >= WAITED_OUT:
                    arrived = self._arrived() if any(job.patient for job in batch) else []
                    batch = self._without_impatient(batch, error)
                    self._backlog += self._patient_ones(arrived, error)
                    if not batch:
                        return
                log.debug("next attempt in %.2f s", pause)
                if self._closing.wait(pause):
                    time.sleep(FIRST_PAUSE)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                if self.trouble:
                    self._is_back()
                self.pace.took(time.monotonic() - began, len(batch))
                self._report(batch, outcomes)
                return

    def _arrived(self) -> list[Job]:
        """What was put meanwhile."""
        arrived: list[Job] = []
        with contextlib.suppress(Empty):
            while (job := self._jobs.get_nowait()) is not None:
                arrived.append(job)
            self._jobs.put(None)
        return arrived

    def _fails(self, error: Exception) -> None:
        """Note a fault; the first of those that follow one another is logged."""
        self._disconnect()
        before, self.trouble = self.trouble, explain(error, self._engine.url)
        if not before:
            self._since = time.monotonic()
            log.warning("%s It is tried again until it succeeds.", self.trouble)

    def _is_back(self) -> None:
        away = time.monotonic() - self._since
        log.warning("The database can be written again, after %.1f seconds.", away)
        self.trouble = ""

    def _without_impatient(self, batch: list[Job], error: Exception) -> list[Job]:
        """As `_patient_ones`, of a batch whose COMMIT may not have been answered."""
        doubtful = self._doubtful
        patient = self._patient_ones(batch, error)
        if doubtful is not None and patient:
            receipt, outcomes = doubtful
            kept = [told for job, told in zip(batch, outcomes, strict=True) if job.patient]
            self._doubtful = receipt, kept
        return patient

    def _patient_ones(self, jobs: list[Job], error: Exception) -> list[Job]:
        """Fail the others."""
        self._give_up([job for job in jobs if not job.patient], error)
        return [job for job in jobs if job.patient]

    def _give_up(self, jobs: Sequence[Job], error: Exception) -> None:
        if not jobs:
            return
        self._doubtful = None
        failure = DatabaseError(self.trouble)
        failure.__cause__ = error
        self._report(jobs, [(None, failure)] * len(jobs))

    def _probe(self) -> None:
        """Write what changes nothing, to see whether the fault is over."""
        try:
            if self._conn is None:
                self._conn = self._engine.connect()
            with self._conn.begin():
                self._conn.execute(_PROBE)
        except Exception as error:  # noqa: BLE001  it is not over
            self._fails(error)
        else:
            self._is_back()

    def _attempt(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """Write a batch in one transaction. Raises what is no single job's fault."""
        if self._conn is None:
            self._conn = self._engine.connect()
        if self._doubtful is not None:
            receipt, outcomes = self._doubtful
            if self._receipts.has(self._conn, receipt):
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
            receipt = self._receipts.leave(conn)
            self._doubtful = (receipt, outcomes) if receipt else None
        self._doubtful = None
        return outcomes

    def _disconnect(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            try:
                conn.close()
            except sa.exc.DBAPIError:
                conn.invalidate()


_version = sa.table(VERSION_TABLE, sa.column("version_num"))
_PROBE = sa.update(_version).values(version_num=_version.c.version_num)


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
