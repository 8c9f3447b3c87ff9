"""Which networks there are, by name, and what their options want."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from gateway.config.text import kind_of, nearest, shown
from gateway.config.values import anchored_url
from legacy_backend.api import LegacyBackend

GROUP = "sluice.backends"
"""The entry-point group in which other packages announce their networks."""

BUILT_IN = {
    "webchat": "legacy_backend.webchat:WebChatBackend",
    "xmpp": "legacy_backend.xmpp.backend:XmppBackend",
}

_SECRET = re.compile(r"(^|_)(password|passphrase|secret|token|key)$")


class NoSuchNetwork(ValueError):
    """A network cannot be had; the words go on from the setting's name."""


def known() -> dict[str, str]:
    """Every network that is installed: name → module:Class."""
    found = {entry.name: entry.value for entry in entry_points(group=GROUP)}
    return BUILT_IN | found


def backend_class(name: str) -> type[LegacyBackend]:
    """The class of a network, by name or as module:Class. Imports it, and does nothing else.

    Raises NoSuchNetwork.
    """
    place = name if ":" in name else known().get(name)
    if place is None:
        names = ", ".join(sorted(known()))
        raise NoSuchNetwork(
            f"is no network that is installed: {shown(name)}; these are: {names} "
            f"(or module:Class){nearest(name, known())}"
        )
    module, _, attribute = place.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except Exception as wrong:  # whatever a module does while it is imported
        raise NoSuchNetwork(f"is {shown(name)}, which cannot be loaded: {wrong}") from wrong
    if not (isinstance(found, type) and issubclass(found, LegacyBackend)):
        raise NoSuchNetwork(f"is not a network: {place} is no LegacyBackend")
    return found


def check_plugin(module: str) -> None:
    """Raise NoSuchNetwork unless a module of this name is installed. Does not import it."""
    try:
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError, AttributeError):
        found = None
    if found is None:
        raise NoSuchNetwork(f"is not installed: there is no module {shown(module)}")


def is_secret(option: str, default: Any = "") -> bool:
    """Whether an option is not for every eye: its name ends in token, password, …, or it is the
    URL of a database, by its default."""
    is_database = isinstance(default, str) and default.startswith("sqlite:")
    return is_database or _SECRET.search(option.lower()) is not None


def complete(
    options: Mapping[str, Any], backend: type[LegacyBackend], folder: Path
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """All options of a network, defaults filled in, and what is wrong: (option, words).

    The words go on from the option's name. An option whose default is None has to be given.
    SQLite files are relative to `folder`, as everywhere in the configuration.
    """
    wrong: list[tuple[str, str]] = []
    full: dict[str, Any] = {}
    for name in options.keys() - backend.OPTIONS.keys():
        names = ", ".join(backend.OPTIONS) or "none at all"
        guess = nearest(name, backend.OPTIONS)
        wrong.append((name, f"is not a setting of this network; these are: {names}{guess}"))
    for name, (kind, default, words) in backend.OPTIONS.items():
        value = options.get(name, default)
        if value is None:
            wrong.append((name, f"is missing: {words}"))
        elif type(value) is not kind:
            hidden = "this" if is_secret(name, default) else shown(value)
            wrong.append((name, f"is {kind_of(kind)}, not {hidden}"))
        elif isinstance(value, str) and value.startswith("sqlite:"):
            value = anchored_url(value, folder)
        full[name] = value
    if not wrong:
        wrong.extend(backend.problems(full))
    return full, wrong


def free_options(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the options of a slidge plugin, of which only the types are known."""
    for name, value in options.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str | int | float) for one in values):
            yield name, f"is text, a number, true, false or a list of these, not {shown(value)}"
