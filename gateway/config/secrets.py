"""Secrets that stand in the environment, or in a file of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out about a secret."""

    value: Any = None
    """None if it was given nowhere, or cannot be had."""
    wrong: str = ""
    """Goes on from the name of the setting `key`; "" if nothing is wrong."""
    key: str = ""
    """The key of the section that `wrong` is about, which may be the one for a file."""


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    value: Any
    key: str
    holds_path: bool


def variable(section: str, key: str) -> str:
    """The environment variable of a setting: SLUICE_XMPP_SECRET."""
    return f"SLUICE_{section}_{key}".replace(".", "_").replace("-", "_").upper()


def find(
    section: str, key: str, table: Mapping[str, Any], env: Mapping[str, str], folder: Path
) -> Found:
    """Read the secret `key` from the one place that has it.

    The places are `key` and `key_file` of `table`, the environment variable, and the one of that
    name with _FILE. Empty is as good as absent. Paths are relative to `folder`.
    """
    name, in_file = variable(section, key), f"{key}_file"
    places = (
        _Place(f"{section}.{key}", table.get(key), key, False),
        _Place(f"{section}.{in_file}", table.get(in_file), in_file, True),
        _Place(f"{name} of the environment", env.get(name), key, False),
        _Place(f"{name}_FILE of the environment", env.get(f"{name}_FILE"), key, True),
    )
    given = [place for place in places if place.value not in (None, "")]
    if not given:
        return Found(key=key)
    first, *more = given
    if more:
        listed = " and ".join(place.name for place in given)
        return Found(wrong=f"is given more than once: by {listed}; keep one", key=first.key)
    if not first.holds_path:
        return Found(first.value, key=key)
    if not isinstance(first.value, str):
        return Found(wrong="is the path of a file, in quotes", key=first.key)
    return _read(folder / Path(first.value).expanduser(), first)


def _read(path: Path, place: _Place) -> Found:
    try:
        text = path.read_text("utf-8").rstrip("\r\n")
    except OSError as error:
        why = error.strerror or str(error)
    except ValueError:
        why = "that is no text in UTF-8"
    else:
        if text:
            return Found(text, key=place.key)
        why = "it is empty"
    by = "" if place.name.endswith(place.key) else f", which {place.name} names"
    return Found(wrong=f"cannot be read from {path}{by}: {why}", key=place.key)
