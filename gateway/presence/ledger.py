"""All standings of users and addresses of ours: in memory to be asked, stored to last."""

from __future__ import annotations

import asyncio
import logging

from gateway.presence.standing import Standing
from gateway.store import Store

log = logging.getLogger(__name__)


class Ledger:
    """By the localpart of the address ("" is the gateway itself) and the user's bare JID.

    A pair that was never written down is None, which is not the same as NONE: nobody has asked
    anybody yet.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._standings: dict[str, dict[str, Standing]] = {}

    async def load(self) -> None:
        """Read what the process before left."""
        for user, local, number in await self._store.all_subscriptions():
            self._standings.setdefault(local, {})[user] = Standing(number)

    def get(self, user: str, local: str) -> Standing | None:
        return self._standings.get(local, {}).get(user)

    def note(self, user: str, local: str, standing: Standing) -> None:
        """Have it so for now: what is only being decided does not outlast the process."""
        self._standings.setdefault(local, {})[user] = standing

    def put(self, user: str, local: str, standing: Standing) -> None:
        """Write down how it is now. Of contacts that a user has nothing to do with any more, or
        never had, nothing is kept; that the gateway was turned down is."""
        if standing or not local:
            self._standings.setdefault(local, {})[user] = standing
            self._watch(self._store.put_subscription(user, local, standing.value))
            return
        users = self._standings.get(local, {})
        if users.pop(user, None) is not None:
            self._watch(self._store.remove_subscription(user, local))
        if not users:
            self._standings.pop(local, None)

    def forget(self, user: str) -> None:
        """The user has left the gateway."""
        for local in [local for local, users in self._standings.items() if user in users]:
            del self._standings[local][user]
            if not self._standings[local]:
                del self._standings[local]
        self._watch(self._store.remove_subscriptions(user))

    def watchers(self, local: str) -> list[str]:
        """The users who are shown the presence of an address."""
        users = self._standings.get(local, {})
        return [user for user, standing in users.items() if Standing.FROM in standing]

    def shown(self) -> list[tuple[str, str]]:
        """Each user with each address whose presence they are shown."""
        return [
            (user, local)
            for local, users in self._standings.items()
            for user, standing in users.items()
            if Standing.FROM in standing
        ]

    def _watch(self, written: asyncio.Future[None]) -> None:
        written.add_done_callback(_log_failure)


def _log_failure(written: asyncio.Future[None]) -> None:
    if not written.cancelled() and (error := written.exception()) is not None:
        log.error("a subscription could not be stored: %s", error)
