"""Looking at groups, members, messages and people. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa

from legacy_backend.terms import Affiliation, GroupId, LegacyError, MemberId, MessageId
from legacy_backend.values import Group, Hat, Member
from legacy_backend.webchat.acts import rules, showing
from legacy_backend.webchat.store import groups, hats, messages, people, places, stays, whispers
from legacy_backend.webchat.store.messages import Said
from legacy_backend.webchat.store.whispers import Partner, Whisper


def own_groups(conn: sa.Connection, actor: MemberId) -> Sequence[Group]:
    return groups.show(conn, *places.groups_of(conn, actor))


def group(conn: sa.Connection, actor: MemberId, id: GroupId) -> Group:
    """A group that the actor is in or may know of."""
    row = rules.existing(conn, id)
    place = places.find(conn, id, actor)
    if not rules.may_know(conn, actor, row, place):
        raise LegacyError("item-not-found", "There is no such group.")
    return showing.group(conn, id)


def members(
    conn: sa.Connection, actor: MemberId, id: GroupId, is_online: Callable[[MemberId], bool]
) -> Sequence[Member]:
    """Everyone in the group or with a standing there, the banned included."""
    row, _ = rules.inside(conn, actor, id)
    worn = hats.of(conn, id)
    were = {} if row.config.history_visible else stays.of(conn, id)
    return [
        showing.member(
            one.person,
            one.place,
            row.config,
            is_online,
            worn.get(one.person.id, ()),
            rules.sees(row.config, were, one.person.id),
        )
        for one in places.neighbours(conn, id)
    ]


def members_shown_to(
    conn: sa.Connection, viewer: MemberId, id: GroupId, is_online: Callable[[MemberId], bool]
) -> Sequence[Member]:
    """As `members`, for those who may ask for the list; for others who is here and is shown."""
    row, place = rules.inside(conn, viewer, id)
    found = members(conn, viewer, id, is_online)
    role = rules.role_of(place, row.config)
    if place.affiliation >= Affiliation.ADMIN or role in (row.config.list_readers or ()):
        return found
    shown = row.config.shown_roles or ()
    return [one for one in found if one.id == viewer or (one.present and one.role in shown)]


def group_hats(conn: sa.Connection, actor: MemberId, id: GroupId) -> Sequence[Hat]:
    """The badges of a group, for those who are in it."""
    rules.inside(conn, actor, id)
    return hats.all_of(conn, id)


def history(
    conn: sa.Connection,
    actor: MemberId,
    id: GroupId,
    after: tuple[MessageId, datetime] | None,
    before: tuple[MessageId, datetime] | None,
    limit: int,
) -> Sequence[Said]:
    """See LegacyAccount.history. Pages by the group's own sequence, so that times may be equal."""
    row, _ = rules.inside(conn, actor, id)
    return messages.between(
        conn,
        id,
        max(limit, 0),
        within=rules.sees(row.config, stays.of(conn, id, actor), actor),
        after=None if after is None else messages.seq_of(conn, id, *after),
        before=None if before is None else messages.seq_of(conn, id, *before),
    )


def person(conn: sa.Connection, id: MemberId, is_online: Callable[[MemberId], bool]) -> Member:
    """Anybody: people here may know of each other."""
    return showing.stranger(rules.someone(conn, id), is_online)


def search_people(
    conn: sa.Connection, words: str, limit: int, is_online: Callable[[MemberId], bool]
) -> Sequence[Member]:
    return [showing.stranger(one, is_online) for one in people.search(conn, words, limit)]


def conversation(
    conn: sa.Connection,
    actor: MemberId,
    other: MemberId,
    group: GroupId | None,
    before: MessageId | None,
    limit: int,
) -> Sequence[Whisper]:
    """What the actor and one other said to each other, in one group or outside of any."""
    return whispers.between(conn, (actor, other), group, before, limit)


def conversations(conn: sa.Connection, actor: MemberId) -> Sequence[Partner]:
    return whispers.partners(conn, actor)


def read_marks(conn: sa.Connection, id: GroupId) -> dict[MemberId, int]:
    """How far in the group's sequence each of its people has read."""
    return {one.person.id: one.place.read_seq for one in places.neighbours(conn, id)}
