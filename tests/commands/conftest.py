"""A stage for each test, as in `tests/muc`, and one that ada runs the gateway of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from slidge.core import config
from slixmpp import JID

from tests.muc.conftest import database, network, stage
from tests.stage import Stage, on_stage

__all__ = ["database", "network", "stage"]

FURNISHED = """
[archive]
admin_folder = "{folder}/admins"
[attachments]
no_upload_path = "{folder}/served"
no_upload_url_prefix = "https://files.example.org/up"
"""


@pytest.fixture
async def run_by_ada(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """With a folder for admins, and one for files that the gateway serves."""
    more = FURNISHED.format(folder=tmp_path)
    async with on_stage(tmp_path, database, more=more) as stage:
        monkeypatch.setattr(config, "ADMINS", (JID("ada@example.org"),))
        stage.network.obeys("send")
        yield stage
