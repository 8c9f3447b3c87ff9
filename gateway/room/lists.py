"""Who may see which list of people (XEP-0045 §9.5, §5.2.1)."""

from __future__ import annotations

from gateway.room.config import reads_lists
from gateway.room.state import Occupant, Room
from legacy_backend.terms import Affiliation


def may_list(room: Room, actor: Occupant, affiliation: Affiliation) -> bool:
    """Whether somebody may see who has an affiliation.

    The ban list is for admins; the others are for members, or for admins where identities are not
    everybody's to see, and for the roles that the room is set up for.
    """
    least = Affiliation.ADMIN
    if affiliation is not Affiliation.OUTCAST and not room.config.anonymous:
        least = Affiliation.MEMBER if room.config.members_only else Affiliation.NONE
    if actor.affiliation < least or actor.affiliation is Affiliation.OUTCAST:
        return False
    return reads_lists(room, actor)
