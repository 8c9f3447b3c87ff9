"""Somebody in a room, and where they sit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NewType

from legacy_backend.terms import Affiliation, MemberId, Role, Stretch, UserId

OccupantId = NewType("OccupantId", str)
"""Opaque, the same for a person in a room whatever they are called (XEP-0421)."""

Show = Literal["", "away", "xa", "dnd", "chat"]


@dataclass(frozen=True, slots=True)
class Hat:
    """A badge beside a name (XEP-0317)."""

    uri: str
    title: str
    hue: str = ""
    """An angle in degrees (XEP-0392), "" if it has none."""


@dataclass(slots=True, eq=False)
class Seat:
    """A full JID that has joined. `occupant` is whose; `heard_at` when anything last came.

    `show` to `priority` are what this client says of its user; `said` orders that in time. With a
    `mirror`, `jid` is where that reaches the client whose real full JID is `behind`.
    """

    jid: str
    occupant: Occupant
    joined_at: datetime
    heard_at: datetime
    show: Show = ""
    status: str = ""
    priority: int = 0
    said: int = 0
    mirror: str = ""
    behind: str = ""

    @property
    def real_jid(self) -> str:
        return self.behind or self.jid

    @property
    def user(self) -> UserId:
        return UserId(self.real_jid.partition("/")[0])


@dataclass(slots=True, eq=False, weakref_slot=True)
class Occupant:
    """Somebody whom the room knows: in it, on its member list, or banned from it.

    `user` is set for those registered with the gateway: they are in the room while they have a
    seat there. For the others `present` is what the network says.
    """

    member: MemberId
    id: OccupantId
    nick: str
    affiliation: Affiliation = Affiliation.MEMBER
    given_role: Role | None = None
    user: UserId | None = None
    jid: str | None = None
    present: bool = True
    show: Show = ""
    status: str = ""
    idle_since: datetime | None = None
    hats: tuple[Hat, ...] = ()
    photo: str | None = None
    sees: tuple[Stretch, ...] | None = None
    """When what they may read was said; None is all of it."""
    seats: dict[str, Seat] = field(default_factory=dict)

    @property
    def here(self) -> bool:
        """Whether the room shows them as being in it."""
        if self.affiliation is Affiliation.OUTCAST:
            return False
        return bool(self.seats) if self.user is not None else self.present

    @property
    def address(self) -> str:
        """Their bare JID, "" if they have none."""
        return self.user or (self.jid or "").partition("/")[0]
