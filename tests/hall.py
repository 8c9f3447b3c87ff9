"""Fixtures for clients of others: a gateway beside Prosody, and Wanda, who runs a group there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Place, webchat
from tests.servers import Prosody
from tests.web_client import Hears, WebPerson, web_person


@pytest.fixture
async def place(prosody: Prosody, tmp_path: Path) -> AsyncIterator[Place]:
    """A gateway with the web chat in it."""
    found = webchat(prosody, prosody.spare_component(), tmp_path)
    async with found.gateway:
        yield found


@pytest.fixture
async def wanda(place: Place) -> AsyncIterator[WebPerson]:
    """A person of the web chat, owner of the group "hall"."""
    async with web_person(place.web, "Wanda") as wanda:
        await wanda.makes("hall", name="The hall")
        yield wanda


@pytest.fixture
async def hears(wanda: WebPerson) -> AsyncIterator[Hears]:
    """What Wanda's page is told."""
    async with wanda.listening() as hears:
        yield hears
