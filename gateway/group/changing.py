"""A change of somebody's standing that a user asked for, and what the network tells meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType

from legacy_backend.terms import MemberId

log = logging.getLogger(__name__)


class Changing:
    """Held, by `async with`, by the one change that is with the network.

    What the network tells of those whom it is `about` waits until the change is answered, so that
    the order is the standard's (XEP-0045 §8.2) whichever comes first and however long it takes.
    What is told of others does not wait, nor does the network itself.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._waiting: dict[MemberId, list[Callable[[], None]]] = {}

    async def __aenter__(self) -> Changing:
        await self._lock.acquire()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        waiting, self._waiting = self._waiting, {}
        self._lock.release()
        for act in (act for acts in waiting.values() for act in acts):
            try:
                act()
            except Exception:
                log.exception("what waited for a change could not be done")

    def about(self, member: MemberId) -> None:
        """Say, while holding it and before the network is asked, whom it is about."""
        self._waiting.setdefault(member, [])

    def tell(self, member: MemberId, act: Callable[[], None]) -> None:
        """Do what the network tells of somebody: now, or once they are not being changed."""
        waiting = self._waiting.get(member)
        if waiting is None:
            act()
        else:
            waiting.append(act)
