"""A real Matrix server (Synapse), on a free port of the loopback, with its data in a folder."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from types import TracebackType

import aiohttp

from tests.e2e.conftest import free_port

PATIENCE = 90.0
"""Seconds that a start may take: Synapse makes its database anew each time."""

NAME = "matrix.example"
"""The part of user ids after the colon."""

UNLIMITED = {"per_second": 10_000, "burst_count": 10_000}


class Synapse:
    """`async with Synapse(folder, python) as matrix:` runs one; users may register freely."""

    def __init__(self, folder: Path, python: Path) -> None:
        """`python` is that of the environment where Synapse is installed."""
        self.folder = folder
        self.url = f"http://127.0.0.1:{free_port(self)}"
        self._python = python
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Synapse:
        self.folder.mkdir(exist_ok=True)
        config = self.folder / "homeserver.yaml"
        await asyncio.to_thread(config.write_text, json.dumps(self._config()))  # JSON is YAML
        make_keys = await self._run("--generate-keys", "-c", str(config))
        assert await make_keys.wait() == 0, self._log()
        self._process = await self._run("-c", str(config))
        await asyncio.wait_for(self._answers(), PATIENCE)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), 10)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if error is not None:
            print(self._log()[-4000:])

    async def _run(self, *arguments: str) -> asyncio.subprocess.Process:
        with (self.folder / "synapse.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                str(self._python), "-m", "synapse.app.homeserver", *arguments,
                cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip

    async def _answers(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"{self.url}/_matrix/client/versions") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientConnectionError:
                    pass
                assert self._process is not None
                assert self._process.returncode is None, self._log()
                await asyncio.sleep(0.1)  # nothing tells when a port is open

    def _log(self) -> str:
        return (self.folder / "synapse.log").read_text(errors="replace")

    def _config(self) -> dict[str, object]:
        port = int(self.url.rpartition(":")[2])
        logging = self.folder / "logging.yaml"
        logging.write_text(
            json.dumps(
                {
                    "version": 1,
                    "handlers": {"all": {"class": "logging.StreamHandler"}},
                    "root": {"level": "WARNING", "handlers": ["all"]},
                }
            )
        )
        return {
            "server_name": NAME,
            "public_baseurl": self.url + "/",
            "listeners": [
                {
                    "port": port,
                    "type": "http",
                    "bind_addresses": ["127.0.0.1"],
                    "resources": [{"names": ["client"]}],
                }
            ],
            "database": {"name": "sqlite3", "args": {"database": str(self.folder / "synapse.db")}},
            "log_config": str(logging),
            "media_store_path": str(self.folder / "media"),
            "signing_key_path": str(self.folder / "signing.key"),
            "pid_file": str(self.folder / "synapse.pid"),
            "macaroon_secret_key": "a secret of the tests",
            "form_secret": "another",
            "enable_registration": True,
            "enable_registration_without_verification": True,
            "bcrypt_rounds": 4,
            "report_stats": False,
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "encryption_enabled_by_default_for_room_type": "off",
            "rc_message": UNLIMITED,
            "rc_registration": UNLIMITED,
            "rc_login": {"address": UNLIMITED, "account": UNLIMITED, "failed_attempts": UNLIMITED},
            "rc_joins": {"local": UNLIMITED, "remote": UNLIMITED},
            "rc_invites": {"per_room": UNLIMITED, "per_user": UNLIMITED, "per_issuer": UNLIMITED},
            "rc_admin_redaction": UNLIMITED,
        }
