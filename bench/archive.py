"""How the archive's speed depends on its length: the store alone, in one database.

Text is made of words as often as languages use them: the n-th word about once in 10 n words.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tqdm import tqdm

from gateway.archive import Archive, NewEntry, Query, StanzaId
from gateway.archive.append import append_all
from gateway.database import Database
from gateway.database.engine import engine_for, parse
from gateway.migrate import migrate
from legacy_backend.terms import MessageId

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
BATCH = 5000
RUNS = 200
"""Times that each read is done, each time somewhere else."""

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
EVERY = timedelta(seconds=20)
AUTHORS = 300


class Talk:
    """What is said in `rooms` rooms, the same each time."""

    def __init__(self, rooms: int) -> None:
        self.rooms = rooms
        self._random = random.Random(1)
        letters = "etaoinshrdlucmfwypvbgkjqxz"
        weights = [26 / (i + 4) for i in range(26)]
        made = (
            "".join(self._random.choices(letters, weights, k=self._random.randint(2, 9)))
            for _ in range(50_000)
        )
        self.words = list(dict.fromkeys(made))
        self._frequencies = list(itertools.accumulate(1 / (i + 3) for i in range(len(self.words))))
        self._authors = list(itertools.accumulate(1 / (i + 3) for i in range(AUTHORS)))

    def entry(self, number: int) -> NewEntry:
        length = self._random.randint(3, 17)
        body = " ".join(self._random.choices(self.words, cum_weights=self._frequencies, k=length))
        author = self._random.choices(range(AUTHORS), cum_weights=self._authors)[0]
        id = stanza_id(number)
        return NewEntry(
            stanza_id=id,
            message_id=id,
            at=BEGIN + number * EVERY,
            nick=f"nick {author}",
            author=f"member-{author}",
            stanza=(
                f'<message from="room@groups.example.org/nick {author}" type="groupchat" id="{id}">'
                f'<body>{body}</body><markable xmlns="urn:xmpp:chat-markers:0"/>'
                f'<occupant-id xmlns="urn:xmpp:occupant-id:0" id="{author:032}"/>'
                f'<stanza-id xmlns="urn:xmpp:sid:0" id="{id}" by="room@groups.example.org"/>'
                "</message>"
            ),
            legacy_id=MessageId(f"${number:012}"),
            body=body,
        )

    def room(self, number: int) -> int:
        return number % self.rooms + 1


def stanza_id(number: int) -> StanzaId:
    return StanzaId(f"{(number * 2654435761) % (1 << 32):08x}{number:08x}")


@dataclass(frozen=True)
class Figure:
    """One operation at one size; times in milliseconds."""

    operation: str
    messages: int
    median: float
    p99: float


async def run(kind: str, most: int, rooms: int, folder: Path) -> list[Figure]:
    """Measure at each size up to `most` messages, in a new database of that kind in `folder`."""
    sizes = sorted({size for size in SIZES if size < most} | {most})
    with database(kind, folder) as url:
        return [figure async for figure in measure(url, sizes, rooms)]


async def measure(url: str, sizes: Sequence[int], rooms: int) -> AsyncIterator[Figure]:
    """Fill a database of that URL, made for this, and read from it at each size."""
    await asyncio.to_thread(migrate, url)
    talk = Talk(rooms)
    there = 0
    for size in sizes:
        yield await asyncio.to_thread(_fill, url, talk, there, size)
        there = size
        async with _archive(url) as archive:
            yield await _appended(archive, talk, there)
            there += BATCH
            for name, read in _reads(archive, talk, there).items():
                yield await _timed(name, size, read)


def _fill(url: str, talk: Talk, there: int, size: int) -> Figure:
    """Append, in transactions of `BATCH`, without waiting for the disk, and with much memory."""
    engine = engine_for(parse(url), connections=1, durable=False)
    if engine.dialect.name == "sqlite":
        with engine.connect() as conn:
            for pragma in ("cache_size = -2000000", "wal_autocheckpoint = 200000"):
                conn.exec_driver_sql(f"PRAGMA {pragma}")
    times = []
    for start in tqdm(range(there, size, BATCH), desc=f"filling to {size:,}", delay=1):
        numbers = range(start, min(start + BATCH, size))
        wanted = [(talk.room(number), talk.entry(number)) for number in numbers]
        began = time.perf_counter()
        with engine.begin() as conn:
            append_all(conn, wanted)
        times.append((time.perf_counter() - began) / len(wanted))
    with engine.connect() as conn:
        if conn.dialect.name == "postgresql":
            conn.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()
    last = sorted(times[-100:])
    return Figure("append, in bulk (each)", size, statistics.median(last) * 1e3, last[-1] * 1e3)


@asynccontextmanager
async def _archive(url: str) -> AsyncIterator[Archive]:
    database = await asyncio.to_thread(Database, url)
    await database.open()
    yield Archive(database)
    await database.close()


async def _appended(archive: Archive, talk: Talk, there: int) -> Figure:
    """Append as the gateway does: durably, in batches that form themselves."""
    entries = [(talk.room(n), talk.entry(n)) for n in range(there, there + BATCH)]
    began = time.perf_counter()
    futures = []
    for i, (room, entry) in enumerate(entries):
        futures.append(archive.append(room, entry))
        if i % 100 == 0:
            await asyncio.sleep(0)
    await asyncio.gather(*futures)
    each = (time.perf_counter() - began) / len(entries) * 1e3
    return Figure("append, durably (each)", there, each, each)


Read = Callable[[], Awaitable[object]]


def _reads(archive: Archive, talk: Talk, size: int) -> dict[str, Read]:
    """Each kind of read, by name, of the first room."""
    draw = random.Random(2)
    in_room = size // talk.rooms

    def some() -> int:
        """A message of the room."""
        return draw.randrange(in_room) * talk.rooms

    def page(**query: object) -> Awaitable[object]:
        return archive.page(1, Query(**query))  # type: ignore[arg-type]

    def asked(**query: Callable[[], object]) -> Read:
        return lambda: page(**{name: value() for name, value in query.items()})

    def searched(*ranks: int, form: str = "{}", **more: Callable[[], object]) -> Read:
        """Words that are about so rare."""
        return asked(
            words=lambda: form.format(" ".join(talk.words[r + draw.randrange(9)] for r in ranks)),
            backwards=lambda: True,
            count=lambda: True,
            **more,
        )

    def hours() -> dict[str, object]:
        start = BEGIN + some() * EVERY
        return {"start": start, "end": start + timedelta(hours=1) * talk.rooms, "count": True}

    return {
        "last page": asked(backwards=lambda: True, count=lambda: True),
        "page before an id": asked(
            before=lambda: stanza_id(some()), backwards=lambda: True, count=lambda: True
        ),
        "page after an id": asked(after=lambda: stanza_id(some()), count=lambda: True),
        "last page with an author": asked(
            author=lambda: f"member-{draw.randrange(9)}",
            backwards=lambda: True,
            count=lambda: True,
        ),
        "page with an author after an id": asked(
            author=lambda: f"member-{draw.randrange(9)}", after=lambda: stanza_id(some())
        ),
        "an hour": lambda: page(**hours()),
        "20 by ids": asked(ids=lambda: tuple(stanza_id(some()) for _ in range(20))),
        "metadata": lambda: archive.edges(1),
        "count": lambda: archive.count(1),
        "history": lambda: archive.history(1, limit=50),
        "search, common word": searched(0),
        "search, usual word": searched(100),
        "search, seldom word": searched(2000),
        "search, rare word": searched(30_000),
        "search, two words": searched(10, 300),
        "search, phrase": searched(0, 20, form='"{}"'),
        "search, prefix": asked(
            words=lambda: talk.words[draw.randrange(2000)][:4] + "*", backwards=lambda: True
        ),
        "search, by an author": searched(20, author=lambda: f"member-{draw.randrange(99)}"),
        "search, before an id": searched(20, before=lambda: stanza_id(some())),
    }


async def _timed(name: str, size: int, read: Read) -> Figure:
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        await read()
        times.append((time.perf_counter() - began) * 1e3)
        if sum(times) > 20_000:
            break
    times.sort()
    return Figure(name, size, statistics.median(times), times[int(len(times) * 0.99)])


@contextlib.contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new database: a file in `folder`, or in a PostgreSQL of our own."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/archive.sqlite"
        return
    from tests.postgres import Postgres, find_programs

    programs = find_programs()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed.")
    with tempfile.TemporaryDirectory(prefix="sluice-bench-pg-") as own:
        cluster = Postgres(programs, Path(own))  # as a user of its own, whom `folder` may keep out
        cluster.start(fsync=True)
        try:
            yield cluster.make()
        finally:
            cluster.stop()


def as_json(figure: Figure) -> str:
    return json.dumps({"scenario": "archive", "unit": "ms", **asdict(figure)})


def as_table(figures: list[Figure]) -> str:
    """Operations down, sizes across: median, and the 99th percentile in brackets."""
    sizes = sorted({figure.messages for figure in figures})
    rows = [["milliseconds: median (p99)", *(f"{size:,}" for size in sizes)]]
    for operation in dict.fromkeys(figure.operation for figure in figures):
        by = {f.messages: f for f in figures if f.operation == operation}
        rows.append(
            [
                operation,
                *(f"{by[s].median:.3f} ({by[s].p99:.3f})" if s in by else "" for s in sizes),
            ]
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
