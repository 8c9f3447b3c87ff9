"""Told to end, the process does so in order, whatever its connections are like."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.gateway_process import GatewayProcess
from tests.link.server import SECRET, TinyServer, listening

pytestmark = pytest.mark.slow


def process(server: TinyServer, folder: Path) -> GatewayProcess:
    place: Any = SimpleNamespace(host="127.0.0.1", component_port=server.port, domain="example.org")
    return GatewayProcess(
        place,
        "gw.example.org",
        folder,
        network='backend = "tests.fake_network:FakeNetwork"',
        secret=SECRET,
    )


async def test_sigterm_closes_the_stream_and_ends_well(tmp_path: Path) -> None:
    async with listening() as server, process(server, tmp_path) as gateway:
        connection = await server.connection()
        assert await gateway.terminate() == 0
        assert connection.ended.is_set()


async def test_sigterm_while_the_server_is_away_ends_well(tmp_path: Path) -> None:
    async with listening() as server, process(server, tmp_path) as gateway:
        await server.connection()
        server.accepts = False
        server.drop_all()
        await server.is_tried(2)
        assert await gateway.terminate() == 0


async def test_a_lost_server_is_called_again_by_the_process(tmp_path: Path) -> None:
    async with listening() as server, process(server, tmp_path):
        (await server.connection()).drops()
        await server.connection()
