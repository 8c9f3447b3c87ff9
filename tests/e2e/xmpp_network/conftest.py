"""A server elsewhere with moderated rooms, and a gateway whose network is XMPP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.elsewhere import Elsewhere, gateway_to
from tests.servers import Prosody
from tests.servers.fixtures import USERS


class Far(Prosody):
    """Has rooms with moderation."""

    def _configuration(self) -> str:
        text = super()._configuration()
        return text.replace('"vcard_muc" }', '"vcard_muc", "muc_moderation" }')


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def there() -> AsyncIterator[Prosody]:
    async with Far(users=USERS, domain="far.localhost", spare=1) as server:
        yield server


@pytest.fixture
async def place(prosody: Prosody, there: Prosody, tmp_path: Path) -> AsyncIterator[Elsewhere]:
    async with gateway_to(prosody, there, tmp_path) as made:
        yield made
