"""ejabberd in a temporary folder, as whatever user runs the tests."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

import aiohttp

from demo.child import Child, find_program
from demo.ports import LOOPBACK, Port, accepts, speaks_xmpp
from tests.servers.lasting import Lasting
from tests.servers.server import SECRET

CONFIG = """\
hosts: [{domain}]
loglevel: info
default_db: mnesia
auth_method: [internal]
auth_password_format: plain
language: en

listen:
  - {{ port: {c2s}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: false, access: c2s,
      max_stanza_size: 1048576, shaper: none }}
  - port: {http}
    ip: "127.0.0.1"
    module: ejabberd_http
    request_handlers:
      /api: mod_http_api
      /http-bind: mod_bosh
      /xmpp-websocket: ejabberd_http_ws
      /upload: mod_http_upload
{components}

acl:
  loopback: {{ ip: ["127.0.0.0/8"] }}
  privileged: {{ server: {privileged} }}
access_rules:
  c2s: {{ allow: all }}
  local: {{ allow: all }}
  privileged: {{ allow: privileged }}
api_permissions:
  tests:
    from: [mod_http_api]
    who: {{ access: {{ allow: {{ acl: loopback }} }} }}
    what: [register, change_password, status]

modules:
  mod_adhoc: {{}}
  mod_admin_extra: {{}}
  mod_blocking: {{}}
  mod_bosh: {{}}
  mod_caps: {{}}
  mod_carboncopy: {{}}
  mod_client_state: {{}}
  mod_disco: {{}}
  mod_http_api: {{}}
  mod_http_upload:
    put_url: "http://127.0.0.1:{http}/upload"
    docroot: {folder}/upload
  mod_last: {{}}
  mod_mam: {{ assume_mam_usage: true, default: always, compress_xml: false }}
  mod_muc:
    host: {rooms}
    access: all
    access_create: all
    access_persistent: all
    access_mam: all
    history_size: 50
    default_room_options: {{ mam: true, allow_subscription: true }}
  mod_muc_log: {{ access_log: all, outdir: {folder}/rooms }}
  mod_offline: {{}}
  mod_ping: {{}}
  mod_privacy: {{}}
  mod_private: {{}}
  # COMPAT: ejabberd 23.01 has no privileged IQs (XEP-0356 0.4) yet.
  mod_privilege:
    roster: {{ both: privileged }}
    message: {{ outgoing: privileged }}
    presence: {{ managed_entity: privileged, roster: privileged }}
  mod_pubsub:
    access_createnode: all
    ignore_pep_from_offline: false
    last_item_cache: false
    plugins: [flat, pep]
    force_node_config:
      storage:bookmarks: {{ access_model: whitelist }}
      "urn:xmpp:bookmarks:1": {{ access_model: whitelist }}
  mod_roster: {{ versioning: true }}
  mod_stream_mgmt: {{ resend_on_timeout: if_offline }}
  mod_vcard: {{ search: false }}
  mod_vcard_xupdate: {{}}
  mod_version: {{}}
"""

SERVICE = """\
  - port: {port}
    ip: "127.0.0.1"
    module: ejabberd_service
    access: all
    shaper: none
    max_fsm_queue: 100000
"""


class Ejabberd(Lasting):
    """As `tests.servers.Prosody`: free ports that stay the same, data gone after the block.

    It is one Erlang node without a name: nothing is shared with other nodes on the machine, no
    port mapper is started, no cookie read, and any number run side by side.
    """

    def __init__(
        self,
        *,
        components: Mapping[str, str] | None = None,
        users: Mapping[str, str] | None = None,
        privileged: Collection[str] = (),
        spare: int = 0,
        domain: str = "localhost",
    ) -> None:
        """`spare` is how many component domains `spare_component` can give."""
        self._temporary = tempfile.TemporaryDirectory(prefix="sluice-ejabberd-")
        self.folder = Path(self._temporary.name)
        self.domain = domain
        self.components = self._reserve(spare, domain, components)
        self.privileged = privileged
        self.users = dict(users or {})
        self._registered: set[str] = set()
        self._ports = [Port(), Port(), Port()]
        self.c2s_port, self.component_port, self.http_port = (p.number for p in self._ports)
        self._child: Child | None = None

    @property
    def host(self) -> str:
        return LOOPBACK

    @property
    def rooms(self) -> str:
        """The domain of ejabberd's own multi-user chat."""
        return f"rooms.{self.domain}"

    @property
    def pid(self) -> int:
        return self._running.pid

    async def start(self) -> None:
        """Start it, and return once it takes clients and components and knows all accounts."""
        config = self.folder / "ejabberd.yml"
        config.write_text(self._configuration())
        log = self.folder / "ejabberd.log"
        self._child = Child(
            [
                find_program("erl", "ejabberd"),
                "-noinput",
                # One core is enough for tests, and leaves the others to other workers.
                *("+S", "1:1", "+SDio", "1", "+A", "1"),
                *("-mnesia", "dir", json.dumps(str(self.folder / "mnesia"))),
                *("-s", "ejabberd"),
            ],
            log=self.folder / "ejabberd.out",
            environment={
                **os.environ,
                "EJABBERD_CONFIG_PATH": str(config),
                "EJABBERD_LOG_PATH": str(log),
                "ERL_LIBS": _libraries(),
                "ERL_CRASH_DUMP": "/dev/null",
                "HOME": str(self.folder),
            },
            folder=self.folder,
        )
        self._child.start()
        await self._child.ready(self._is_ready)
        for name in [name for name in self.users if name not in self._registered]:
            await self.add_user(name, self.users[name])

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

    async def add_user(self, name: str, password: str) -> None:
        """Add an account to the running server, or change its password."""
        self.users[name] = password
        self._registered.add(name)
        account = {"user": name, "host": self.domain}
        async with aiohttp.ClientSession(f"http://{LOOPBACK}:{self.http_port}/") as session:
            answer = await session.post("/api/register", json={**account, "password": password})
            if answer.status == 409:
                answer = await session.post(
                    "/api/change_password", json={**account, "newpass": password}
                )
            if answer.status != 200:
                raise RuntimeError(f"ejabberd: {answer.status} {await answer.text()}")

    def logs(self, lines: int = 60) -> str:
        """The end of what ejabberd logged and printed."""
        logged = self.folder / "ejabberd.log"
        text = logged.read_text(errors="replace") if logged.exists() else ""
        printed = "" if self._child is None else self._child.tail(lines)
        return "\n".join([*text.splitlines()[-lines:], *printed.splitlines()])

    async def _end(self) -> None:
        await self.stop()
        for port in self._ports:
            port.give_back()

    @property
    def _running(self) -> Child:
        if self._child is None:
            raise RuntimeError("ejabberd has not been started")
        return self._child

    async def _is_ready(self) -> bool:
        return (
            await speaks_xmpp(self.c2s_port, self.domain)
            and await accepts(self.http_port)
            and await accepts(self.component_port)
        )

    def _configuration(self) -> str:
        service = SERVICE.format(port=self.component_port)
        hosts = [
            f"      {json.dumps(jid)}: {{ password: {json.dumps(secret)} }}\n"
            for jid, secret in self.components.items()
        ]
        # With no hosts listed, whoever has the secret may be any domain.
        service += "    hosts:\n" + "".join(hosts) if hosts else f"    password: {SECRET}\n"
        return CONFIG.format(
            domain=json.dumps(self.domain),
            c2s=self.c2s_port,
            http=self.http_port,
            rooms=json.dumps(self.rooms),
            folder=self.folder,
            components=service,
            privileged=json.dumps([*self.privileged] or ["none.invalid"]),
        )


def _libraries() -> str:
    """Where ejabberd's Erlang libraries are, as its own start script has it."""
    script = Path(find_program("ejabberdctl", "ejabberd")).read_text()
    found = re.search(r"^ERL_LIBS=['\"]?([^'\"\n]+)", script, re.MULTILINE)
    if found is None:
        raise RuntimeError("ejabberdctl does not say where ejabberd's libraries are")
    return found[1]
