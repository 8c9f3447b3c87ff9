"""The XMPP server between gateway and clients: the demo's Prosody, kept for one invocation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import demo.prosody

DOMAIN = "localhost"
SECRET = "secret"
PASSWORD = "password"
MODULES = ("roster", "saslauth", "disco", "ping", "presence", "message", "iq", "pep")


class Prosody(demo.prosody.Prosody):
    """Serves `components`, which are privileged entities, as slidge's manual asks for.

    Has few modules: with all that the demo has, Prosody itself passes on half as many messages.
    """

    def __init__(self, folder: Path, components: Iterable[str]) -> None:
        names = list(components)
        super().__init__(folder, dict.fromkeys(names, SECRET), privileged=names, domain=DOMAIN)
        self.log_level = "warn"

    async def add_accounts(self, names: Iterable[str]) -> None:
        for name in names:
            await self.add_user(name, PASSWORD)

    def _configuration(self) -> str:
        modules = ", ".join(f'"{module}"' for module in MODULES)
        few = f"modules_enabled = {{ {modules} }}"
        return re.sub(r"modules_enabled = \{[^}]*\}", few, super()._configuration(), count=1)

    async def __aenter__(self) -> Prosody:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
