"""Prosody in a temporary folder."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType

import demo.prosody
from tests.servers.server import SECRET

SPARE = 100
"""Component domains in reserve for `spare_component`; each costs Prosody about 1 ms at start."""


class Prosody(demo.prosody.Prosody):
    """`async with Prosody(components={"chat.localhost": "secret"}, users={"ada": "pw"}) as server:`

    Ports are free ones and stay the same over restarts; the data is gone afterwards. If the block
    fails, the end of Prosody's log is added to the exception as a note.
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
        spares = [f"gw{number}.{domain}" for number in range(spare)]
        super().__init__(
            Path(self._temporary.name),
            {**dict.fromkeys(spares, SECRET), **(components or {})},
            dict(users or {}),
            privileged,
            domain,
            more=more,
        )
        self._spares = iter(spares)

    def spare_component(self) -> str:
        """A component domain, with the secret SECRET, that no test was given yet."""
        return next(self._spares)

    def password_of(self, name: str) -> str:
        return self.users[name]

    async def __aenter__(self) -> Prosody:
        try:
            await self.start()
        except BaseException as error:
            error.add_note(f"The end of Prosody's log:\n{self.logs()}")
            await self._leave()
            raise
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        if error is not None:
            error.add_note(f"The end of Prosody's log:\n{self.logs()}")
        await self._leave()

    async def _leave(self) -> None:
        await self.close()
        self._temporary.cleanup()
