"""Who a contact is in the groups of a user."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from legacy_backend.terms import MemberId


def participants_of(contact: Any) -> Iterator[Any]:
    """The participants that a contact is, in the rooms of its user. What is told of the contact,
    as a name, a picture and presence, slidge tells of these too."""
    member = MemberId(str(contact.legacy_id))
    for muc in contact.session.bookmarks:
        occupant = muc.room.people.get(member)
        if occupant is not None and occupant.user is None:
            yield muc.handle_of(occupant, contact)
