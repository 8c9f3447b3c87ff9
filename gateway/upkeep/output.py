"""Files that are there when they are whole, and that hold nobody up."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """A file to write to, for its owner's eyes: it has its name when it is whole, and on the disk.
    What fails leaves what was there before. Raises OSError."""
    part = path.with_name(f"{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            yield out
            out.flush()
            os.fsync(handle)
        part.replace(path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None and error.errno is not None:
            raise OSError(error.errno, error.strerror, str(path)) from error  # a full disk
        raise


@asynccontextmanager
async def aside(file: AbstractContextManager[IO[str]]) -> AsyncIterator[IO[str]]:
    """A file that is opened and closed in a thread."""
    opened = await asyncio.to_thread(file.__enter__)
    try:
        yield opened
    except BaseException:
        await asyncio.to_thread(file.__exit__, *sys.exc_info())
        raise
    await asyncio.to_thread(file.__exit__, None, None, None)
