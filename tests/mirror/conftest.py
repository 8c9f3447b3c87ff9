"""A master and a mirror for each transcript."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from slidge.util.util import SubclassableOnce

from tests.mirror.link import World, linked
from tests.stage import DOMAIN, make_database

SubclassableOnce.TEST_MODE = True


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, for each test to have a copy of."""
    return make_database(tmp_path_factory.mktemp("database"))


@pytest.fixture
async def world(tmp_path: Path, database: Path) -> AsyncIterator[World]:
    """Messages are shown when the master has them."""
    async with linked(tmp_path, database) as world:
        yield world


@pytest.fixture
async def hasty(tmp_path: Path, database: Path) -> AsyncIterator[World]:
    """Users at the mirror see each other's messages at once."""
    async with linked(tmp_path, database, local_first=frozenset({DOMAIN})) as world:
        yield world
