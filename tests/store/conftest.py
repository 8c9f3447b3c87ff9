"""Both kinds of database, for the tests of this folder."""

from __future__ import annotations

import pytest_asyncio

from gateway.database import Database
from gateway.store import Store
from tests.postgres import db, empty_url, migrated, migrated_file, postgres, url

__all__ = ["db", "empty_url", "migrated", "migrated_file", "postgres", "store", "url"]


@pytest_asyncio.fixture
async def store(db: Database) -> Store:
    return Store(db)
