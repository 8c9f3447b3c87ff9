"""What commands print: tables for people, JSON for programs, progress for those who wait."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from gateway.upkeep import Progress


def print_rows(rows: Sequence[dict[str, Any]], *, as_json: bool, none: str) -> None:
    """Print what has the same keys throughout; `none` says to a person that there is nothing."""
    if as_json:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
    elif rows:
        _print_table(rows)
    else:
        print(none, file=sys.stderr)


def plain(value: Any) -> str:
    """A value for a terminal: what came from others gets to give it no orders."""
    text = "-" if value is None or value == "" else str(value)
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def progress(total: int, what: str, unit: str) -> tqdm[Any]:
    """A bar on the terminal; nothing where the error output goes elsewhere."""
    hidden = not sys.stderr.isatty()
    return tqdm(total=total, desc=what, unit=unit, disable=hidden, dynamic_ncols=True)


@contextmanager
def showing(what: str, unit: str) -> Iterator[Progress]:
    """The same bar, as those want it who tell of their progress."""
    with progress(0, what, unit) as bar:

        def tell(done: int, total: int) -> None:
            bar.total = total or None
            bar.update(done - bar.n)

        yield tell


def _print_table(rows: Sequence[dict[str, Any]]) -> None:
    names = list(rows[0])
    lines = [
        [name.replace("_", " ") for name in names],
        *([plain(row[name]) for name in names] for row in rows),
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(names))]
    numbers = [all(isinstance(row[name], int) for row in rows) for name in names]
    for line in lines:
        cells = [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, numbers, strict=True)
        ]
        print("  ".join(cells).rstrip())
