"""Which versions of slidge this works with."""

from __future__ import annotations

from importlib import metadata

from gateway.errors import ConfigError

TESTED = ("0.4.2", "0.5")
"""The versions that the tests have run with: from the first, before the second."""


def require_tested() -> None:
    """Raise ConfigError unless the slidge that is installed was tested with this. Imports none of
    it: another version may fail at that already."""
    try:
        version = metadata.version("slidge")
    except metadata.PackageNotFoundError:
        version = "of an unknown version"
    if not _numbers(TESTED[0]) <= _numbers(version) < _numbers(TESTED[1]):
        wrong = f"slidge {version} is installed, with which Sluice was not tested"
        raise ConfigError([f"{wrong}: install {TESTED[0]} or later, before {TESTED[1]}"])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())
