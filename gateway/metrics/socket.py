"""The socket in the files' folder at which a running gateway answers `sluice`, and no other user of
the machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "gateway.sock"


@contextmanager
def reachable(folder: Path) -> Iterator[str]:
    """A path to the socket that is short enough for the system, however deep the folder is.

    Linux takes 107 bytes. Blocks.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{NAME}"
    finally:
        os.close(handle)


def listen(folder: Path) -> socket.socket | None:
    """The socket, put in the place of one that a process left behind; None if one that lives
    answers there. Blocks.

    Raises OSError where the folder can have none.
    """
    with reachable(folder) as path:
        if _answers(path):
            return None
        Path(path).unlink(missing_ok=True)
        made = socket.socket(socket.AF_UNIX)
        try:
            made.bind(path)
            Path(path).chmod(0o600)  # before anybody can connect
            made.listen()
        except BaseException:
            made.close()
            raise
        return made


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError:
            return False
        return True


def remove(folder: Path) -> None:
    """Take the socket away. Blocks."""
    (folder / NAME).unlink(missing_ok=True)
