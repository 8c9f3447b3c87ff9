"""The programs under test, each behind the same four methods.

Whatever differs between Sluice and slidge (command line, configuration) is here; the plugin,
the scenarios and the clients do not know which one they talk to.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import ClassVar

from bench.processes import Program
from bench.prosody import DOMAIN, SECRET, Prosody
from bench.rpc import Remote

PLUGIN = "bench.plugin"


class Engine(ABC):
    """A gateway that begins with an empty database in `folder`.

    `groups` are how many groups there are from the outset, all users in all of them, and of how
    many members each.
    """

    name: ClassVar[str]
    distribution: ClassVar[str]

    def __init__(
        self,
        folder: Path,
        prosody: Prosody,
        *,
        shared: bool = False,
        groups: tuple[int, int] = (0, 0),
    ) -> None:
        self.folder = folder
        self.prosody = prosody
        self.shared = shared
        self.groups = groups
        self.program: Program
        self.network: Remote

    @classmethod
    def jid(cls) -> str:
        return f"{cls.name}.{DOMAIN}"

    @abstractmethod
    def command(self) -> list[str]:
        """The command line; may write a configuration into the folder first."""

    async def start(self) -> None:
        """Return when its plugin answers, which may be before it is on line."""
        self.folder.mkdir(parents=True, exist_ok=True)
        socket = self.folder / "network.sock"
        socket.unlink(missing_ok=True)
        groups, members = self.groups
        self.program = Program.start(
            self.command(),
            self.folder / f"{self.name}.log",
            BENCH_CONTROL=str(socket),
            BENCH_SHARED="1" if self.shared else "0",
            BENCH_GROUPS=str(groups),
            BENCH_MEMBERS=str(members),
            SLIDGE_CONF_DIR=str(self.folder / "no-configuration"),  # it reads all that is there
        )
        self.network = await self._connect(socket)

    async def _connect(self, socket: Path) -> Remote:
        for _ in range(60):
            self.program.check()
            try:
                return await Remote.connect(socket, 0.5)
            except TimeoutError:
                continue
        raise TimeoutError(f"{self.name} did not load its plugin; see {self.program.log}")

    async def stop(self) -> None:
        await self.network.close()
        await self.program.end()

    @classmethod
    def installed(cls) -> str | None:
        """Its version, or None if it is not there."""
        try:
            return version(cls.distribution)
        except PackageNotFoundError:
            return None


class SlidgeEngine(Engine):
    """slidge as published, started by its own entry point."""

    name = "slidge"
    distribution = "slidge"

    def command(self) -> list[str]:
        options = {
            "legacy-module": PLUGIN,
            "jid": self.jid(),
            "secret": SECRET,
            "server": "127.0.0.1",
            "port": str(self.prosody.component_port),
            "home-dir": str(self.folder / "home"),
            "user-jid-validator": ".*",
        }
        return [sys.executable, "-m", "slidge", *(f"--{k}={v}" for k, v in options.items())]


class SluiceEngine(Engine):
    """Sluice of this checkout, started by its own command."""

    name = "sluice"
    distribution = "sluice-gateway"

    def command(self) -> list[str]:
        # slidge has no limits on what a user may send, and the benchmark's users send a lot.
        config = self.folder / "sluice.toml"
        config.write_text(
            f"""
[xmpp]
jid = "{self.jid()}"
secret = "{SECRET}"
host = "127.0.0.1"
port = {self.prosody.component_port}

[database]
url = "sqlite:///{self.folder}/sluice.db"

[network]
plugin = "{PLUGIN}"

[users]
allowed = ".*"

[limits]
messages_per_minute = 0
joins_per_minute = 0
queries_per_minute = 0
archive_queries_per_minute = 0
"""
        )
        return [sys.executable, "-m", "gateway", "run", "-c", str(config)]


ENGINES: dict[str, type[Engine]] = {e.name: e for e in (SluiceEngine, SlidgeEngine)}
