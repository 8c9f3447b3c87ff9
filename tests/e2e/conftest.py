"""A gateway with the web chat, beside each real server."""

from __future__ import annotations

import weakref
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.ports import Port
from tests.gateway_process import GatewayProcess
from tests.servers.server import Server

WEBCHAT = """
backend = "webchat"
[network.options]
port = {port}
database = "sqlite:///webchat.sqlite"
rate = 0
"""


@dataclass
class Place:
    """Where a gateway runs: beside which server, under which domain, the web chat where."""

    server: Server
    domain: str
    gateway: GatewayProcess
    web: str

    def room(self, group: str) -> str:
        return f"{group}@{self.domain}"

    def names(self, group: str = "hall") -> dict[str, str]:
        return {"room": self.room(group), "gw": self.domain}


def free_port(owner: object) -> int:
    """A port that nobody else is given while its owner lives."""
    port = Port()
    weakref.finalize(owner, port.give_back)
    return port.number


def webchat(server: Server, domain: str, folder: Path, **more: object) -> Place:
    """A gateway with the web chat, not started yet."""
    port = Port()
    gateway = GatewayProcess(
        server,
        domain,
        folder,
        network=WEBCHAT.format(port=port.number),
        **more,  # type: ignore[arg-type]
    )
    weakref.finalize(gateway, port.give_back)
    return Place(server, domain, gateway, f"http://127.0.0.1:{port.number}")


@pytest.fixture
async def place(server: Server, component: str, tmp_path: Path) -> AsyncIterator[Place]:
    found = webchat(server, component, tmp_path)
    async with found.gateway:
        yield found
