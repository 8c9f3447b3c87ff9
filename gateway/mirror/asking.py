"""Questions that a mirror asks a master for itself, and the answers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from xml.etree import ElementTree as ET

from gateway.render.xml import attribute

TRIES = 3


class Asking:
    """`origin` is the mirror's address. Answers are told by their id and by who was asked."""

    def __init__(self, origin: str, write: Callable[[bytes], None]) -> None:
        self._origin = origin
        self._write = write
        self._open: dict[tuple[str, str], asyncio.Future[ET.Element]] = {}

    async def ask(self, to: str, payload: str, patience: float) -> ET.Element | None:
        """The answer to an IQ of type `get`, be it an error; None if none came in so many
        seconds."""
        ident = secrets.token_hex(8)
        answer: asyncio.Future[ET.Element] = asyncio.get_running_loop().create_future()
        self._open[to, ident] = answer
        self._write(
            f'<iq type="get" id="{ident}" from="{attribute(self._origin)}"'
            f' to="{attribute(to)}">{payload}</iq>'.encode()
        )
        try:
            return await asyncio.wait_for(answer, patience)
        except TimeoutError:
            return None
        finally:
            del self._open[to, ident]

    async def ask_again(self, to: str, payload: str, patience: float) -> ET.Element | None:
        """As `ask`; asks up to TRIES times in that time, since what is asked may be lost."""
        for _ in range(TRIES):
            answer = await self.ask(to, payload, patience / TRIES)
            if answer is not None:
                return answer
        return None

    def answered(self, iq: ET.Element) -> bool:
        """Hand an answer to whoever waits for it; whether anybody does."""
        answer = self._open.get((iq.get("from", ""), iq.get("id", "")))
        if answer is None or answer.done():
            return False
        answer.set_result(iq)
        return True
