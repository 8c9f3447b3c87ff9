"""When people were in a group: what somebody may read who came later."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from legacy_backend.terms import GroupId, MemberId, Stretch
from legacy_backend.webchat.schema import places, stays
from legacy_backend.webchat.times import moment, stamp


def note(conn: sa.Connection, group: GroupId, person: MemberId, now: datetime, here: bool) -> None:
    """Write down that somebody is in a group from now on, or no longer."""
    same = (stays.c.group_id == group) & (stays.c.person == person)
    running = same & stays.c.until.is_(None)
    if not here:
        conn.execute(stays.update().where(running).values(until=stamp(now)))
        return
    begun_now = same & (stays.c.since == stamp(now))
    there = sa.select(stays.c.until).where(running | begun_now)
    if conn.execute(there).first() is None:
        conn.execute(stays.insert().values(group_id=group, person=person, since=stamp(now)))
    else:
        conn.execute(stays.update().where(begun_now).values(until=None))


def of(conn: sa.Connection, group: GroupId, *only: MemberId) -> dict[MemberId, tuple[Stretch, ...]]:
    """The stays of those who ever were in a group, in order."""
    query = sa.select(stays).where(stays.c.group_id == group)
    if only:
        query = query.where(stays.c.person.in_(only))
    found: dict[MemberId, tuple[Stretch, ...]] = {}
    for row in conn.execute(query.order_by(stays.c.since)):
        stretch = Stretch(moment(row.since), None if row.until is None else moment(row.until))
        found[MemberId(row.person)] = (*found.get(MemberId(row.person), ()), stretch)
    return found


def assume(conn: sa.Connection) -> None:
    """Write down for those who are in a group that they have been since they first came: earlier
    versions did not note it."""
    known = sa.select(stays.c.since).where(
        stays.c.group_id == places.c.group_id, stays.c.person == places.c.person
    )
    there = sa.select(places.c.group_id, places.c.person, places.c.since)
    there = there.where(places.c.joined, ~known.exists())
    conn.execute(stays.insert().from_select(["group_id", "person", "since"], there))
