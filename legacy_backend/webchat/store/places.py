"""The place that a person has in a group: name there, standing, how far they have read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from legacy_backend.terms import Affiliation, GroupId, MemberId, Role
from legacy_backend.webchat import text
from legacy_backend.webchat.schema import groups, messages, people, places
from legacy_backend.webchat.store import stays
from legacy_backend.webchat.store.people import Person, of_row
from legacy_backend.webchat.times import stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`granted` is a role given by hand, VISITOR to the muted; None: what the standing gives.

    `joined` False: known here, by a standing or a former visit, but not in the group.
    """

    group: GroupId
    person: MemberId
    nick: str
    affiliation: Affiliation = Affiliation.NONE
    granted: Role | None = None
    joined: bool = False
    read_seq: int = 0


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A person and their place in the group that was asked about."""

    person: Person
    place: Place


_ROW = [
    places.c[name]
    for name in ("group_id", "person", "nick", "affiliation", "granted", "joined", "read_seq")
]


def _place(row: Any) -> Place:
    return Place(
        group=GroupId(row.group_id),
        person=MemberId(row.person),
        nick=row.nick,
        affiliation=Affiliation(row.affiliation),
        granted=None if row.granted is None else Role(row.granted),
        joined=row.joined,
        read_seq=row.read_seq,
    )


def find(conn: sa.Connection, group: GroupId, person: MemberId) -> Place | None:
    query = sa.select(*_ROW).where(places.c.group_id == group, places.c.person == person)
    row = conn.execute(query).one_or_none()
    return None if row is None else _place(row)


def put(conn: sa.Connection, place: Place, now: datetime) -> None:
    """Write `place` in the stead of what was there, if anything was."""
    values = {
        "nick": place.nick,
        "nick_key": text.key(place.nick),
        "affiliation": int(place.affiliation),
        "granted": None if place.granted is None else int(place.granted),
        "joined": place.joined,
        "read_seq": place.read_seq,
    }
    stays.note(conn, place.group, place.person, now, place.joined)
    here = (places.c.group_id == place.group) & (places.c.person == place.person)
    if conn.execute(places.update().where(here).values(**values)).rowcount:
        return
    ids = {"group_id": place.group, "person": place.person, "since": stamp(now)}
    conn.execute(places.insert().values(**ids, **values))


def read_up_to(conn: sa.Connection, group: GroupId, person: MemberId, seq: int) -> None:
    here = (places.c.group_id == group) & (places.c.person == person)
    conn.execute(places.update().where(here).values(read_seq=seq))


def neighbours(conn: sa.Connection, group: GroupId, *only: MemberId) -> list[Neighbour]:
    """Everyone who is in the group or has a standing there, by time of arrival."""
    query = sa.select(
        *_ROW,
        *(people.c[name] for name in ("id", "kind", "name", "user", "password", "created")),
    )
    query = query.join_from(places, people, places.c.person == people.c.id)
    query = query.where(
        places.c.group_id == group,
        places.c.joined | (places.c.affiliation != int(Affiliation.NONE)),
    )
    if only:
        query = query.where(places.c.person.in_(only))
    query = query.order_by(places.c.since, places.c.person)
    return [Neighbour(of_row(row), _place(row)) for row in conn.execute(query)]


def groups_of(conn: sa.Connection, person: MemberId) -> list[GroupId]:
    """The groups that a person is in."""
    query = sa.select(places.c.group_id).where(places.c.person == person, places.c.joined)
    return [GroupId(id) for id in conn.execute(query).scalars()]


def with_standing(conn: sa.Connection, person: MemberId) -> list[GroupId]:
    """The groups that a person is in or has a standing in."""
    query = sa.select(places.c.group_id).where(places.c.person == person)
    return [GroupId(id) for id in conn.execute(query).scalars()]


def count(conn: sa.Connection, group: GroupId) -> int:
    query = sa.select(sa.func.count()).select_from(places)
    return conn.execute(query.where(places.c.group_id == group, places.c.joined)).scalar_one()


def nick_taken(conn: sa.Connection, group: GroupId, nick: str, by_other_than: MemberId) -> bool:
    query = sa.select(sa.literal(1)).where(
        places.c.group_id == group,
        places.c.nick_key == text.key(nick),
        places.c.joined,
        places.c.person != by_other_than,
    )
    return conn.execute(query.limit(1)).first() is not None


def unread(conn: sa.Connection, person: MemberId) -> dict[GroupId, int]:
    """How many messages of others wait in each of a person's groups; none are left out."""
    query = sa.select(places.c.group_id, sa.func.count(messages.c.seq))
    query = query.join(
        messages,
        (messages.c.group_id == places.c.group_id)
        & (messages.c.seq > places.c.read_seq)
        & messages.c.retracted.is_(None)
        & (messages.c.author != person),
    )
    query = query.where(places.c.person == person, places.c.joined)
    return {GroupId(id): n for id, n in conn.execute(query.group_by(places.c.group_id))}


def everyone(conn: sa.Connection) -> list[tuple[GroupId, Place | None]]:
    """Every group with everyone who is in it, a row each; with None if nobody is."""
    here = (places.c.group_id == groups.c.id) & places.c.joined
    query = sa.select(groups.c.id, *_ROW).join_from(groups, places, here, isouter=True)
    return [
        (GroupId(row.id), None if row.person is None else _place(row))
        for row in conn.execute(query)
    ]


def ever_in(conn: sa.Connection, group: GroupId) -> list[MemberId]:
    """All who are or were in a group and still have an account."""
    query = sa.select(places.c.person).where(places.c.group_id == group)
    return [MemberId(id) for id in conn.execute(query).scalars()]
