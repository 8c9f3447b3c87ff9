"""The gateway as its operators run it: a process with a configuration file."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from conformance.client import PATIENCE
from tests.servers.server import SECRET, Server

ROOT = Path(__file__).parent.parent

CONFIG = """
[xmpp]
jid = "{jid}"
secret = "{secret}"
host = "{host}"
port = {port}
reconnect_max_seconds = 1

[database]
url = "{database}"

[network]
{network}

[users]
allowed = ".*@{domain}"
auto_register = {auto_register}
admins = {admins}

[files]
folder = "files"

[log]
level = "info"
{more}
"""


class GatewayProcess:
    """`async with GatewayProcess(server, jid, folder, network='backend = "webchat"'):` runs one.

    The folder keeps its data: start another with the same one, and it goes on from there.
    """

    def __init__(
        self,
        server: Server,
        jid: str,
        folder: Path,
        *,
        network: str,
        auto_register: bool = True,
        admins: Sequence[str] = (),
        database: str = "sqlite:///sluice.sqlite",
        more: str = "",
        path: Path | None = None,
        secret: str = SECRET,
        python: Path | None = None,
    ) -> None:
        """`path` is where else to import from; `python` that of another environment."""
        self.jid = jid
        self.folder = folder
        self.log = folder / "gateway.log"
        self._path = path
        self._python = str(python or sys.executable)
        self._process: asyncio.subprocess.Process | None = None
        (folder / "config.toml").write_text(
            CONFIG.format(
                jid=jid,
                secret=secret,
                host=server.host,
                port=server.component_port,
                domain=server.domain,
                network=network,
                database=database,
                auto_register="true" if auto_register else "false",
                admins=json.dumps(list(admins)),
                more=more,
            )
        )

    async def __aenter__(self) -> GatewayProcess:
        try:
            await self.start()
        except BaseException:
            if self._process is not None and self._process.returncode is None:
                await self.kill()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.terminate()
        if error is not None:
            print(self.log.read_text()[-8000:])

    async def start(self) -> None:
        """Start it, and wait until it is connected to the server."""
        environment: Mapping[str, str] = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(p) for p in (self._path, ROOT) if p),
        }
        seen = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                self._python, "-m", "gateway", "run", "-c", str(self.folder / "config.toml"),
                env=environment, cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
        await self.logged("connected to", seen)

    async def logged(self, words: str, since: int = 0) -> str:
        """Wait until the log, from a position on, has a line with these words; the line."""

        async def look() -> str:
            while True:
                text = self.log.read_bytes()[since:].decode(errors="replace")
                for line in text.splitlines():
                    if words in line:
                        return line
                assert self._process is not None
                if self._process.returncode is not None:
                    raise AssertionError(f"the gateway ended:\n{text}")
                await asyncio.sleep(0.02)  # a file cannot be waited for

        try:
            return await asyncio.wait_for(look(), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"no {words!r} in the log:\n{self.log.read_text()}") from None

    async def terminate(self) -> int:
        """End it as an operator does; its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), PATIENCE)

    async def kill(self) -> None:
        """End it as a power failure does."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid
