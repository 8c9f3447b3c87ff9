"""The gateway on PostgreSQL: talk, a restart, and the same room again."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.client import Client
from tests.e2e.conftest import webchat
from tests.postgres import Postgres, migrated, postgres
from tests.servers.prosody import Prosody
from tests.web_client import web_person

__all__ = ["migrated", "postgres"]  # fixtures

pytestmark = [pytest.mark.e2e, pytest.mark.postgres]


async def test_a_restart_on_postgresql_keeps_history_seats_and_names(
    prosody: Prosody, tmp_path: Path, postgres: Postgres
) -> None:
    url = postgres.make()
    place = webchat(prosody, prosody.spare_component(), tmp_path, database=url)
    room, hall = place.room("hall"), "hall"
    async with place.gateway, web_person(place.web, "Wanda") as wanda:
        await wanda.makes(hall)
        async with Client(prosody, "ada", names={"room": room}, resource="desk") as ada:
            await ada.join(room, "ada")
            await wanda.says(hall, "one")
            await ada.expect("<message><body>one</body></message>")
            assert await place.gateway.terminate() == 0
            await place.gateway.start()
            await wanda.says(hall, "two")
            await ada.expect("<message><body>two</body></message>")
            await ada.say(room, "three")
            await ada.expect("<message from='{room}/ada'><body>three</body></message>")
            page = await ada.page(room, limit=10)
            assert page.bodies == ["one", "two", "three"]
