"""A stage for each transcript."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from slidge.util.util import SubclassableOnce

from tests.fake_network import FakeNetwork
from tests.stage import Stage, make_database, on_stage

SubclassableOnce.TEST_MODE = True


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, for each test to have a copy of."""
    return make_database(tmp_path_factory.mktemp("database"))


@pytest.fixture
async def stage(tmp_path: Path, database: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, database) as stage:
        yield stage


@pytest.fixture
def network(stage: Stage) -> FakeNetwork:
    return stage.network


@pytest.fixture
async def personal(tmp_path: Path, database: Path) -> AsyncIterator[Stage]:
    """A stage where every user has rooms of their own."""
    async with on_stage(tmp_path, database, network="PersonalNetwork") as stage:
        yield stage


@pytest.fixture
async def modest(tmp_path: Path, database: Path) -> AsyncIterator[Stage]:
    """A stage whose network cannot do much."""
    async with on_stage(tmp_path, database, network="ModestNetwork") as stage:
        yield stage
