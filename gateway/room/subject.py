"""What the room is about (XEP-0045 §8.1)."""

from __future__ import annotations

from gateway.errors import Refused
from gateway.room.state import Occupant, Room
from legacy_backend.terms import Role


def settable(room: Room, actor: Occupant) -> None:
    """Check that `actor` may change the subject.

    Raises Refused "forbidden" for visitors, and for participants where only moderators may.
    """
    role = room.role(actor)
    if role is Role.MODERATOR:
        return
    if role < Role.PARTICIPANT or not room.config.members_may_change_subject:
        raise Refused("forbidden", "Only moderators may change the subject here.")
