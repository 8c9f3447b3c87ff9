"""How somebody goes from a room other than by their own will: one way for all the reasons."""

from __future__ import annotations

from gateway.room.state import Appearance, Delivery, Destroyed, Occupant, Room, Standing
from legacy_backend.terms import Affiliation

_STANDING = ((301,), (321,))
"""The codes of those whom another affiliation puts out."""


def remove(
    room: Room,
    target: Occupant,
    *,
    codes: tuple[int, ...] = (),
    actor: str = "",
    reason: str = "",
    affiliation: Affiliation | None = None,
    forget: bool = False,
) -> list[Delivery]:
    """Take `target` out; return what their own seats are shown first, then what the others are.

    `affiliation` is what they have from now on, None for what they had. `forget` strikes them off
    the room's list too, as when a member is gone for good. Nothing is shown if they were not
    here, or had gone while the network was asked: that was shown already.
    """
    known = room.people.get(target.member) is target
    was_here = known and target.here
    own = tuple(target.seats.values())
    before, had = room.face(target), target.affiliation
    for seat in own:
        room.seats.pop(seat.jid, None)
    target.seats.clear()
    target.present = False
    _refile(room, target, affiliation, forget)
    if known and not own and codes in _STANDING and target.affiliation is not had:
        told = away(target, actor, reason)
    else:
        told = []
    if not was_here:
        return told
    face = room.face(target, gone=True)._replace(
        jid=before.jid, show="", status="", idle_since=None, hats=(), hidden=before.hidden,
    )  # fmt: skip
    gone = Appearance(face, available=False, codes=codes, actor=actor, reason=reason)
    shown = [Delivery(own, gone)] if own else []
    return told + shown + room.to_all(gone)


def away(target: Occupant, actor: str, reason: str) -> list[Delivery]:
    """What a user who has no seat is told of their new affiliation (§18.1)."""
    if target.user is None:
        return []
    return [Delivery((), Standing(target.user, target.affiliation.word, actor, reason))]


def _refile(room: Room, target: Occupant, affiliation: Affiliation | None, forget: bool) -> None:
    room.version += 1
    if affiliation is not None:
        target.affiliation = affiliation
    if forget:
        room.unfile(target)
    elif target.affiliation is Affiliation.OUTCAST and room.nicks.get(target.nick) is target:
        del room.nicks[target.nick]  # a ban frees the reserved nickname (§9.1)


def empty(room: Room, fact: Destroyed) -> list[Delivery]:
    """Do away with the room: each seat is told once, about its own occupant (§10.9)."""
    shown = []
    for seat in tuple(room.seats.values()):
        face = room.face(seat.occupant, gone=True)._replace(
            affiliation="none", jid=None, status="", hats=()
        )
        shown.append(Delivery((seat,), Appearance(face, available=False, destroyed=fact)))
    for person in tuple(room.people.values()):
        room.unfile(person)
    return shown


def close(room: Room, *, codes: tuple[int, ...], reason: str = "") -> list[Delivery]:
    """Tell each seat that it is gone, about its own occupant; the room itself stays (§11.2)."""
    shown = []
    for seat in tuple(room.seats.values()):
        face = room.face(seat.occupant, gone=True)._replace(affiliation="none", status="", hats=())
        gone = Appearance(face, available=False, codes=codes, reason=reason)
        shown.append(Delivery((seat,), gone))
        seat.occupant.seats.pop(seat.jid, None)
    room.seats.clear()
    room.version += 1
    return shown
