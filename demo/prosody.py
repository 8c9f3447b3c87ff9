"""A Prosody of our own on 127.0.0.1: own ports, own data, nothing of the system's touched.

Good for demos and tests only: passwords travel and are stored in the clear.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from demo.child import Child, find_program
from demo.ports import LOOPBACK, Port, speaks_xmpp

PRIVILEGES = {
    "roster": "both",
    "message": "outgoing",
    "presence": "roster",
}
PRIVILEGED_IQS = ("http://jabber.org/protocol/pubsub", "http://jabber.org/protocol/pubsub#owner")

GLOBAL = """\
-- Written anew at every start.
run_as_root = {as_root}
pidfile = {pidfile}
data_path = {data}
certificates = {folder}
log = {{ {level} = {log} }}
statistics = "none"

interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {c2s} }}
component_interfaces = {{ "127.0.0.1" }}
component_ports = {{ {component} }}
http_interfaces = {{ "127.0.0.1" }}
http_ports = {{ {http} }}
https_ports = {{}}
http_default_host = {domain}
http_external_url = "http://127.0.0.1:{http}/"
http_max_content_size = 16 * 1024 * 1024

modules_disabled = {{ "s2s", "tls" }}
modules_enabled = {{
    "roster", "saslauth", "disco", "ping", "presence", "message", "iq", "time", "version",
    "pep", "private", "bookmarks", "vcard4", "vcard_legacy", "blocklist", "register",
    "carbons", "smacks", "mam", "csi_simple", "offline", "bosh", "websocket",
}}
allow_registration = false
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
consider_bosh_secure = true
consider_websocket_secure = true
authentication = "internal_plain"
storage = "internal"
archive_expires_after = "never"

VirtualHost {domain}
"""

ROOMS = """
Component {jid} "muc"
    name = "Rooms of the server itself"
    modules_enabled = {{ "muc_mam", "vcard_muc" }}
    muc_log_by_default = true
    muc_log_expires_after = "never"
    muc_room_locking = false
    restrict_room_creation = false
"""

UPLOAD = """
Component {jid} "http_file_share"
    http_host = {domain}
    http_file_share_expires_after = 7 * 86400
"""


@dataclass
class Prosody:
    """A Prosody that is started in a folder, and finds its data there the next time.

    `components` maps the domain of each component to its secret; those of them in `privileged`
    are privileged entities (XEP-0356). `users` maps the name of each account to its password.
    """

    folder: Path
    components: Mapping[str, str]
    users: Mapping[str, str] = field(default_factory=dict)
    privileged: Collection[str] = ()
    domain: str = "localhost"
    ports: tuple[int, int, int] = (0, 0, 0)
    """Of clients, components and HTTP; 0 takes any free one."""
    log_level: str = "info"
    more: str = ""
    """Lua to put at the end of the configuration."""

    def __post_init__(self) -> None:
        self._ports = tuple(Port(number) for number in self.ports)
        self.c2s_port, self.component_port, self.http_port = (p.number for p in self._ports)
        self.log = self.folder / "prosody.log"
        self._config = self.folder / "prosody.cfg.lua"
        self._child: Child | None = None

    @property
    def host(self) -> str:
        return LOOPBACK

    @property
    def rooms(self) -> str:
        """The domain of Prosody's own multi-user chat."""
        return f"rooms.{self.domain}"

    @property
    def upload(self) -> str:
        """The domain of its file upload (XEP-0363)."""
        return f"upload.{self.domain}"

    @property
    def websocket(self) -> str:
        """What a web client connects to."""
        return f"ws://{LOOPBACK}:{self.http_port}/xmpp-websocket"

    @property
    def bosh(self) -> str:
        """What a web client without WebSocket connects to."""
        return f"http://{LOOPBACK}:{self.http_port}/http-bind"

    @property
    def pid(self) -> int:
        return self._running.pid

    async def start(self) -> None:
        """Start it, and return once it takes clients and components."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._config.write_text(self._configuration())
        for name, password in self.users.items():
            self._write_account(name, password)
        program = find_program("prosody", "prosody prosody-modules")
        self._child = Child(
            [program, "-F", "--config", str(self._config)],
            log=self.folder / "prosody.out",
        )
        self._child.start()
        await self._child.ready(self._takes_connections)

    async def stop(self) -> None:
        """End it. Data and ports are kept for the next start."""
        if self._child is not None:
            await self._child.stop()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._running.kill()

    async def close(self) -> None:
        """End it and give its ports back."""
        await self.stop()
        for port in self._ports:
            port.give_back()

    async def add_user(self, name: str, password: str) -> None:
        """Add an account, or change its password, while Prosody runs or before.

        Accounts are files that Prosody reads at every login, so that nobody has to be told.
        """
        self.users = {**self.users, name: password}
        self._write_account(name, password)

    def logs(self, lines: int = 60) -> str:
        """The end of what Prosody logged and printed."""
        printed = "" if self._child is None else self._child.tail(lines)
        logged = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join([*logged.splitlines()[-lines:], *printed.splitlines()])

    @property
    def _running(self) -> Child:
        if self._child is None:
            raise RuntimeError("Prosody has not been started")
        return self._child

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    async def _takes_connections(self) -> bool:
        if not await speaks_xmpp(self.c2s_port, self.domain):
            return False
        # Without any component, Prosody does not listen for them.
        return not self.components or await speaks_xmpp(
            self.component_port, next(iter(self.components)), "jabber:component:accept"
        )

    def _write_account(self, name: str, password: str) -> None:
        accounts = self._data / _file_name(self.domain) / "accounts"
        accounts.mkdir(parents=True, exist_ok=True)
        (accounts / f"{_file_name(name)}.dat").write_text(
            f'return {{ ["password"] = {_lua(password)}; }};\n'
        )

    def _configuration(self) -> str:
        parts = [
            GLOBAL.format(
                as_root="true" if os.geteuid() == 0 else "false",
                pidfile=_lua(str(self.folder / "prosody.pid")),
                data=_lua(str(self._data)),
                folder=_lua(str(self.folder)),
                level=self.log_level,
                log=_lua(str(self.log)),
                c2s=self.c2s_port,
                component=self.component_port,
                http=self.http_port,
                domain=_lua(self.domain),
            )
        ]
        if self.privileged:
            parts.append('    modules_enabled = { "privilege" }\n    privileged_entities = {\n')
            parts += [f"        [{_lua(jid)}] = {_privileges()},\n" for jid in self.privileged]
            parts.append("    }\n")
        parts.append(ROOMS.format(jid=_lua(self.rooms)))
        parts.append(UPLOAD.format(jid=_lua(self.upload), domain=_lua(self.domain)))
        for jid, secret in self.components.items():
            parts.append(f"\nComponent {_lua(jid)}\n    component_secret = {_lua(secret)}\n")
            if jid in self.privileged:
                parts.append('    modules_enabled = { "privilege" }\n')
        return "".join([*parts, self.more])


def _privileges() -> str:
    given = [f'{name} = "{kind}"' for name, kind in PRIVILEGES.items()]
    iqs = ", ".join(f'[{_lua(name)}] = "both"' for name in PRIVILEGED_IQS)
    return "{ " + ", ".join([*given, f"iq = {{ {iqs} }}"]) + " }"


def _lua(text: str) -> str:
    """The text as a Lua string."""
    return json.dumps(text, ensure_ascii=False)


def _file_name(name: str) -> str:
    """The name of a file in which Prosody's internal storage keeps `name`."""
    return "".join(
        chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"%{byte:02x}"
        for byte in name.encode()
    )
