"""Which mirrors may speak for the users of which domains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.mirror.addresses import original, split
from legacy_backend.terms import UserId


@dataclass(frozen=True, slots=True)
class Trust:
    """`mirrors` are those that the configuration names, each with the domains of its users."""

    mirrors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.mirrors)

    def serves(self, mirror: str, user: str) -> bool:
        """Whether a mirror may speak for a user, by any of their JIDs."""
        return split(user)[1] in self.mirrors.get(mirror, ())

    def somewhere(self, user: str) -> bool:
        """Whether any mirror may speak for a user."""
        return any(self.serves(mirror, user) for mirror in self.mirrors)

    def mirror_of(self, jid: str) -> str:
        """The mirror by which an address reaches a user, "" if it is the user's own."""
        if not self.mirrors:
            return ""
        domain = split(jid)[1]
        return domain if domain in self.mirrors and self.serves(domain, original(jid)) else ""

    def behind(self, jid: str) -> str:
        """Whom an address stands for: the user behind the mirror, or whose address it is."""
        return original(jid) if self.mirror_of(jid) else jid

    def user(self, jid: str) -> UserId:
        """The bare JID of whom an address stands for."""
        return UserId(self.behind(jid).partition("/")[0])
