"""What a network wants to be told at the next login is kept with the user's registration."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from gateway.config import parse
from gateway.slidge_users import all_users
from legacy_backend import LegacyAccount
from legacy_backend.events import LoginNoted
from legacy_backend.terms import UserId
from tests.muc.test_account import ADA, PLAIN, AskingNetwork, asks, kept
from tests.stage import CONFIG, DOMAIN, Stage, on_wire


class NotingNetwork(AskingNetwork):
    """Remembers what each login was told."""

    told: list[dict[str, str]]

    async def login(self, user: UserId, credentials: Mapping[str, str]) -> LegacyAccount:
        self.told = [*getattr(self, "told", ()), dict(credentials)]
        return await super().login(user, credentials)

    async def notes(self, **notes: str) -> None:
        await self.tells(LoginNoted(to=ADA, notes=notes))


@pytest.fixture
async def stage(tmp_path: Path, database: Path) -> AsyncIterator[Stage]:
    served = "backend = 'tests.bridge.test_notes:NotingNetwork'"
    text = CONFIG.format(domain=DOMAIN, folder=tmp_path, network=served, more="")
    config = parse(text.replace("auto_register = true", ""), tmp_path / "config.toml", {})
    async with on_wire(config, tmp_path, database) as (gateway, wire):
        yield Stage(gateway, wire)


@pytest.fixture
def network(stage: Stage) -> NotingNetwork:
    backend = stage.gateway.backend
    assert isinstance(backend, NotingNetwork)
    return backend


async def test_a_note_is_told_at_the_next_login_and_kept_in_the_database(
    stage: Stage, network: NotingNetwork
) -> None:
    await asks(stage.person("ada"), "set", PLAIN)
    await network.notes(token="t1", rooms="hall")
    await network.notes(token="t2", password="renewed")
    (stored,) = await asyncio.to_thread(all_users, stage.gateway.store)
    assert stored.legacy_module_data == {
        "username": "ada",
        "password": "renewed",
        "token": "t2",
        "rooms": "hall",
    }
    await network.notes(token="")
    assert "token" not in kept(stage)
    (session,) = stage.gateway.sessions()
    await session.login()
    assert network.told[-1] == {"username": "ada", "password": "renewed", "rooms": "hall"}


async def test_a_note_outlasts_other_answers(stage: Stage, network: NotingNetwork) -> None:
    ada = stage.person("ada")
    await asks(ada, "set", PLAIN)
    await network.notes(rooms="hall", password="renewed")
    await asks(ada, "set", PLAIN.replace("secret", "another"))
    now = {"username": "ada", "password": "another", "rooms": "hall"}
    assert kept(stage) == now
    await stage.settled()
    assert network.told[-1] == now


async def test_nobody_can_answer_in_the_name_of_the_network(
    stage: Stage, network: NotingNetwork
) -> None:
    lie = "<x xmlns='jabber:x:data' type='submit'>" + "".join(
        f"<field var='{name}'><value>lie</value></field>"
        for name in ("username", "password", "rooms")
    )
    await asks(stage.person("ada"), "set", f"{lie}</x>")
    assert kept(stage) == {"username": "lie", "password": "lie"}


async def test_a_note_for_nobody_is_let_go(stage: Stage, network: NotingNetwork) -> None:
    await network.notes(rooms="hall")
    await network.tells(LoginNoted(notes={"rooms": "hall"}))
    assert await asyncio.to_thread(all_users, stage.gateway.store) == []
