"""Who people are, for those from whom an anonymous group hides it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import sqlalchemy as sa

from legacy_backend.terms import GroupId, LegacyError, MemberId, Role
from legacy_backend.webchat.acts import rules
from legacy_backend.webchat.store import places


@dataclass(frozen=True, slots=True)
class Veil:
    """Turns the ids of people into what a viewer is shown for them in one group.

    When `drawn`, that is an alias good for this group alone, so that nobody can tell who is the
    same person in two groups; else it is the id itself.
    """

    secret: bytes
    group: GroupId | None
    drawn: bool

    def __call__(self, id: MemberId) -> str:
        if not self.drawn:
            return id
        seen = hmac.digest(self.secret, f"{self.group}\0{id}".encode(), hashlib.sha256)
        return f"anon-{seen.hex()[:16]}"

    def behind(self, conn: sa.Connection, shown: str) -> MemberId:
        """Whom `shown` stands for. Raises LegacyError: "item-not-found"."""
        if not self.drawn:
            return MemberId(shown)
        assert self.group is not None
        for id in places.ever_in(conn, self.group):
            if self(id) == shown:
                return id
        raise LegacyError("item-not-found", "There is nobody like that in this group.")


def veil_for(conn: sa.Connection, secret: bytes, viewer: MemberId, group: GroupId) -> Veil:
    row = rules.existing(conn, group)
    place = places.find(conn, group, viewer)
    role = Role.NONE if place is None else rules.role_of(place, row.config)
    return Veil(secret, group, bool(row.config.anonymous) and role < Role.MODERATOR)
