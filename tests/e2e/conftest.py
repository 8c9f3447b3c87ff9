"""A gateway with the web chat, beside each real server."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

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


def free_port() -> int:
    """A port that is free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def webchat(server: Server, domain: str, folder: Path, **more: object) -> Place:
    """A gateway with the web chat, not started yet."""
    port = free_port()
    gateway = GatewayProcess(
        server,
        domain,
        folder,
        network=WEBCHAT.format(port=port),
        **more,  # type: ignore[arg-type]
    )
    return Place(server, domain, gateway, f"http://127.0.0.1:{port}")


@pytest.fixture
async def place(server: Server, component: str, tmp_path: Path) -> AsyncIterator[Place]:
    found = webchat(server, component, tmp_path)
    async with found.gateway:
        yield found
