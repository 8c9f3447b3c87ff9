"""A server that lasts for a block, and whose folder does."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from tests.servers.server import SECRET


class Lasting:
    """The part of a server in a temporary folder that begins and ends it.

    If the block fails, the end of the server's log is added to the exception as a note.
    """

    users: dict[str, str]
    _temporary: tempfile.TemporaryDirectory[str]

    async def start(self) -> None:
        raise NotImplementedError

    async def _end(self) -> None:
        """End the server, and give its ports back."""
        raise NotImplementedError

    def logs(self, lines: int = 60) -> str:
        raise NotImplementedError

    def _reserve(
        self, spare: int, domain: str, components: Mapping[str, str] | None
    ) -> dict[str, str]:
        """All component domains with their secrets, so many of them for `spare_component`."""
        spares = [f"gw{number}.{domain}" for number in range(spare)]
        self._spares = iter(spares)
        return {**dict.fromkeys(spares, SECRET), **(components or {})}

    def spare_component(self) -> str:
        """A component domain, with the secret SECRET, that no test was given yet."""
        return next(self._spares)

    def password_of(self, name: str) -> str:
        return self.users[name]

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException as error:
            self._explain(error)
            await self._leave()
            raise
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        if error is not None:
            self._explain(error)
        await self._leave()

    def _explain(self, error: BaseException) -> None:
        error.add_note(f"The end of the log of {type(self).__name__}:\n{self.logs()}")

    async def _leave(self) -> None:
        await self._end()
        self._temporary.cleanup()
