"""The database, for a command that looks something up or changes it, and ends."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from gateway.config import Config
from gateway.database import Database
from gateway.errors import DatabaseError
from gateway.migrate import check_revision, is_current

T = TypeVar("T")


def require(config: Config) -> None:
    """Raise DatabaseError unless there is a database, of this version of the program."""
    url = config.database.url
    if is_current(url):
        return
    if check_revision(url) is None:
        where = re.sub(r"//[^@/]*@", "//", url)
        raise DatabaseError(f"{where} has nothing of Sluice yet: `sluice run` fills it.")
    raise DatabaseError("The database is of an earlier version: `sluice migrate` brings it up.")


def with_database(config: Config, work: Callable[[Database], Coroutine[Any, Any, T]]) -> T:
    """What `work` comes to, done with the open database. Raises DatabaseError."""
    require(config)
    database = Database(config.database.url, durable=config.database.durable)
    return asyncio.run(_with(database, work))


async def _with(database: Database, work: Callable[[Database], Coroutine[Any, Any, T]]) -> T:
    await database.open()
    try:
        return await work(database)
    finally:
        await database.close()
