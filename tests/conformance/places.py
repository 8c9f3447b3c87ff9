"""The services that the suite is run against, each as well configured as it can be."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from conformance import Account, Service
from conformance.client import PATIENCE
from conformance.service import ROLES
from gateway.config.sections import Limits
from tests.gateway_process import GatewayProcess
from tests.servers import Ejabberd, Prosody
from tests.servers.fixtures import USERS
from tests.servers.server import Server

PROSODY = """
Component "conference.localhost" "muc"
    modules_enabled = { "muc_mam", "muc_moderation", "vcard_muc" }
    muc_log_by_default = true
    muc_room_locking = true
    restrict_room_creation = false
    allow_unaffiliated_register = true
"""

NETWORK = """
backend = "{backend}"
[network.options]
port = 0
database = "sqlite:///webchat.sqlite"
rate = 0
"""

UNHURRIED = "[limits]\n" + "\n".join(f"{name} = 0" for name in Limits.model_fields)

Place = Callable[[], AbstractAsyncContextManager[Service]]


def at(server: Server, jid: str, patience: float) -> Service:
    accounts = {role: Account(role, USERS[role]) for role in ROLES}
    return Service(jid, server.host, server.c2s_port, server.domain, accounts, patience=patience)


@asynccontextmanager
async def prosody() -> AsyncIterator[Service]:
    """Prosody's own rooms."""
    async with Prosody(users=USERS, more=PROSODY) as server:
        yield at(server, "conference.localhost", patience=4)


@asynccontextmanager
async def ejabberd() -> AsyncIterator[Service]:
    """ejabberd's own rooms."""
    async with Ejabberd(users=USERS) as server:
        yield at(server, server.rooms, patience=4)


async def introduce(service: Service) -> None:
    """Make users of all accounts: the gateway knows nobody who has never been there."""
    room = service.spare_room()
    for role in ROLES:
        async with service.client(role, {}) as client:
            await client.join(room, client.name)


@asynccontextmanager
async def beside(
    server: Server, backend: str = "webchat", patience: float = PATIENCE
) -> AsyncIterator[Service]:
    """Our gateway with a backend, beside a server that runs already."""
    jid = server.spare_component()
    with tempfile.TemporaryDirectory(prefix="sluice-conformance-") as folder:
        gateway = GatewayProcess(
            server, jid, Path(folder), network=NETWORK.format(backend=backend), more=UNHURRIED
        )
        async with gateway:
            service = at(server, jid, patience)
            await introduce(service)
            yield service


@asynccontextmanager
async def shared() -> AsyncIterator[Service]:
    """Our gateway, its rooms shared by all users."""
    async with Prosody(users=USERS, spare=1) as server, beside(server) as service:
        yield service


@asynccontextmanager
async def personal() -> AsyncIterator[Service]:
    """Our gateway, each user in rooms of their own."""
    backend = "tests.conformance.personal:PersonalWebChat"
    async with (
        Prosody(users=USERS, spare=1) as server,
        # Much is waited for there that cannot come.
        beside(server, backend, patience=3) as service,
    ):
        yield service
