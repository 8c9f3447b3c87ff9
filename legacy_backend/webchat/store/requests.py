"""Who has asked to be let into which group, under which name, and got no answer yet."""

from __future__ import annotations

import sqlalchemy as sa

from legacy_backend.terms import GroupId, MemberId
from legacy_backend.webchat.schema import requests


def put(conn: sa.Connection, group: GroupId, person: MemberId, name: str) -> None:
    remove(conn, group, person)
    conn.execute(requests.insert().values(group_id=group, person=person, name=name))


def find(conn: sa.Connection, group: GroupId, person: MemberId) -> str | None:
    """The name that somebody asks to have there; None if they have not asked."""
    here = (requests.c.group_id == group) & (requests.c.person == person)
    return conn.scalar(sa.select(requests.c.name).where(here))


def remove(conn: sa.Connection, group: GroupId, person: MemberId) -> None:
    here = (requests.c.group_id == group) & (requests.c.person == person)
    conn.execute(requests.delete().where(here))
