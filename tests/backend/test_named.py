"""What the interface of networks has, the guide to it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from legacy_backend import LegacyAccount, LegacyBackend, events

GUIDE = (Path(__file__).parents[2] / "docs" / "backend-guide.md").read_text()
EVENTS = {
    name
    for name, value in vars(events).items()
    if isinstance(value, type) and issubclass(value, events.Event) and not value.__subclasses__()
}
CALLS = {name for cls in (LegacyAccount, LegacyBackend) for name in vars(cls) if name[0] != "_"}


@pytest.mark.parametrize("name", sorted(EVENTS | CALLS))
def test_the_guide_names_it(name: str) -> None:
    assert re.search(rf"\b{name}\b", GUIDE)
