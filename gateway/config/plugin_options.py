"""The options of slidge plugins: the capitalised names of a plugin's `config` module, as slidge has
it. `NAME__DOC`, `NAME__SHORT` and `NAME__DYNAMIC_DEFAULT` tell more of an option, and are none."""

from __future__ import annotations

import importlib.util
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Any, Union

from gateway.config.text import kind_of, nearest, shown


@dataclass(frozen=True, slots=True)
class Option:
    """What a plugin says of one of its options."""

    kind: Callable[[Any], Any]
    """The type; for lists, that of each item."""
    listed: bool
    required: bool
    words: str


def find_config(plugin: str) -> ModuleType | None:
    """A copy of a plugin's `config` module; None if it has none, or that does nothing by itself.

    The plugin is not imported: that has to wait until it finds our groups. A module that wants more
    of the plugin, or of slidge's configuration, is looked at when the gateway starts.
    """
    try:
        found = importlib.util.find_spec(plugin)
        folders = (found and found.submodule_search_locations) or ()
        file = next((p for p in (Path(f) / "config.py" for f in folders) if p.is_file()), None)
        spec = file and importlib.util.spec_from_file_location(f"{plugin}.config", file)
        if not spec or spec.loader is None:
            return None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except Exception:  # noqa: BLE001  (whatever a module does while it is imported)
        return None
    return module


def options_of(config: object) -> dict[str, Option]:
    """The options of a `config` module or `Config` class, by their names in our configuration."""
    try:
        hints = typing.get_type_hints(config)
    except Exception:  # noqa: BLE001  (annotations that are nothing, seen from here)
        hints = dict(getattr(config, "__annotations__", {}))
    names = sorted(set(dir(config)) | set(hints))
    names = [n for n in names if n.isupper() and not n.startswith("_") and "__" not in n]
    return {name.lower(): _option(config, name, hints) for name in names}


def _option(config: object, name: str, hints: Mapping[str, Any]) -> Option:
    default = getattr(config, name, None)
    kind = _without_none(hints.get(name, type(default)))
    listed = typing.get_origin(kind) in (tuple, list) or kind in (tuple, list)
    if listed:
        kind = (typing.get_args(kind) or (str,))[0]
    return Option(
        kind=str if kind is NoneType or not callable(kind) else kind,
        listed=listed,
        required=not (hasattr(config, name) or hasattr(config, f"{name}__DYNAMIC_DEFAULT")),
        words=str(getattr(config, f"{name}__DOC", "the plugin cannot do without")),
    )


def _without_none(kind: Any) -> Any:
    if typing.get_origin(kind) in (Union, UnionType):
        return next((part for part in typing.get_args(kind) if part is not NoneType), str)
    return kind


def settle(
    given: Mapping[str, Any], config: object
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """What is to be set in `config`, by its names there, and what is wrong: (option, words).

    The words go on from the option's name.
    """
    known = options_of(config)
    settled: dict[str, Any] = {}
    wrong: list[tuple[str, str]] = []
    for key, value in given.items():
        name = key.lower().replace("-", "_")
        if name not in known:
            names = ", ".join(known) or "none at all"
            guess = nearest(name, known)
            wrong.append((key, f"is not an option of this plugin; these are: {names}{guess}"))
            continue
        try:
            settled[name.upper()] = _converted(value, known[name])
        except ValueError as no:
            wrong.append((key, str(no)))
    missing = (n for n, option in known.items() if option.required and n.upper() not in settled)
    told = {key.lower().replace("-", "_") for key, _ in wrong}
    wrong += [(name, f"is missing: {known[name].words}") for name in missing if name not in told]
    return settled, wrong


def _converted(value: Any, option: Option) -> Any:
    """Raises ValueError with words that go on from the option's name."""
    if not option.listed:
        return _one(value, option.kind)
    if not isinstance(value, list):
        raise ValueError(f"is {kind_of(list)}, not {shown(value)}")
    return [_one(item, option.kind) for item in value]


def _one(value: Any, kind: Any) -> Any:
    exact = (bool, int, float, str)
    if type(value) is kind:
        return value
    if kind is float and type(value) is int:
        return float(value)
    if kind in exact or not isinstance(value, str):
        raise ValueError(f"is {kind_of(kind if kind in exact else str)}, not {shown(value)}")
    try:
        return kind(value)  # a path, an address: as slidge makes them of its command line
    except Exception as no:
        raise ValueError(f"is not right: {no}") from no
