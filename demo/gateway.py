"""The gateway of the demo: its configuration, and `sluice run` as a child process."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from demo.child import Child
from demo.ports import LOOPBACK, accepts

ROOT = Path(__file__).parent.parent

CONFIG = """\
# Written anew at every start of the demo.
[xmpp]
jid = {jid}
secret = {secret}
host = "127.0.0.1"
port = {component_port}

[database]
url = "sqlite:///sluice.sqlite"

[network]
backend = "webchat"

[network.options]
listen = "127.0.0.1"
port = {webchat_port}
database = "sqlite:///webchat.sqlite"
frame_ancestors = {page}

[users]
allowed = {allowed}
auto_register = true
"""


@dataclass(frozen=True)
class Link:
    """How the gateway is reached, and whom it serves."""

    jid: str
    secret: str
    component_port: int
    webchat_port: int
    domain: str
    """The domain of its users."""
    page: str
    """The origin of the page that shows the web chat in a frame."""

    @property
    def webchat(self) -> str:
        return f"http://{LOOPBACK}:{self.webchat_port}/"


class Gateway:
    """`sluice run` on a configuration in `folder`, where its databases are too."""

    def __init__(self, folder: Path, link: Link) -> None:
        self.link = link
        self.config = folder / "config.toml"
        self._child = Child(
            # `sluice run` of this checkout, whether it is installed or not.
            [sys.executable, "-m", "gateway", "run", "-c", str(self.config)],
            log=folder / "gateway.log",
            environment={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            folder=folder,
        )

    @property
    def running(self) -> bool:
        return self._child.running

    @property
    def pid(self) -> int:
        return self._child.pid

    async def start(self) -> None:
        """Start it, and return once its web chat takes connections."""
        self.config.write_text(configuration(self.link))
        self.config.chmod(0o600)
        self._child.start()
        await self._child.ready(lambda: accepts(self.link.webchat_port), seconds=60)

    async def stop(self) -> int | None:
        """Have it finish what it is at. Returns its exit code."""
        return await self._child.stop(seconds=15)

    def kill(self) -> None:
        self._child.kill()

    def logs(self) -> str:
        return self._child.tail()


def configuration(link: Link) -> str:
    """The configuration file as text."""
    return CONFIG.format(
        jid=_toml(link.jid),
        secret=_toml(link.secret),
        component_port=link.component_port,
        webchat_port=link.webchat_port,
        page=_toml(link.page),
        allowed=_toml(".*@" + link.domain.replace(".", r"\.")),
    )


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
