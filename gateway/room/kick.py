"""Kicking: put out for now (XEP-0045 §8.2)."""

from __future__ import annotations

from gateway.errors import Refused
from gateway.room.removal import remove
from gateway.room.state import Delivery, Occupant, Room
from legacy_backend.terms import Role


def kickable(room: Room, actor: Occupant, nick: str) -> Occupant:
    """The occupant called `nick`, if `actor` may kick them.

    Raises Refused: "forbidden" if the actor is no moderator (§8), "item-not-found" if nobody
    here has that nickname, "conflict" if it is the actor's own, "not-allowed" if the target's
    affiliation is the higher one (§8.2).
    """
    if not moderates(room, actor):
        raise Refused("forbidden", "Only moderators may kick.")
    target = room.occupant(nick)
    if target is None:
        raise Refused("item-not-found", f"Nobody here is called {nick}.")
    if target is actor:
        raise Refused("conflict", "To go yourself, leave the room.")
    if target.affiliation > actor.affiliation:
        raise Refused("not-allowed", f"{nick} ranks above you.")
    return target


def moderates(room: Room, actor: Occupant) -> bool:
    """Whether they may do what moderators do: by role, or from afar by affiliation."""
    role = room.role(actor) if actor.here else room.default_role(actor.affiliation)
    return role is Role.MODERATOR


def kick(room: Room, target: Occupant, actor: str, reason: str) -> list[Delivery]:
    """Put `target` out; return what their own seats are shown first, then what the others are.

    `actor` is a nickname, "" if nobody knows. Their affiliation stays, and with it their place on
    the member list. Shows nothing if they are gone already.
    """
    return remove(room, target, codes=(307,), actor=actor, reason=reason)
