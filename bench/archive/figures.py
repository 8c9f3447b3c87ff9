"""What was measured of archives, on the screen or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

PEER = "slidge"
APPEND = "append, each"


@dataclass(frozen=True)
class Figure:
    """One operation on one archive, in milliseconds."""

    store: str
    """Ours in SQLite or PostgreSQL, or slidge's."""
    rooms: int
    messages: int
    operation: str
    median: float
    p99: float
    processor: float | None = None
    """Of the processor's time, what all threads of this process used for one."""


@dataclass(frozen=True)
class Ratio:
    """How many times faster ours is than slidge's with as many messages."""

    store: str
    rooms: int
    messages: int
    operation: str
    ours: float
    peer: float
    ratio: float


def ratios(figures: Sequence[Figure]) -> list[Ratio]:
    """Of all that both do, by the medians."""
    peers = {(f.rooms, f.messages, f.operation): f.median for f in figures if f.store == PEER}
    return [
        Ratio(f.store, *key, f.median, peers[key], peers[key] / f.median)
        for f in figures
        if f.store != PEER and (key := (f.rooms, f.messages, f.operation)) in peers
    ]


def as_json(told: Figure | Ratio) -> str:
    values = {
        name: float(f"{value:.4g}") if isinstance(value, float) else value
        for name, value in asdict(told).items()
        if value is not None
    }
    return json.dumps({"scenario": "archive", "unit": "ms", **values})


def as_tables(figures: Sequence[Figure]) -> str:
    """Tables for each store and number of rooms: operations down, sizes across."""
    tables = []
    for store, rooms in dict.fromkeys((f.store, f.rooms) for f in figures):
        some = [f for f in figures if (f.store, f.rooms) == (store, rooms)]
        where = f"{store}, {rooms:,} room{'s' if rooms > 1 else ''}"
        tables.append(_table(f"{where}: ms, median (p99)", some, _times))
        appends = [f for f in some if f.operation == APPEND]
        tables.append(_table(f"{where}: messages per second", appends, _pace))
    for store, rooms in dict.fromkeys((r.store, r.rooms) for r in ratios(figures)):
        some_ratios = [r for r in ratios(figures) if (r.store, r.rooms) == (store, rooms)]
        title = f"{store}, {rooms:,} room{'s' if rooms > 1 else ''}: times as fast as slidge"
        tables.append(_table(title, some_ratios, lambda ratio: f"{ratio.ratio:,.1f}"))
    return "\n\n".join(tables)


def _times(figure: Figure) -> str:
    return f"{figure.median:.3f} ({figure.p99:.3f})"


def _pace(figure: Figure) -> str:
    paced = f"{1000 / figure.median:,.0f}"
    return paced if figure.processor is None else f"{paced} ({figure.processor * 1000:.0f} µs cpu)"


def _table(title: str, told: Sequence[Figure | Ratio], shown: Callable[[Any], str]) -> str:
    sizes = sorted({one.messages for one in told})
    cells = {(one.operation, one.messages): shown(one) for one in told}
    rows = [
        [title, *(f"{size:,}" for size in sizes)],
        *(
            [operation, *(cells.get((operation, size), "") for size in sizes)]
            for operation in dict.fromkeys(operation for operation, _ in cells)
        ),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
