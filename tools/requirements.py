"""Which rows of the requirement documents neither a test shows nor docs/conformance.md excludes.

Run as `python tools/requirements.py`: prints such rows, and ids that no document has; exits 1 if
there are any. A test shows a row by a call of `requirement` with its id: the mark of pytest, or
the decorator of the conformance suite.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
SHOWING = ("tests", "conformance")
"""The folders whose files show rows."""
ROW = re.compile(r"^\| ([A-Z]+-\d+) \| (.*?) \|", re.MULTILINE)


def rows() -> dict[str, str]:
    """Every row of the requirement documents: id → what is required."""
    found: dict[str, str] = {}
    for document in sorted((HERE / "docs" / "requirements").glob("*.md")):
        for id, text in ROW.findall(document.read_text("utf-8")):
            if id in found:
                raise SystemExit(f"{document.name}: {id} is there twice")
            found[id] = text
    return found


def excluded() -> set[str]:
    """The ids that docs/conformance.md lists as not applicable."""
    text = (HERE / "docs" / "conformance.md").read_text("utf-8")
    _, _, section = text.partition("\n## Not applicable\n")
    return {id for id, _ in ROW.findall(section.partition("\n## ")[0])}


def shown() -> dict[str, set[str]]:
    """Every id that tests bear → the files they are in, relative to the project."""
    found: dict[str, set[str]] = {}
    for file in (path for place in SHOWING for path in (HERE / place).rglob("*.py")):
        for id in _ids(ast.parse(file.read_text("utf-8"))):
            found.setdefault(id, set()).add(str(file.relative_to(HERE)))
    return found


def problems() -> list[str]:
    """A line for everything that is amiss; none if all is well."""
    known, seen, without = rows(), shown(), excluded()
    return [
        *(f"{id}  {text}" for id, text in known.items() if id not in seen and id not in without),
        *(f"{id}  is shown by a test, and excluded" for id in sorted(without & _by_us(seen))),
        *(f"{id}  is in no document: {', '.join(seen[id])}" for id in sorted(seen.keys() - known)),
        *(f"{id}  is excluded, but in no document" for id in sorted(without - known.keys())),
    ]


def _by_us(seen: dict[str, set[str]]) -> set[str]:
    """The ids that our own tests bear: the conformance suite has rows for other services too."""
    return {id for id, files in seen.items() if any(one.startswith("tests/") for one in files)}


def _ids(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name == "requirement":
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


if __name__ == "__main__":
    found = problems()
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(bool(found))
