"""Prosody in a temporary folder."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

import demo.prosody
from tests.servers.lasting import Lasting

SPARE = 100
"""Component domains in reserve for `spare_component`; each costs Prosody about 1 ms at start."""


class Prosody(demo.prosody.Prosody, Lasting):
    """`async with Prosody(components={"chat.localhost": "secret"}, users={"ada": "pw"}) as server:`

    Ports are free ones and stay the same over restarts; the data is gone afterwards.
    """

    def __init__(
        self,
        *,
        components: Mapping[str, str] | None = None,
        users: Mapping[str, str] | None = None,
        privileged: Collection[str] = (),
        spare: int = 0,
        domain: str = "localhost",
        more: str = "",
    ) -> None:
        """`spare` is how many component domains `spare_component` can give.

        `more` is put at the end of the configuration.
        """
        self._temporary = tempfile.TemporaryDirectory(prefix="sluice-prosody-")
        super().__init__(
            Path(self._temporary.name),
            self._reserve(spare, domain, components),
            dict(users or {}),
            privileged,
            domain,
            more=more,
        )

    async def _end(self) -> None:
        await self.close()
