"""Two real servers with a real link between them, which is read along and can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from demo.ports import Port
from tests.e2e.conftest import Place, free_port, webchat
from tests.mirror.dns import name_server
from tests.servers import Ejabberd, Prosody
from tests.servers.server import SECRET

MASTER = "groups.fairfax.example"
MIRROR = "mirror.raleigh.example"
PLAIN = "rooms.fairfax.example"
"""Prosody's own rooms beside the master, which know nothing of mirrors."""
ROOT = Path(__file__).parents[2]

S2S = """modules_disabled = {{ "tls" }}
plugin_paths = {{ "{contrib}", "{own}" }}
s2s_require_encryption = false
s2s_secure_auth = false
s2s_interfaces = {{ "127.0.0.1" }}
s2s_ports = {{ {port} }}
s2s_by_relay = {{ {others} }}
"""


class Relay:
    """Passes bytes on to a port, and keeps them, until it is cut."""

    def __init__(self, to: int) -> None:
        self.port = free_port(self)
        self.passed = bytearray()
        self.cut = False
        self._to = to
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def break_off(self) -> None:
        """Close what is open, and let nobody through any more."""
        self.cut = True
        for writer in list(self._open):
            writer.close()

    async def stop(self) -> None:
        await self.break_off()
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()

    def heard(self) -> Callable[[bytes], None]:
        """What is told all that passes one way of one connection."""
        return self.passed.extend

    def through(self) -> Callable[[bytes], bytes]:
        """What says of all that comes one way of one connection how much of it gets out."""
        return bytes

    async def waited(self) -> None:
        """What has come may pass now."""

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.close()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._open |= {writer, back}
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._pass(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        heard, through = self.heard(), self.through()
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await self.waited()
                data = through(data)
                heard(data)
                sink.write(data)
                await sink.drain()
        self._open.discard(sink)
        sink.close()


class Federated(Prosody):
    """A Prosody that talks to others."""

    def __init__(self, domain: str, component: str, s2s: int, relays: Mapping[str, int],
                 users: Mapping[str, str], more: str = "") -> None:  # fmt: skip
        super().__init__(domain=domain, components={component: SECRET}, users=users, more=more)
        others = ", ".join(f'["{host}"] = {port}' for host, port in relays.items())
        self._s2s = S2S.format(
            contrib=ROOT / "contrib" / "prosody",
            own=Path(__file__).parent / "prosody",
            port=s2s,
            others=others,
        )

    def _configuration(self) -> str:
        plain = super()._configuration().replace('modules_disabled = { "s2s", "tls" }', self._s2s)
        return plain.replace('"roster", ', '"roster", "s2s", "dialback", "s2s_by_relay", ', 1)


EJABBERD = """
  - {{ port: {port}, ip: "127.0.0.1", module: ejabberd_s2s_in }}
s2s_use_starttls: false
s2s_max_retry_delay: 1
outgoing_s2s_families: [ipv4]
"""


class FederatedEjabberd(Ejabberd):
    """An ejabberd that talks to others, whom it finds by DNS."""

    def __init__(
        self, domain: str, component: str, s2s: int, relays: Mapping[str, int],
        users: Mapping[str, str],
    ) -> None:  # fmt: skip
        super().__init__(domain=domain, components={component: SECRET}, users=users)
        self._s2s = EJABBERD.format(port=s2s)
        self._relays = relays
        self._dns = AsyncExitStack()

    async def start(self) -> None:
        """Start it, and its name server."""
        port = await self._dns.enter_async_context(name_server(self._relays))
        settings = self.folder / "inetrc"
        settings.write_text(f'{{resolv_conf, ""}}.\n{{nameserver, {{127,0,0,1}}, {port}}}.\n')
        with mock.patch.dict(os.environ, ERL_INETRC=str(settings)):
            await super().start()

    async def stop(self) -> None:
        await self._dns.aclose()
        await super().stop()

    def _configuration(self) -> str:
        plain = super()._configuration()
        plain = plain.replace("\nacl:\n", f"{self._s2s}\nacl:\n", 1)
        return plain.replace("  mod_roster:", "  mod_s2s_dialback: {}\n  mod_roster:", 1)


@dataclass
class Pair:
    """Both places, and the two ways of the link."""

    fairfax: Place
    raleigh: Place
    relays: tuple[Relay, Relay]

    def crossed(self, text: str) -> int:
        """How often a text has crossed the link."""
        return sum(relay.passed.count(text.encode()) for relay in self.relays)


TRANSPARENT = f"""
    modules_enabled = {{ "dmuc_mirror" }}
    dmuc_mirror = "{MIRROR}"
    dmuc_masters = {{ "{MASTER}", "{PLAIN}" }}
"""


@asynccontextmanager
async def pair(
    folder: Path,
    *,
    transparent: bool = False,
    hasty: bool = False,
    relay: type[Relay] = Relay,
    ping_seconds: int = 5,
    ejabberd: Collection[str] = (),
    more: str = "",
) -> AsyncIterator[Pair]:
    """A master beside one server, a mirror of it beside the other, where users see each other's
    words at once if it is `hasty`. `more` goes into the configuration of both gateways;
    `ejabberd` names those of `fairfax` and `raleigh` that are none of Prosody's."""
    ends = Port(), Port()
    ports = [end.number for end in ends]
    up, down = relay(ports[0]), relay(ports[1])
    names = ("wayne", "keith", "scott")
    users = {name: f"password of {name}" for name in names}
    there = {"fairfax.example": up.port, MASTER: up.port, PLAIN: up.port}
    here = {"raleigh.example": down.port, MIRROR: down.port}
    lua = f'VirtualHost "raleigh.example"\n{TRANSPARENT}' if transparent else ""
    lua += f'\nComponent "{MIRROR}"\n    validate_from_addresses = false\n' if transparent else ""
    there_runs: Federated | FederatedEjabberd
    here_runs: Federated | FederatedEjabberd
    if "fairfax" in ejabberd:
        there_runs = FederatedEjabberd("fairfax.example", MASTER, ports[0], here, users)
    else:
        rooms = f'Component "{PLAIN}" "muc"\n'
        there_runs = Federated("fairfax.example", MASTER, ports[0], here, users, rooms)
    if "raleigh" in ejabberd:
        here_runs = FederatedEjabberd("raleigh.example", MIRROR, ports[1], there, users)
    else:
        here_runs = Federated("raleigh.example", MIRROR, ports[1], there, users, lua)
    async with there_runs as fairfax, here_runs as raleigh:
        await up.start()
        await down.start()
        common = f"ping_seconds = {ping_seconds}\n{more}"
        flag = "true" if transparent else "false"
        trust = f'[mirrors]\ntrusted = {{"{MIRROR}" = ["raleigh.example"]}}\n{common}'
        first = f'local_first = ["{MASTER}"]\n' if hasty else ""
        mirrors = (
            f'[mirrors]\nmasters = ["{MASTER}", "{PLAIN}"]\ntransparent = {flag}\n{first}{common}'
        )
        (folder / "fairfax").mkdir()
        (folder / "raleigh").mkdir()
        master = webchat(fairfax, MASTER, folder / "fairfax", more=trust)
        mirror = webchat(raleigh, MIRROR, folder / "raleigh", more=mirrors)
        settings = folder / "fairfax" / "config.toml"
        settings.write_text(settings.read_text().replace(".*@fairfax.example", ".*@.*[.]example"))
        try:
            async with master.gateway, mirror.gateway:
                yield Pair(master, mirror, (up, down))
        finally:
            await up.stop()
            await down.stop()
