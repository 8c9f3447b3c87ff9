"""Rooms of Prosody, of ejabberd and of our own, and people in them with the MUC client."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from slixmpp import JID, Message

from conformance.client import PATIENCE, Client
from legacy_backend.xmpp.muc import Data, MUCClient, Room
from tests.conformance.places import UNHURRIED
from tests.e2e.conftest import webchat
from tests.servers.server import Server

_numbers = itertools.count()


@dataclass(frozen=True)
class House:
    """A service with rooms, and the server through which it is reached."""

    server: Server
    domain: str

    def room(self) -> JID:
        """One that nobody has made yet."""
        return JID(f"muc-client-{next(_numbers)}@{self.domain}")


@pytest.fixture(params=["prosody", "ejabberd", "ours"])
def beneath(request: pytest.FixtureRequest) -> tuple[Server, bool]:
    """A server, and whether its own rooms are meant."""
    found: Server = request.getfixturevalue(request.param.replace("ours", "prosody"))
    return found, request.param != "ours"


@pytest.fixture
async def house(beneath: tuple[Server, bool], tmp_path: Path) -> AsyncIterator[House]:
    server, has_rooms = beneath
    if has_rooms:
        yield House(server, server.rooms)
        return
    place = webchat(server, server.spare_component(), tmp_path, more=UNHURRIED)
    async with place.gateway:
        yield House(server, place.domain)


class Guest:
    """Somebody with an account, and the client of rooms on it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.muc = MUCClient.summon(client.xmpp)
        self.bare = JID(client.bare)

    async def enters(self, room: JID, **how: Any) -> Room:
        found, joined = self.muc.join(room, self.client.name, **how)
        active = found.on_muc_active.future()
        async with asyncio.timeout(PATIENCE):
            await joined
            await active
        return found


@asynccontextmanager
async def guests(house: House, *names: str) -> AsyncIterator[list[Guest]]:
    async with AsyncExitStack() as stack:
        yield [Guest(await stack.enter_async_context(Client(house.server, name))) for name in names]


async def made(owner: Guest, room: JID, **how: Any) -> Room:
    """A room of the owner's, open to all."""
    found, joined = owner.muc.join(room, owner.client.name, **how)
    active = found.on_muc_active.future()
    async with asyncio.timeout(PATIENCE):
        await joined
        await owner.muc.set_room_config(room, Data("submit"))
        await active
    return found


def expecting(signal: Any, fits: Callable[..., bool] = lambda *_, **__: True) -> Any:
    """What is told by the next emission that fits, from now on, to be awaited."""
    awaited = asyncio.get_running_loop().create_future()

    def look(*args: Any, **kwargs: Any) -> bool:
        if awaited.done() or not fits(*args, **kwargs):
            return False
        awaited.set_result((args, kwargs))
        return True

    signal.connect(look)
    return asyncio.wait_for(awaited, PATIENCE)


def said(body: str) -> Message:
    message = Message()
    message["body"] = body
    return message


def member(room: Room, name: str) -> Any:
    (found,) = [one for one in room.members if one.nick == name]
    return found
