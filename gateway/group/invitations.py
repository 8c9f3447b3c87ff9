"""Invitations between users that a room passes on, and that may be declined through it."""

from __future__ import annotations

MOST = 1000
"""Those that are remembered; older ones are taken as accepted."""


class Invitations:
    """Who asked whom into one room, by their bare JIDs, the longest ago first."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], None] = {}

    def passed_on(self, inviter: str, invitee: str) -> None:
        """Note that the room passes an invitation on between two users."""
        self._open.pop((inviter, invitee), None)
        self._open[(inviter, invitee)] = None
        if len(self._open) > MOST:
            del self._open[next(iter(self._open))]

    def answered(self, inviter: str, invitee: str) -> bool:
        """Whether one user has asked the other in, who now answers: asked once."""
        if (inviter, invitee) not in self._open:
            return False
        del self._open[(inviter, invitee)]
        return True
