"""Who has asked whom into which group, and got no answer yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from legacy_backend.terms import GroupId, MemberId
from legacy_backend.webchat.schema import invitations, people
from legacy_backend.webchat.times import stamp


@dataclass(frozen=True, slots=True)
class Invitation:
    group: GroupId
    inviter: MemberId
    inviter_name: str
    reason: str


def put(
    conn: sa.Connection,
    group: GroupId,
    invitee: MemberId,
    inviter: MemberId,
    reason: str,
    now: datetime,
) -> None:
    ids = {"group_id": group, "invitee": invitee, "inviter": inviter}
    here = sa.and_(*(invitations.c[name] == value for name, value in ids.items()))
    conn.execute(invitations.delete().where(here))
    conn.execute(invitations.insert().values(**ids, reason=reason, at=stamp(now)))


def of(conn: sa.Connection, invitee: MemberId, group: GroupId | None = None) -> list[Invitation]:
    """A person's open invitations, the latest first; to one group, if that is named."""
    query = sa.select(invitations, people.c.name)
    query = query.join_from(invitations, people, people.c.id == invitations.c.inviter)
    query = query.where(invitations.c.invitee == invitee)
    if group is not None:
        query = query.where(invitations.c.group_id == group)
    return [
        Invitation(GroupId(row.group_id), MemberId(row.inviter), row.name, row.reason)
        for row in conn.execute(query.order_by(invitations.c.at.desc()))
    ]


def remove(conn: sa.Connection, group: GroupId, invitee: MemberId) -> None:
    here = (invitations.c.group_id == group) & (invitations.c.invitee == invitee)
    conn.execute(invitations.delete().where(here))
