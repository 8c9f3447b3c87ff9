"""Who the network says is in the group, and what of it is news (XEP-0045 §7.2.2, §7.14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.room.nick import free_nick, rename
from gateway.room.removal import remove
from gateway.room.standing import set_affiliation
from gateway.room.state import Appearance, Delivery, Hat, Occupant, OccupantId, Room, Show
from legacy_backend.terms import Affiliation, MemberId, Role, Stretch, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody as the network describes them; `id` is for those whom the room does not know."""

    member: MemberId
    id: OccupantId
    name: str
    affiliation: Affiliation = Affiliation.MEMBER
    role: Role | None = None
    user: UserId | None = None
    jid: str | None = None
    present: bool = True
    show: Show = ""
    status: str = ""
    idle_since: datetime | None = None
    hats: tuple[Hat, ...] = ()
    photo: str | None = None
    sees: tuple[Stretch, ...] | None = None


def seen(
    room: Room, person: Person, *, actor: str = "", reason: str = ""
) -> tuple[Occupant, list[Delivery]]:
    """Bring one person up to date; return them, and what of it the seats are shown.

    Somebody new appears, somebody known changes name, standing or looks, somebody no longer
    present goes: whichever it takes, and nothing if nothing changed.
    """
    known = room.people.get(person.member)
    if known is None:
        return _arrives(room, person)
    shown = _becomes(room, known, person)
    if known.affiliation is not person.affiliation:
        shown += set_affiliation(
            room, known, person.affiliation, role=person.role, actor=actor, reason=reason
        )
        if room.people.get(known.member) is not known:
            return known, shown
    before = room.face(known) if known.here else None
    if person.affiliation is not Affiliation.OUTCAST:
        wish = free_nick(room, person.name, known, person.member)
        if wish != known.nick and not _is_namesake_form(known.nick, wish):
            shown += rename(room, known, wish)
            before = room.face(known) if known.here else None
    if before is not None and not person.present and known.user is None:
        return known, shown + remove(room, known, actor=actor, reason=reason)
    known.given_role = person.role
    known.present = person.present
    if not known.seats:  # their clients know better
        known.show, known.status, known.idle_since = person.show, person.status, person.idle_since
    known.hats, known.photo = person.hats, person.photo
    known.sees = person.sees
    if known.here and room.face(known) != before:
        shown += room.to_all_again(known, before or room.face(known), actor=actor, reason=reason)
    return known, shown


def _becomes(room: Room, known: Occupant, person: Person) -> list[Delivery]:
    """Note whose account they are. One who becomes a user is gone until a client joins; one who
    is a user no more has yet to be shown."""
    face = room.face(known, gone=True) if known.here else None
    known.user, known.jid = person.user, person.jid
    if face is None:
        known.present = False
        return []
    if known.here:
        return []
    return room.to_all(Appearance(face, available=False))


def _arrives(room: Room, person: Person) -> tuple[Occupant, list[Delivery]]:
    new = Occupant(
        member=person.member,
        id=person.id,
        nick=free_nick(room, person.name, None, person.member),
        affiliation=person.affiliation,
        given_role=person.role,
        user=person.user,
        jid=person.jid,
        present=person.present,
        show=person.show,
        status=person.status,
        idle_since=person.idle_since,
        hats=person.hats,
        photo=person.photo,
        sees=person.sees,
    )
    room.file(new)
    if not new.here:
        return new, []
    return new, room.to_all(Appearance(room.face(new)))


def _is_namesake_form(nick: str, wish: str) -> bool:
    """Whether `nick` is `wish` told apart from a namesake: it stays, lest names swap about."""
    return nick.startswith(f"{wish} (") and nick.endswith(")")


def all_seen(room: Room, people: Iterable[Person]) -> list[Delivery]:
    """Bring the whole list up to date: those not on it are gone.

    Who sits here without being on it may stay where anybody may come in.
    """
    shown: list[Delivery] = []
    listed = set()
    for person in people:
        listed.add(person.member)
        shown += seen(room, person)[1]
    for stray in [p for p in room.people.values() if p.member not in listed]:
        put_out = room.config.members_only and bool(stray.seats)
        if put_out or stray.affiliation is Affiliation.OUTCAST or not stray.seats:
            codes = (321,) if put_out else ()
            shown += remove(room, stray, codes=codes, affiliation=Affiliation.NONE, forget=True)
    return shown
