"""Put what was measured on the screen, or out as JSON."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.scenarios.base import Metric

OURS = "sluice"


@dataclass(frozen=True)
class Result:
    """All values of one metric, by engine; an engine that failed has none.

    `notes` are on the whole scenario.
    """

    scenario: str
    metric: Metric
    values: Mapping[str, Sequence[float]]
    notes: Sequence[str] = ()

    def median(self, engine: str) -> float | None:
        values = self.values.get(engine)
        return statistics.median(values) if values else None

    def ratio(self, peer: str) -> float | None:
        """How many times better Sluice is; None if either has no value."""
        ours, theirs = self.median(OURS), self.median(peer)
        if ours is None or theirs is None:
            return None
        better, worse = (ours, theirs) if self.metric.more else (theirs, ours)
        return better / worse if worse > 0 and better >= 0 else None


def as_json(result: Result, peer: str) -> str:
    def rounded(value: float | None) -> float | None:
        return None if value is None else float(f"{value:.4g}")

    return json.dumps(
        {
            "scenario": result.scenario,
            "metric": result.metric.name,
            "unit": result.metric.unit,
            "sluice": rounded(result.median(OURS)),
            "peer": rounded(result.median(peer)),
            "ratio": rounded(result.ratio(peer)),
            "runs": {e: [rounded(v) for v in vs] for e, vs in result.values.items()},
            "notes": list(result.notes),
        }
    )


def as_table(results: Sequence[Result], peer: str) -> str:
    """Lines of aligned columns: medians, with the smallest and greatest value behind."""
    rows = [("", "unit", peer, "(min-max)", OURS, "(min-max)", "ratio")]
    for result in results:
        ratio = result.ratio(peer)
        rows.append(
            (
                f"{result.scenario}: {result.metric.name}",
                result.metric.unit,
                *_median_and_spread(result, peer),
                *_median_and_spread(result, OURS),
                "-" if ratio is None else f"{_number(ratio)} x",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _median_and_spread(result: Result, engine: str) -> tuple[str, str]:
    median = result.median(engine)
    if median is None:
        return "-", ""
    values = result.values[engine]
    if len(values) == 1:
        return _number(median), ""
    return _number(median), f"({_number(min(values))}-{_number(max(values))})"


def _number(value: float) -> str:
    """Three figures, and no more than are known."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 10 else f"{value:.1f}"
