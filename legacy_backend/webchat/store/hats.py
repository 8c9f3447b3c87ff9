"""The badges of a group, and who wears them."""

from __future__ import annotations

from collections import defaultdict

import sqlalchemy as sa

from legacy_backend.terms import GroupId, MemberId
from legacy_backend.values import Hat
from legacy_backend.webchat.schema import hats, worn


def all_of(conn: sa.Connection, group: GroupId) -> list[Hat]:
    query = sa.select(hats).where(hats.c.group_id == group).order_by(hats.c.uri)
    return [Hat(row.uri, row.title, row.hue) for row in conn.execute(query)]


def put(conn: sa.Connection, group: GroupId, hat: Hat) -> None:
    """Write a badge in the stead of the one with its URI, if there is one."""
    here = (hats.c.group_id == group) & (hats.c.uri == hat.uri)
    values = {"title": hat.title, "hue": hat.hue}
    if not conn.execute(hats.update().where(here).values(**values)).rowcount:
        conn.execute(hats.insert().values(group_id=group, uri=hat.uri, **values))


def remove(conn: sa.Connection, group: GroupId, uri: str) -> None:
    for table in (hats, worn):
        here = (table.c.group_id == group) & (table.c.uri == uri)
        conn.execute(table.delete().where(here))


def give(conn: sa.Connection, group: GroupId, person: MemberId, uri: str) -> None:
    take(conn, group, person, uri)
    conn.execute(worn.insert().values(group_id=group, person=person, uri=uri))


def take(conn: sa.Connection, group: GroupId, person: MemberId, uri: str) -> None:
    here = (worn.c.group_id == group) & (worn.c.person == person) & (worn.c.uri == uri)
    conn.execute(worn.delete().where(here))


def of(conn: sa.Connection, group: GroupId, *only: MemberId) -> dict[MemberId, tuple[Hat, ...]]:
    """Who wears which, by URI; of some people, if they are named."""
    same = (hats.c.group_id == worn.c.group_id) & (hats.c.uri == worn.c.uri)
    query = sa.select(worn.c.person, hats).join_from(worn, hats, same)
    query = query.where(worn.c.group_id == group)
    if only:
        query = query.where(worn.c.person.in_(only))
    found: dict[MemberId, list[Hat]] = defaultdict(list)
    for row in conn.execute(query.order_by(hats.c.uri)):
        found[MemberId(row.person)].append(Hat(row.uri, row.title, row.hue))
    return {person: tuple(theirs) for person, theirs in found.items()}
