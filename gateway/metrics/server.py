"""Answers about the running gateway, over HTTP: at a socket in the files' folder, and the figures
where `[metrics]` says so, too."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web
from prometheus_client import CollectorRegistry, Metric, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from gateway.metrics import socket
from gateway.metrics.figures import Said, figures
from gateway.mirror.status import row, standings

if TYPE_CHECKING:
    from gateway.component import Gateway
    from gateway.config import Config

log = logging.getLogger(__name__)

FRESH_SECONDS = 1.0
"""For which figures are given again, so that asking costs little however often it is done."""


class Answers:
    """What can be asked."""

    def __init__(self, gateway: Gateway[Any]) -> None:
        self._gateway = gateway
        self._said = Said()
        gateway.rooms.host.listeners.append(self._said)
        self._asking = asyncio.Lock()
        self._text = b""
        self._at = float("-inf")

    async def metrics(self, _: web.Request) -> web.Response:
        """The figures, as Prometheus reads them."""
        async with self._asking:
            if time.monotonic() - self._at > FRESH_SECONDS:
                taken = await figures(self._gateway, self._said)
                self._text = await asyncio.to_thread(_written, taken)
                self._at = time.monotonic()
        return web.Response(body=self._text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def mirrors(self, _: web.Request) -> web.Response:
        """The mirrored rooms."""
        meter = self._gateway.meter
        return web.json_response([] if meter is None else list(map(row, standings(meter))))


class _Taken(Collector):
    """What was measured already."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _written(metrics: list[Metric]) -> bytes:
    """As text, with what the system knows of this process. Blocks."""
    registry = CollectorRegistry()
    registry.register(_Taken(metrics))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


@asynccontextmanager
async def answering(gateway: Gateway[Any], config: Config) -> AsyncIterator[None]:
    """Answer while the block runs. What cannot be offered is logged, and keeps nothing else from
    running."""
    answers = Answers(gateway)
    runners: list[web.AppRunner] = []
    own = await asyncio.to_thread(_socket, config)
    try:
        if own is not None:
            everything = [
                web.get("/metrics", answers.metrics),
                web.get("/mirrors", answers.mirrors),
            ]
            runner = await _started(everything, runners)
            await web.SockSite(runner, own).start()
        if config.metrics.listen:
            runner = await _started([web.get("/metrics", answers.metrics)], runners)
            await _listen(runner, config.metrics.listen)
        yield
    finally:
        for runner in runners:
            await runner.cleanup()
        if own is not None:
            own.close()
            await asyncio.to_thread(socket.remove, config.files.folder)


def _socket(config: Config) -> Any:
    try:
        made = socket.listen(config.files.folder)
    except OSError as error:
        log.warning("`sluice mirrors` will not find this gateway: no socket can be made: %s", error)
        return None
    if made is None:
        log.warning("another gateway uses %s, which is for one alone", config.files.folder)
    return made


async def _started(routes: list[web.RouteDef], runners: list[web.AppRunner]) -> web.AppRunner:
    app = web.Application(client_max_size=1024)
    app.router.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, handle_signals=False)
    await runner.setup()
    runners.append(runner)
    return runner


async def _listen(runner: web.AppRunner, address: str) -> None:
    host, _, port = address.rpartition(":")
    try:
        await web.TCPSite(runner, host.strip("[]"), int(port)).start()
    except OSError as error:
        log.error("metrics cannot be served at %s: %s", address, error)
    else:
        log.info("metrics are at http://%s/metrics", address)
