"""The environments that `make test-plugins` makes, and what runs in them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.gateway_process import ROOT
from tests.plugins.synapse import Synapse

PLUGINS = ROOT / ".venv-plugins" / "bin" / "python"
"""Of the environment with the plugins, and what the gateway needs."""
SYNAPSE = ROOT / ".venv-synapse" / "bin" / "python"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def synapse(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Synapse]:
    """A homeserver that the tests of this worker share."""
    async with Synapse(tmp_path_factory.mktemp("synapse"), SYNAPSE) as server:
        yield server


@pytest.fixture
def plugins() -> Path:
    """The Python that has the plugins."""
    return PLUGINS
