"""Archives on both kinds of database."""

from __future__ import annotations

import pytest
import pytest_asyncio

from gateway.archive import Archive, append, insert, room_for
from gateway.database import Database
from tests.postgres import db, migrated, migrated_file, postgres, url

__all__ = ["archive", "cramped", "db", "migrated", "migrated_file", "postgres", "url"]


@pytest_asyncio.fixture
async def archive(db: Database) -> Archive:
    return Archive(db)


@pytest.fixture
def cramped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave hardly any room between entries, so that they have to be moved all the time."""
    for module in (append, insert, room_for):
        monkeypatch.setattr(module, "STRIDE", 3)
    monkeypatch.setattr(room_for, "FIRST_WINDOW", 2)
    monkeypatch.setattr(room_for, "ROOMY", 2)
