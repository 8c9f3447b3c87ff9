"""The one folder that commands of admins write to and read from.

Admins are not at the machine: they choose no path and no name of a file, only among those that are
there, and nothing that is there is ever written over.
"""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

from slixmpp.exceptions import XMPPError

from gateway.upkeep import Tools

EXPORT = ".ndjson"


def folder_of(tools: Tools) -> Path:
    """The folder, made if need be, for its owner's eyes. Raises XMPPError if none is configured."""
    if tools.folder is None:
        raise XMPPError(
            "feature-not-implemented",
            "[archive] admin_folder does not say where to; the command line of sluice does it too.",
        )
    tools.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return tools.folder


def new_file(tools: Tools, about: str, suffix: str) -> Path:
    """A name that no file has yet. Of `about` only what is harmless in one is taken."""
    now = datetime.now(tz=UTC)
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in about)[:64]
    return folder_of(tools) / f"{safe}-{now:%Y%m%dT%H%M%S-%f}{suffix}"


def exports(tools: Tools) -> list[str]:
    """The names of what can be imported, newest first; no links, which may lead elsewhere."""
    found = [
        (status.st_mtime, path.name)
        for path in folder_of(tools).glob(f"*{EXPORT}")
        if stat.S_ISREG((status := path.lstat()).st_mode)
    ]
    return [name for _, name in sorted(found, reverse=True)]
