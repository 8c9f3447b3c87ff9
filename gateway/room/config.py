"""Changes of a room's set-up, and what they show (XEP-0045 §10.2)."""

from __future__ import annotations

from dataclasses import replace

from gateway.room.removal import remove
from gateway.room.state import Delivery, Face, Notice, Occupant, Room, RoomConfig
from legacy_backend.terms import Affiliation


def configure(room: Room, new: RoomConfig) -> list[Delivery]:
    """Set the room up as `new`; return who has to go, and what the others are told.

    Non-members leave a room that becomes one for members only (322); who has another role now,
    or one that is shown or hidden now, is shown so; a change of who sees identities is told by 172
    or 173, of whether anybody may read what is said by 170 or 171, any other by 104 (§10.2.1).
    Nothing for no change.
    """
    old = room.config
    if new == old:
        return []
    faces = _faces(room) if _changes_roles(old, new) else {}
    room.config = replace(new)
    room.version += 1
    shown: list[Delivery] = []
    if new.members_only and not old.members_only:
        for person in list(room.people.values()):
            if person.affiliation is Affiliation.NONE:
                shown += remove(room, person, codes=(322,), forget=True)
    for person, before in faces.items():
        if person.here and room.face(person) != before:
            shown += room.to_all_again(person, before)
    codes = []
    if new.public_log != old.public_log:
        codes.append(170 if new.public_log else 171)
    if new.anonymous != old.anonymous:
        codes.append(173 if new.anonymous else 172)
    if replace(new, anonymous=old.anonymous, public_log=old.public_log) != old:
        codes.append(104)
    return shown + room.to_all(Notice(tuple(codes)))


def reads_lists(room: Room, person: Occupant) -> bool:
    """Whether somebody may ask who belongs to the room: by role, or from afar by affiliation."""
    if person.affiliation >= Affiliation.ADMIN:
        return True
    role = room.role(person) if person.here else room.default_role(person.affiliation)
    return role in room.config.list_readers


def _changes_roles(old: RoomConfig, new: RoomConfig) -> bool:
    """Whether somebody may have another role now, or one that others see or do not see."""
    return (old.moderated, old.shown_roles) != (new.moderated, new.shown_roles)


def _faces(room: Room) -> dict[Occupant, Face]:
    return {person: room.face(person) for person in room.occupants()}


def restyled(room: Room, avatar: str) -> list[Delivery]:
    """Give the room another picture, by its SHA-1 ("" for none); return the 104 that tells."""
    if room.avatar == avatar:
        return []
    room.avatar = avatar
    return room.to_all(Notice((104,)))
