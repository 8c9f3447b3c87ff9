"""Both kinds of database, for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from gateway.database import Database
from gateway.store import Store
from tests.postgres import empty_url, migrated, migrated_file, postgres, url

__all__ = ["db", "empty_url", "migrated", "migrated_file", "postgres", "store", "url"]


@pytest_asyncio.fixture
async def db(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    await database.open()
    yield database
    await database.close()


@pytest_asyncio.fixture
async def store(db: Database) -> Store:
    return Store(db)
