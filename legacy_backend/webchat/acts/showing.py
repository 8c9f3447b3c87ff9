"""People and groups as events and answers show them."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from legacy_backend.events import MemberChanged
from legacy_backend.terms import Affiliation, GroupId, MemberId, Stretch
from legacy_backend.values import Group, GroupConfig, Hat, Member
from legacy_backend.webchat.acts import rules
from legacy_backend.webchat.store import groups, hats, places, stays
from legacy_backend.webchat.store.groups import GroupRow
from legacy_backend.webchat.store.people import Kind, Person
from legacy_backend.webchat.store.places import Place
from legacy_backend.webchat.work import Work

GUEST = Hat("urn:sluice:webchat:guest", "guest")


def member(
    person: Person,
    place: Place,
    config: GroupConfig,
    is_online: Callable[[MemberId], bool],
    worn: tuple[Hat, ...] = (),
    sees: tuple[Stretch, ...] | None = None,
) -> Member:
    """Whoever is in a group is present there; those who are not looking are "xa". `worn` are the
    badges that the group has given them, `sees` is what they may read."""
    return Member(
        id=person.id,
        name=place.nick,
        affiliation=place.affiliation,
        role=rules.role_of(place, config),
        user=person.user,
        present=place.joined,
        show="" if is_online(person.id) else "xa",
        hats=((GUEST,) if person.kind is Kind.GUEST else ()) + worn,
        sees=sees,
    )


def stranger(person: Person, is_online: Callable[[MemberId], bool]) -> Member:
    """A person outside of any group."""
    return Member(
        id=person.id,
        name=person.name,
        affiliation=Affiliation.NONE,
        user=person.user,
        present=False,
        show="" if is_online(person.id) else "xa",
        hats=(GUEST,) if person.kind is Kind.GUEST else (),
    )


def group(conn: sa.Connection, id: GroupId) -> Group:
    """The group, which exists, as it is now."""
    return groups.show(conn, id)[0]


def neighbour(work: Work, row: GroupRow, person: Person, place: Place) -> Member:
    """A person as the others in a group see them, with their badges."""
    worn = hats.of(work.conn, row.id, person.id).get(person.id, ())
    were = {} if row.config.history_visible else stays.of(work.conn, row.id, person.id)
    sees = rules.sees(row.config, were, person.id)
    return member(person, place, row.config, work.is_online, worn, sees)


def tell_changed(
    work: Work, row: GroupRow, place: Place, by: MemberId | None, reason: str = ""
) -> None:
    """Make known how a person stands in a group, `place` having been written."""
    person = rules.someone(work.conn, place.person)
    now = neighbour(work, row, person, place)
    work.tell(MemberChanged(group=row.id, member=now, by=by, reason=reason))


def put_and_tell(
    work: Work, row: GroupRow, place: Place, by: MemberId | None, reason: str = ""
) -> None:
    places.put(work.conn, place, work.now)
    tell_changed(work, row, place, by, reason)
