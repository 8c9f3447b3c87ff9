"""A stage for each test, with a slidge plugin on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.muc.conftest import database
from tests.plugin_stage import PluginStage, on_plugin_stage

__all__ = ["database", "stage"]


@pytest.fixture
async def stage(tmp_path: Path, database: Path) -> AsyncIterator[PluginStage]:
    async with on_plugin_stage(tmp_path, database) as stage:
        yield stage
