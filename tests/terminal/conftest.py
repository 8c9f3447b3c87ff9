"""People with Profanity at terminals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conformance.client import Address
from tests.e2e.conftest import Place
from tests.hall import hears, place, wanda
from tests.servers import Prosody
from tests.terminal.profanity import Profanity

__all__ = ["ada", "hears", "place", "wanda"]


@pytest.fixture
async def ada(prosody: Prosody, tmp_path: Path, place: Place) -> AsyncIterator[Profanity]:
    """Ada at a terminal, online, and in no room yet."""
    account = Address(prosody.host, prosody.c2s_port, prosody.domain, prosody.password_of("ada"))
    async with Profanity(account, "ada", tmp_path / "ada") as ada:
        yield ada
