"""Imports point from wire to handle to state; archive and backend stand apart."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

MAY_NOT_IMPORT = {
    "legacy_backend": ("gateway",),
    "gateway/room": ("slidge", "slixmpp.xmlstream", "sqlalchemy", "asyncio", "gateway.muc"),
    "gateway/archive": ("slidge", "slixmpp", "gateway.room", "gateway.group", "gateway.muc"),
    "gateway/group": ("gateway.muc", "gateway.presence"),
    "gateway/upkeep": ("slidge", "slixmpp", "gateway.muc", "gateway.cli", "gateway.commands"),
    "conformance": ("gateway", "legacy_backend", "slidge", "demo", "bench", "tests"),
}

KNOW_BACKENDS = ("gateway/bridge", "gateway/cli", "gateway/config")
"""The bridge turns backends into rooms; command line and configuration find them by name.

Everything else of `gateway` sees the terms they speak in only.
"""

TERMS = "legacy_backend.terms"


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of each thing that a file imports, wherever in it and in whatever way."""
    yield from imported(path.read_text(), path.relative_to(ROOT))


def imported(text: str, place: Path) -> Iterator[tuple[int, str]]:
    """As `imports`, of the text of a file that is at `place` in the checkout."""
    package = place.with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import():
                for alias in node.names:
                    yield node.lineno, alias.name
            case ast.ImportFrom():
                above = package[: len(package) - node.level + 1] if node.level else ()
                module = ".".join([*above, *filter(None, [node.module])])
                for alias in node.names:
                    yield node.lineno, f"{module}.{alias.name}"


def within(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


@pytest.mark.parametrize("folder", MAY_NOT_IMPORT)
def test_no_layer_imports_one_above_it(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sources(folder)
        for line, name in imports(path)
        if any(within(name, module) for module in MAY_NOT_IMPORT[folder])
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_bridge_knows_what_a_backend_looks_like() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sources("gateway")
        if not str(path.relative_to(ROOT)).startswith(KNOW_BACKENDS)
        for line, name in imports(path)
        if within(name, "legacy_backend") and not within(name, TERMS)
    ]
    assert not wrong, "\n".join(wrong)


def test_each_layer_has_files() -> None:
    assert [folder for folder in MAY_NOT_IMPORT if not sources(folder)] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import gateway.muc", "gateway.muc"),
        ("from gateway import muc", "gateway.muc"),
        ("from .. import muc", "gateway.muc"),
        ("from ..muc import kick", "gateway.muc.kick"),
        ("from .rules import kick", "gateway.room.rules.kick"),
        ("def f():\n    import asyncio", "asyncio"),
        ("if TYPE_CHECKING:\n    import slidge", "slidge"),
    ],
)
def test_every_way_to_import_is_seen(text: str, name: str) -> None:
    assert [found for _, found in imported(text, Path("gateway/room/kick.py"))] == [name]
