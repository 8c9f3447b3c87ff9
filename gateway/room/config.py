"""Changes of a room's set-up, and what they show (XEP-0045 §10.2)."""

from __future__ import annotations

from dataclasses import replace

from gateway.room.removal import remove
from gateway.room.state import Delivery, Notice, Room, RoomConfig
from legacy_backend.terms import Affiliation


def configure(room: Room, new: RoomConfig) -> list[Delivery]:
    """Set the room up as `new`; return who has to go, and what the others are told.

    Non-members leave a room that becomes one for members only (322); a change of who sees
    identities is told by 172 or 173, any other by 104 (§10.2.1). Nothing for no change.
    """
    old = room.config
    if new == old:
        return []
    room.config = replace(new)
    room.version += 1
    shown: list[Delivery] = []
    if new.members_only and not old.members_only:
        for person in list(room.people.values()):
            if person.affiliation is Affiliation.NONE:
                shown += remove(room, person, codes=(322,), forget=True)
    codes = []
    if new.anonymous != old.anonymous:
        codes.append(173 if new.anonymous else 172)
    if replace(new, anonymous=old.anonymous) != old:
        codes.append(104)
    return shown + room.to_all(Notice(tuple(codes)))


def restyled(room: Room, avatar: str) -> list[Delivery]:
    """Give the room another picture, by its SHA-1 ("" for none); return the 104 that tells."""
    if room.avatar == avatar:
        return []
    room.avatar = avatar
    return room.to_all(Notice((104,)))
