"""What an act works with: one transaction, the time, the limits, and what it made known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from legacy_backend.events import Event
from legacy_backend.terms import MemberId
from legacy_backend.webchat.happenings import Happening
from legacy_backend.webchat.settings import Settings
from legacy_backend.webchat.store.people import Person


@dataclass(slots=True)
class Work:
    """Lives as long as one act; runs on the database's thread.

    An act that raises leaves nothing behind: neither rows nor happenings.
    """

    conn: sa.Connection
    now: datetime
    settings: Settings
    is_online: Callable[[MemberId], bool]
    told: list[Happening] = field(default_factory=list)

    def tell(self, event: Event, *, seq: int = 0) -> None:
        """Make `event` known to everyone in its group, and to the gateway. See Happening.seq."""
        self.told.append(Happening(event, seq=seq))

    def tell_person(self, person: Person, event: Event) -> None:
        """Make `event` known to one person, through the gateway if they use it."""
        event = replace(event, to=person.user)
        self.told.append(Happening(event, frozenset({person.id}), person.user is not None))

    def tell_browsers(self, event: Event, *people: MemberId) -> None:
        """Make `event` known on the pages of `people` (of its group, if none) alone."""
        self.told.append(Happening(event, frozenset(people) if people else None, False))
