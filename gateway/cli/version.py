"""sluice version"""

from __future__ import annotations

import platform
from argparse import ArgumentParser, Namespace
from importlib import metadata

from gateway.cli.exit import Exit

_PACKAGES = {
    "sluice": "sluice-gateway",
    "slidge": "slidge",
    "slixmpp": "slixmpp",
    "SQLAlchemy": "SQLAlchemy",
}


def arguments(_: ArgumentParser) -> None:
    """`sluice version` has none."""


def version(_: Namespace) -> int:
    """Print the versions of Sluice and of what it stands on."""
    for name, package in _PACKAGES.items():
        print(name, _version(package))
    print(platform.python_implementation().replace("CPython", "Python"), platform.python_version())
    return Exit.FINE


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed as a package"
