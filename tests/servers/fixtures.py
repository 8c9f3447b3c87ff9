"""The servers as fixtures: one process per server and test worker, started when first asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType

import pytest
import pytest_asyncio

from tests.servers.ejabberd import Ejabberd
from tests.servers.prosody import Prosody
from tests.servers.server import Server

USERS: Mapping[str, str] = MappingProxyType(
    {name: f"password of {name}" for name in ("ada", "bao", "cyd", "dov", "eli", "fay")}
)
"""Accounts that every server of these fixtures has."""

SPARE = 150
"""Component domains that a worker can give out; each costs Prosody about 5 ms at start."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def prosody() -> AsyncIterator[Prosody]:
    """A Prosody that the tests of this worker share."""
    async with Prosody(users=USERS, spare=SPARE) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ejabberd() -> AsyncIterator[Ejabberd]:
    """An ejabberd that the tests of this worker share."""
    async with Ejabberd(users=USERS, spare=SPARE) as server:
        yield server


@pytest.fixture(params=["prosody", "ejabberd"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each real server, as two tests."""
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def component(server: Server) -> str:
    """A component domain of `server` that no other test has; its secret is SECRET."""
    return server.spare_component()
