"""The HTTP server: everything in this package put together."""

from __future__ import annotations

import asyncio

from aiohttp import web

from legacy_backend.webchat.network import Network
from legacy_backend.webchat.web.errors import answer_errors
from legacy_backend.webchat.web.files import Files
from legacy_backend.webchat.web.groups import Groups
from legacy_backend.webchat.web.guard import Guard
from legacy_backend.webchat.web.headers import Headers
from legacy_backend.webchat.web.log import Log
from legacy_backend.webchat.web.login import Login
from legacy_backend.webchat.web.messages import Messages
from legacy_backend.webchat.web.pages import Pages
from legacy_backend.webchat.web.people import People
from legacy_backend.webchat.web.running import Running
from legacy_backend.webchat.web.socket import Sockets


class Server:
    """`port` and `url` are right once it is started."""

    def __init__(self, network: Network) -> None:
        self.port = network.settings.port
        self.url = ""
        self._network = network
        self._settings = network.settings
        guard = Guard(network)
        self._sockets = Sockets(network, guard)
        self._files = Files(network)
        self._pages = Pages()
        app = web.Application(middlewares=[answer_errors, guard.check])
        app.on_response_prepare.append(Headers(network.settings.frame_ancestors).add)
        app.router.add_get("/api/socket", self._sockets.serve)
        for part in (
            Login(network, guard, self._sockets),
            Groups(network),
            Running(network),
            Messages(network),
            People(network),
            Log(network),
            self._files,
            self._pages,
        ):
            app.router.add_routes(part.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)

    async def start(self) -> None:
        await asyncio.to_thread(self._pages.load)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._settings.listen, self._settings.port).start()
        self.port = self._runner.addresses[0][1]
        host = self._settings.listen
        shown = f"[{host}]" if ":" in host else host
        self.url = self._settings.public_url.rstrip("/") or f"http://{shown}:{self.port}"
        self._files.base = self._network.base = self.url

    async def stop(self) -> None:
        await self._sockets.close_all()
        await self._runner.cleanup()
