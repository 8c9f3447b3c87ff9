"""Who may do what: questions that many acts ask first."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from legacy_backend.terms import Affiliation, GroupId, LegacyError, MemberId, Role, Stretch
from legacy_backend.values import GroupConfig
from legacy_backend.webchat.store import groups, invitations, people, places
from legacy_backend.webchat.store.groups import GroupRow
from legacy_backend.webchat.store.people import Person
from legacy_backend.webchat.store.places import Place


def role_of(place: Place, config: GroupConfig) -> Role:
    """What a person may do in the group just now."""
    if not place.joined:
        return Role.NONE
    if place.affiliation >= Affiliation.ADMIN:
        return Role.MODERATOR
    if place.granted is not None:
        return place.granted
    return default_role(place.affiliation, config)


def default_role(affiliation: Affiliation, config: GroupConfig) -> Role:
    """What one may do by standing alone: in a moderated group, newcomers only listen."""
    if affiliation >= Affiliation.ADMIN:
        return Role.MODERATOR
    if config.moderated and affiliation < Affiliation.MEMBER:
        return Role.VISITOR
    return Role.PARTICIPANT


def sees(
    config: GroupConfig, were: Mapping[MemberId, tuple[Stretch, ...]], person: MemberId
) -> tuple[Stretch, ...] | None:
    """When what somebody may read was said, None for all of it; `were` are the stays of people."""
    if config.history_visible or config.public_log:
        return None
    return were.get(person, ())


def existing(conn: sa.Connection, group: GroupId) -> GroupRow:
    found = groups.find(conn, group)
    if found is None:
        raise LegacyError("item-not-found", "There is no such group.")
    return found


def inside(conn: sa.Connection, actor: MemberId, group: GroupId) -> tuple[GroupRow, Place]:
    """The group and the actor's place in it, if they are in it.

    Raises LegacyError: "forbidden" if they are not but may know of it, "item-not-found" if they
    may not, or there is none.
    """
    row = existing(conn, group)
    place = places.find(conn, group, actor)
    if place is None or not place.joined:
        if not may_know(conn, actor, row, place):
            raise LegacyError("item-not-found", "There is no such group.")
        raise LegacyError("forbidden", "You are not in this group.")
    return row, place


def may_know(conn: sa.Connection, actor: MemberId, row: GroupRow, place: Place | None) -> bool:
    """Whether a person may learn that a group exists."""
    if row.config.public or not row.config.members_only:
        return True
    if place is not None and (place.joined or place.affiliation >= Affiliation.MEMBER):
        return True
    return bool(invitations.of(conn, actor, row.id))


def speaking(conn: sa.Connection, actor: MemberId, group: GroupId) -> tuple[GroupRow, Place]:
    """Like `inside`, for those who have a voice."""
    row, place = inside(conn, actor, group)
    if role_of(place, row.config) < Role.PARTICIPANT:
        raise LegacyError("forbidden", "You have no voice in this group.")
    return row, place


def moderating(conn: sa.Connection, actor: MemberId, group: GroupId) -> tuple[GroupRow, Place]:
    row, place = inside(conn, actor, group)
    if role_of(place, row.config) < Role.MODERATOR:
        raise LegacyError("forbidden", "Only moderators may do that.")
    return row, place


def running(
    conn: sa.Connection, actor: MemberId, group: GroupId, least: Affiliation
) -> tuple[GroupRow, Place]:
    """Like `inside`, for those whose standing is `least` (ADMIN or OWNER) or higher."""
    row, place = inside(conn, actor, group)
    if place.affiliation < least:
        who = "owners" if least == Affiliation.OWNER else "owners and admins"
        raise LegacyError("forbidden", f"Only {who} of the group may do that.")
    return row, place


def someone(conn: sa.Connection, id: MemberId) -> Person:
    found = people.by_id(conn, id)
    if found is None:
        raise LegacyError("item-not-found", "There is no such person.")
    return found


def neighbour(conn: sa.Connection, group: GroupId, id: MemberId) -> Place:
    """The place of somebody who is in the group."""
    place = places.find(conn, group, id)
    if place is None or not place.joined:
        raise LegacyError("item-not-found", "They are not in this group.")
    return place
