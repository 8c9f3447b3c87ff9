"""Slidge as published, as a process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from types import TracebackType

from conformance.client import PATIENCE
from tests.gateway_process import ROOT
from tests.servers.server import SECRET, Server


class SlidgeProcess:
    """`async with SlidgeProcess(server, jid, home, plugin):` runs one; `home` keeps its data."""

    def __init__(self, server: Server, jid: str, home: Path, plugin: str) -> None:
        self.log = home.with_suffix(".log")
        self._options = {
            "legacy-module": plugin,
            "jid": jid,
            "secret": SECRET,
            "server": server.host,
            "port": str(server.component_port),
            "home-dir": str(home),
            "user-jid-validator": ".*",
        }
        self._process: asyncio.subprocess.Process

    async def __aenter__(self) -> SlidgeProcess:
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "slidge", *(f"--{k}={v}" for k, v in self._options.items()),
                env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log,
            )  # fmt: skip
        async with asyncio.timeout(PATIENCE):
            while b"successfully started" not in self.log.read_bytes():
                assert self._process.returncode is None, self.log.read_text()
                await asyncio.sleep(0.05)  # a file cannot be waited for
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), 5)
            except TimeoutError:  # COMPAT: slidge 0.4.2 does not always end when it is told to
                self._process.kill()
                await self._process.wait()
        if error is not None:
            print(self.log.read_text()[-4000:])
