"""Affiliations and roles: who may change whose, and what a change shows (XEP-0045 §5, §8–§10)."""

from __future__ import annotations

from gateway.errors import Refused
from gateway.room.kick import moderates
from gateway.room.nick import free_nick
from gateway.room.removal import away, remove
from gateway.room.state import Delivery, Face, Occupant, Room
from legacy_backend.terms import Affiliation, Role


def affiliation_grantable(
    room: Room, actor: Occupant, target: Occupant | None, wanted: Affiliation
) -> None:
    """Check that `actor` may give `wanted` to `target`; None is somebody unknown to the room.

    Raises Refused: "forbidden" for those who are no admins, and for admins where ownership or
    adminship is at stake (§10.3–10.8); "not-allowed" if the target ranks above the actor (§9.1);
    "conflict" for banning oneself (§9.1) and for the last owner stepping down (§10.4).
    """
    if target is actor:
        _own_affiliation(room, actor, wanted)
        return
    if actor.affiliation < Affiliation.ADMIN:
        raise Refused("forbidden", "Only admins and owners may change who belongs here.")
    had = target.affiliation if target is not None else Affiliation.NONE
    if had > actor.affiliation:
        raise Refused("not-allowed", f"{target.nick if target else 'They'} ranks above you.")
    if max(had, wanted) >= Affiliation.ADMIN and actor.affiliation < Affiliation.OWNER:
        if wanted is Affiliation.OUTCAST or had >= Affiliation.ADMIN:
            raise Refused("not-allowed", "Only owners may change admins and owners.")
        raise Refused("forbidden", "Only owners may make admins and owners.")


def _own_affiliation(room: Room, actor: Occupant, wanted: Affiliation) -> None:
    if wanted is Affiliation.OUTCAST:
        raise Refused("conflict", "You cannot ban yourself.")
    if wanted > actor.affiliation:
        raise Refused("forbidden", "You cannot promote yourself.")
    if actor.affiliation is Affiliation.OWNER and wanted < Affiliation.OWNER:
        others = (p for p in room.people.values() if p is not actor)
        if not any(p.affiliation is Affiliation.OWNER for p in others):
            raise Refused("conflict", "A room needs an owner: make somebody else one first.")


def role_grantable(room: Room, actor: Occupant, nick: str, wanted: Role) -> Occupant:
    """The occupant called `nick`, if `actor` may give them the role `wanted` (not NONE: `kick`).

    Raises Refused: "forbidden" if the actor is no moderator, or not enough of one to make
    another (§9.6), "item-not-found" if nobody here has that nickname, "not-allowed" for taking a
    role from an admin, an owner, or anyone above the actor (§8.4, §9.7).
    """
    if not moderates(room, actor):
        raise Refused("forbidden", "Only moderators may change roles.")
    target = room.occupant(nick)
    if target is None:
        raise Refused("item-not-found", f"Nobody here is called {nick}.")
    had = room.role(target)
    if wanted < had and (
        target.affiliation >= Affiliation.ADMIN or target.affiliation > actor.affiliation
    ):
        raise Refused("not-allowed", f"{nick} ranks too high for that.")
    if Role.MODERATOR in (had, wanted) and actor.affiliation < Affiliation.ADMIN:
        raise Refused("forbidden", "Only admins and owners may make or unmake moderators.")
    return target


def set_affiliation(
    room: Room,
    target: Occupant,
    affiliation: Affiliation,
    *,
    role: Role | None = None,
    actor: str = "",
    reason: str = "",
) -> list[Delivery]:
    """Give `target` another standing; return what that shows.

    `role` is the network's word on what they may do now, None for what follows.

    OUTCAST puts them out (301), NONE puts them out of a room for members only (321), whatever
    else is shown as a presence with the new affiliation and the role that comes with it. Shows
    nothing if it is what they have.
    """
    if target.affiliation is affiliation:
        return []
    if affiliation is Affiliation.OUTCAST:
        return remove(
            room, target, codes=(301,), actor=actor, reason=reason, affiliation=affiliation
        )
    if affiliation is Affiliation.NONE and room.config.members_only:
        return remove(
            room, target, codes=(321,), actor=actor, reason=reason,
            affiliation=affiliation, forget=True,
        )  # fmt: skip
    was_banned = target.affiliation is Affiliation.OUTCAST
    before = room.face(target)
    target.affiliation = affiliation
    target.given_role = role
    if was_banned:
        target.nick = free_nick(room, target.nick, target, target.member)
        room.nicks[target.nick] = target
    if not target.seats:
        told = away(target, actor, reason)
        return told + _shown_again(room, target, before, actor, reason)
    return _shown_again(room, target, before, actor, reason)


def set_role(
    room: Room, target: Occupant, role: Role, *, actor: str = "", reason: str = ""
) -> list[Delivery]:
    """Give `target` another role (not NONE); return what that shows, nothing if they have it."""
    had, before = room.role(target), room.face(target)
    target.given_role = role
    return [] if had is role else _shown_again(room, target, before, actor, reason)


def _shown_again(
    room: Room, target: Occupant, before: Face, actor: str, reason: str
) -> list[Delivery]:
    room.version += 1
    if not target.here:
        return []
    return room.to_all_again(target, before, actor=actor, reason=reason)
