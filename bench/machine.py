"""What the figures were taken on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from bench.engines import Engine


def describe(engines: Iterable[type[Engine]], data: Path) -> list[str]:
    """Hardware, system and versions, a line each; `data` is where the databases will be."""
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    assert memory
    versions = {e.name: e.installed() or "this checkout" for e in engines}
    versions |= {
        "Prosody": _prosody(),
        "Python": platform.python_version(),
        "slixmpp": version("slixmpp"),
        "SQLAlchemy": version("SQLAlchemy"),
        "Linux": platform.release().partition("-")[0],
    }
    hardware = (
        f"{cpu[1] if cpu else platform.processor()}, {os.cpu_count()} cores, "
        f"{int(memory[1]) / 2**20:.0f} GiB of memory, databases on {_filesystem(data)}"
    )
    return [
        hardware,
        ", ".join(f"{name} {number}" for name, number in versions.items()),
        f"load before: {os.getloadavg()[0]:.1f} (figures are rough when it is not near 0)",
    ]


def _prosody() -> str:
    about = subprocess.run(
        ["prosodyctl", "about"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"Prosody (\d\S*)", about)
    return found[1] if found else "of unknown version"


def _filesystem(path: Path) -> str:
    """The kind of file system that holds `path`."""
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text().splitlines():
        _, where, this, *_ = line.split()
        if path.resolve().is_relative_to(where) and len(where) >= len(best):
            best, kind = where, this
    return kind
