"""What people were called until a moment ago."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from gateway.room.state import Appearance, Delivery
from legacy_backend.terms import MemberId

REMEMBERED = timedelta(seconds=30)
"""How long a client may still ask for something under a name from before."""


class FormerNames:
    """The nicknames of one room that were given up just now, and by whom."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._given_up: dict[tuple[MemberId, str], datetime] = {}
        """When, the longest ago first."""

    def note(self, deliveries: Iterable[Delivery]) -> None:
        """Take note of the changes of nicknames that are being shown."""
        for fact in (delivery.fact for delivery in deliveries):
            if isinstance(fact, Appearance) and fact.new_nick:
                member = fact.face.member
                self._given_up.pop((member, fact.face.nick), None)
                self._given_up.pop((member, fact.new_nick), None)
                self._given_up[member, fact.face.nick] = self._now()
        self._forget()

    def has(self, member: MemberId, nick: str) -> bool:
        """Whether somebody was called so until a moment ago, and is called otherwise now."""
        self._forget()
        return (member, nick) in self._given_up

    def _forget(self) -> None:
        oldest = self._now() - REMEMBERED
        while self._given_up:
            first = next(iter(self._given_up))
            if self._given_up[first] > oldest:
                return
            del self._given_up[first]
