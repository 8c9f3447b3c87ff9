"""What several services made of the suite, as a table in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.run import Outcome, Verdict

BEGIN, END = "<!-- table:begin -->", "<!-- table:end -->"


def of_rows(found: Sequence[Outcome]) -> dict[str, Verdict]:
    """What a service made of each row: a fail if any of its scenarios failed.

    A row is not offered if that holds for all of them.
    """
    rows: dict[str, Verdict] = {}
    for outcome in found:
        for row in outcome.scenario.rows:
            seen = {outcome.verdict, rows.get(row, Verdict.NOT_OFFERED)}
            rows[row] = next(one for one in Verdict.by_weight() if one in seen)
    return rows


def table(services: Mapping[str, Sequence[Outcome]]) -> str:
    """A line for each row, a column for each service, and the sums."""
    columns = [of_rows(found) for found in services.values()]
    ids = sorted({id for column in columns for id in column}, key=_by_number)
    lines = [_line("row", *services), _line(*["---"] * (len(services) + 1))]
    lines += [_line(id, *(column.get(id, "") for column in columns)) for id in ids]
    for verdict in Verdict:
        numbers = [list(column.values()).count(verdict) for column in columns]
        lines.append(_line(f"**{verdict}**", *(f"**{number}**" for number in numbers)))
    return "\n".join(lines)


def written_into(document: str, text: str) -> str:
    """The document with `text` between the marks. Raises ValueError without them."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document lacks {BEGIN} and {END}")
    return f"{before}{begin}\n{text}\n{end}{after}"


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _by_number(id: str) -> tuple[str, int]:
    letters, _, number = id.partition("-")
    return letters, int(number)
