"""What of a room's past somebody may read."""

from __future__ import annotations

from gateway.room.state import Occupant, Room
from legacy_backend.terms import Stretch


def visible(room: Room, person: Occupant | None) -> tuple[Stretch, ...] | None:
    """When what `person` (None: a stranger, who looks in from outside) may read was said; None is
    all of it. Whether they may read here at all is another question."""
    if person is not None:
        return person.sees
    return None if room.config.history_visible or room.config.public_log else ()
