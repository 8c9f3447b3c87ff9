"""How the archive's speed depends on its length: the store alone, and slidge's beside it.

Archives of all sizes are open at once and read in turn, so that whatever else the machine does
falls on all of them alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.archive.figures import APPEND, PEER, Figure
from bench.archive.fill import FIRST, fill
from bench.archive.peer import Peer
from bench.archive.reads import kinds
from bench.archive.talk import Talk
from gateway.archive import Archive
from gateway.database import Database

KINDS = ("sqlite", "postgresql")
ROOMS = (1, 1000)
SIZES = (10_000, FIRST, 1_000_000, 10_000_000)
PEER_SIZES = (1_000, 10_000, FIRST)
RUNS = 200
"""Times that each read is done, each time somewhere else."""
LONG = 10.0
"""Seconds after which a kind of read is not repeated any more."""
BURST = 5000
BURSTS = 10
"""Of so many messages, in a row; what is told is the median of their paces."""
PEER_APPENDS = 50


@dataclass(frozen=True)
class Wanted:
    """What to measure: in which databases, in how many rooms, up to how many messages."""

    kinds: Sequence[str]
    rooms: Sequence[int]
    most: int
    peer: bool


async def everything(wanted: Wanted, folder: Path) -> AsyncIterator[Figure]:
    """The figures as they come; the databases are in `folder`, and are gone afterwards."""
    for rooms in wanted.rooms:
        for kind in wanted.kinds:
            with tempfile.TemporaryDirectory(dir=folder) as own:
                async for figure in ours(kind, rooms, wanted.most, Path(own)):
                    yield figure
        if wanted.peer:
            with tempfile.TemporaryDirectory(dir=folder) as own:
                for figure in peers(rooms, wanted.most, Path(own)):
                    yield figure


@dataclass
class Filled:
    """An open archive of a size."""

    size: int
    archive: Archive
    talk: Talk


def sizes(most: int) -> list[int]:
    """Up to `most`, and that; each up to `FIRST` or a multiple of it."""
    whole = max(BURST, most // FIRST * FIRST if most > FIRST else most)
    return sorted({size for size in SIZES if size < whole} | {whole})


async def ours(kind: str, rooms: int, most: int, folder: Path) -> AsyncIterator[Figure]:
    """Fill archives in databases of that kind, and measure."""
    async with contextlib.AsyncExitStack() as stack:
        make = stack.enter_context(databases(kind, folder))
        filled = []
        for size in sizes(most):
            talk = Talk(rooms)
            url = make(f"archive-{rooms}-{size}")
            fill(url, talk, size)
            database = Database(url)
            await database.open()
            stack.push_async_callback(database.close)
            filled.append(Filled(size, Archive(database), talk))
        async for figure in _reads(kind, filled):
            yield figure
        for one in filled:
            yield await _appends(kind, one)


async def _reads(kind: str, filled: Sequence[Filled]) -> AsyncIterator[Figure]:
    reads = {one.size: kinds(one.archive, one.talk, one.size) for one in filled}
    for name in reads[filled[0].size]:
        turns = {one.size: reads[one.size][name] for one in filled}
        for size, times in (await _in_turn(turns, RUNS)).items():
            yield _figure(kind, filled[0].talk.rooms, size, name, times)


async def _in_turn(
    turns: dict[int, Callable[[], Awaitable[object]]], runs: int
) -> dict[int, list[float]]:
    """Milliseconds of each."""
    times: dict[int, list[float]] = {size: [] for size in turns}
    ends = time.monotonic() + LONG * len(turns)
    for _ in range(runs):
        for size, read in turns.items():
            began = time.perf_counter()
            await read()
            times[size].append((time.perf_counter() - began) * 1e3)
        if time.monotonic() > ends:
            break
    return times


async def _appends(kind: str, one: Filled) -> Figure:
    """Append as the gateway does: durably, in batches that form themselves."""
    number, paces = one.size, []
    processor = 0.0
    for _ in range(BURSTS):
        entries = [(one.talk.room(n), one.talk.entry(n)) for n in range(number, number + BURST)]
        number += BURST
        began, used = time.perf_counter(), time.process_time()
        await asyncio.gather(*(one.archive.append(room, entry) for room, entry in entries))
        paces.append((time.perf_counter() - began) / BURST * 1e3)
        processor += time.process_time() - used
    used = processor / BURSTS / BURST * 1e3
    figure = _figure(kind, one.talk.rooms, one.size, APPEND, paces)
    return Figure(kind, figure.rooms, one.size, APPEND, figure.median, figure.p99, used)


def peers(rooms: int, most: int, folder: Path) -> Iterator[Figure]:
    """What slidge's store does, at the sizes that it can bear."""
    for size in sorted({min(size, most) for size in PEER_SIZES}):
        if size < rooms:
            continue
        peer = Peer(folder / f"slidge-{rooms}-{size}.sqlite", Talk(rooms), size)
        for name, read in peer.reads().items():
            yield _figure(PEER, rooms, size, name, _timed(read, RUNS))
        yield _figure(PEER, rooms, size, APPEND, _timed(peer.add, PEER_APPENDS))
        peer.close()


def _timed(work: Callable[[], object], runs: int) -> list[float]:
    times: list[float] = []
    while len(times) < runs and sum(times) < LONG * 1e3:
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1e3)
    return times


def _figure(store: str, rooms: int, size: int, operation: str, times: list[float]) -> Figure:
    times = sorted(times)
    high = times[min(len(times) - 1, int(len(times) * 0.99))]
    return Figure(store, rooms, size, operation, statistics.median(times), high)


@contextlib.contextmanager
def databases(kind: str, folder: Path) -> Iterator[Callable[[str], str]]:
    """Makes new databases: files in `folder`, or in a PostgreSQL of our own, and their URLs."""
    if kind == "sqlite":
        yield lambda name: f"sqlite:///{folder}/{name}.sqlite"
        return
    from tests.postgres import Postgres, find_programs

    programs = find_programs()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed.")
    with tempfile.TemporaryDirectory(prefix="sluice-bench-pg-") as own:
        cluster = Postgres(programs, Path(own))  # as a user of its own, whom `folder` may keep out
        try:
            cluster.start(fsync=True)
            yield lambda _: cluster.make()
        finally:
            cluster.stop()
