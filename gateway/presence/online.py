"""Which clients of the users are online, as far as anybody tells us."""

from __future__ import annotations

MOST = 64
"""Clients of one user that are counted."""


class Online:
    """Full JIDs by bare JID. A user's presence comes once to each address that is shown it: here
    it counts once."""

    def __init__(self) -> None:
        self._clients: dict[str, set[str]] = {}

    def came(self, user: str, client: str) -> bool:
        """A client is there; whether it is the user's first."""
        clients = self._clients.setdefault(user, set())
        first = not clients
        if len(clients) < MOST:
            clients.add(client)
        return first

    def went(self, user: str, client: str) -> bool:
        """A client has gone; whether it was the user's last. A bare JID stands for all of them."""
        clients = self._clients.get(user)
        if clients is None:
            return False
        if client == user:
            clients.clear()
        clients.discard(client)
        if clients:
            return False
        del self._clients[user]
        return True

    def is_online(self, user: str) -> bool:
        return user in self._clients

    def forget(self, user: str) -> None:
        """Nothing is known of a user any more."""
        self._clients.pop(user, None)
