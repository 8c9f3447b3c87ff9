"""Everyone who has an account, with a password, as a guest, or by way of the gateway."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa

from legacy_backend.terms import MemberId, UserId
from legacy_backend.webchat import text
from legacy_backend.webchat.schema import (
    files,
    invitations,
    people,
    places,
    reactions,
    sessions,
    stays,
    whispers,
)
from legacy_backend.webchat.times import moment, stamp


class Kind(Enum):
    REGISTERED = "registered"
    GUEST = "guest"
    XMPP = "xmpp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`user` is set for those who come by the gateway, `password` (hashed) for the registered."""

    id: MemberId
    kind: Kind
    name: str
    user: UserId | None
    password: str | None
    created: datetime


def of_row(row: Any) -> Person:
    return Person(
        id=MemberId(row.id),
        kind=Kind(row.kind),
        name=row.name,
        user=None if row.user is None else UserId(row.user),
        password=row.password,
        created=moment(row.created),
    )


def _one(conn: sa.Connection, where: sa.ColumnElement[bool]) -> Person | None:
    row = conn.execute(sa.select(people).where(where)).one_or_none()
    return None if row is None else of_row(row)


def by_id(conn: sa.Connection, id: MemberId) -> Person | None:
    return _one(conn, people.c.id == id)


def by_name(conn: sa.Connection, name: str) -> Person | None:
    return _one(conn, people.c.name_key == text.key(name))


def by_user(conn: sa.Connection, user: UserId) -> Person | None:
    return _one(conn, people.c.user == user)


def add(
    conn: sa.Connection,
    kind: Kind,
    name: str,
    now: datetime,
    *,
    user: UserId | None = None,
    password: str | None = None,
) -> Person:
    """Make an account. The name has to be free: see `by_name`, `free_name`."""
    id = MemberId(secrets.token_hex(8))
    values = {"name": name, "name_key": text.key(name), "user": user, "password": password}
    conn.execute(people.insert().values(id=id, kind=kind.value, created=stamp(now), **values))
    return Person(id=id, kind=kind, name=name, user=user, password=password, created=now)


def free_name(conn: sa.Connection, wish: str) -> str:
    """`wish` if nobody has it, else that with the lowest number that is free."""
    name, number = wish, 1
    while by_name(conn, name) is not None:
        number += 1
        name = f"{wish}-{number}"
    return name


def search(conn: sa.Connection, words: str, limit: int) -> list[Person]:
    """People whose names contain `words`, by name."""
    query = sa.select(people).order_by(people.c.name_key).limit(limit)
    if words:
        query = query.where(people.c.name_key.contains(text.key(words), autoescape=True))
    return [of_row(row) for row in conn.execute(query)]


def remove(conn: sa.Connection, id: MemberId) -> None:
    """Delete an account and what is its alone. What it said in groups stays there."""
    conn.execute(sessions.delete().where(sessions.c.person == id))
    conn.execute(places.delete().where(places.c.person == id))
    conn.execute(stays.delete().where(stays.c.person == id))
    conn.execute(reactions.delete().where(reactions.c.person == id))
    conn.execute(
        invitations.delete().where((invitations.c.invitee == id) | (invitations.c.inviter == id))
    )
    conn.execute(whispers.delete().where((whispers.c.author == id) | (whispers.c.recipient == id)))
    conn.execute(files.delete().where(files.c.owner == id))
    conn.execute(people.delete().where(people.c.id == id))


def idle_guests(conn: sa.Connection) -> list[MemberId]:
    """Guests who have no session left, and so can never return."""
    has_session = sa.exists().where(sessions.c.person == people.c.id)
    query = sa.select(people.c.id).where(people.c.kind == Kind.GUEST.value, ~has_session)
    return [MemberId(id) for id in conn.execute(query).scalars()]
