"""The words that problems are made of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

_KINDS: dict[type, str] = {
    str: "text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a table",
    list: 'a list, such as ["one", "two"]',
}


def kind_of(kind: type) -> str:
    """What a value of a type looks like in the file."""
    return _KINDS.get(kind, f"a {kind.__name__}")


def shown(value: Any) -> str:
    """A value much as it stands in the file, cut if it is long."""
    if isinstance(value, dict):
        return "a table"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…" + text[-1]


def nearest(name: str, names: Iterable[str]) -> str:
    """A question whether `name` is a slip for one of `names`; "" where none is near."""
    found = get_close_matches(name.lower(), list(names), n=1, cutoff=0.6)
    return f". Did you mean {found[0]}?" if found else ""
