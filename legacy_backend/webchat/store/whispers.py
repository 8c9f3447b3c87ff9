"""What two people said to each other alone, in a group or outside of any."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from legacy_backend.terms import GroupId, MemberId, MessageId
from legacy_backend.values import Attachment, Draft, Message
from legacy_backend.webchat.schema import people, places, whispers
from legacy_backend.webchat.times import moment, stamp


@dataclass(frozen=True, slots=True)
class Whisper:
    message: Message
    recipient: MemberId
    group: GroupId | None


@dataclass(frozen=True, slots=True)
class Partner:
    """Somebody one has talked with; `name` is what they are called where that was."""

    id: MemberId
    name: str
    group: GroupId | None


def _pair(one: MemberId, other: MemberId) -> str:
    return " ".join(sorted((one, other)))


def add(
    conn: sa.Connection,
    author: MemberId,
    author_name: str,
    recipient: MemberId,
    group: GroupId | None,
    now: datetime,
    draft: Draft,
) -> Message:
    message = Message(
        id=MessageId(secrets.token_urlsafe(12)),
        author=author,
        author_name=author_name,
        at=now,
        body=draft.body,
        attachments=draft.attachments,
        origin=draft.origin,
    )
    values = {
        "id": message.id,
        "pair": _pair(author, recipient),
        "author": author,
        "author_name": author_name,
        "recipient": recipient,
        "group_id": group,
        "at": stamp(now),
        "body": draft.body,
        "attachments": [asdict(attachment) for attachment in draft.attachments],
        "origin": draft.origin,
    }
    conn.execute(whispers.insert().values(**values))
    return message


def between(
    conn: sa.Connection,
    pair: tuple[MemberId, MemberId],
    group: GroupId | None,
    before: MessageId | None,
    limit: int,
) -> list[Whisper]:
    """The last `limit` before one that is known, or of all; oldest first."""
    query = sa.select(whispers).where(
        whispers.c.pair == _pair(*pair), whispers.c.group_id.is_not_distinct_from(group)
    )
    if before is not None:
        earlier = sa.select(whispers.c.seq).where(whispers.c.id == before).scalar_subquery()
        query = query.where(whispers.c.seq < earlier)
    rows = conn.execute(query.order_by(whispers.c.seq.desc()).limit(limit)).all()
    return [_whisper(row) for row in rows[::-1]]


def partners(conn: sa.Connection, person: MemberId) -> list[Partner]:
    """Those with whom a person has talked, once for each group they met in; the latest first."""
    mine = (whispers.c.author == person) | (whispers.c.recipient == person)
    other = sa.case((whispers.c.author == person, whispers.c.recipient), else_=whispers.c.author)
    talks = sa.select(
        other.label("id"), whispers.c.group_id, sa.func.max(whispers.c.seq).label("last")
    )
    talk = talks.where(mine).group_by(other, whispers.c.group_id).subquery()
    query = sa.select(talk.c.id, talk.c.group_id, people.c.name, places.c.nick)
    query = query.join_from(talk, people, people.c.id == talk.c.id)
    met = (places.c.group_id == talk.c.group_id) & (places.c.person == talk.c.id)
    query = query.join(places, met, isouter=True).order_by(talk.c.last.desc())
    return [
        Partner(
            MemberId(row.id),
            row.nick or row.name,
            None if row.group_id is None else GroupId(row.group_id),
        )
        for row in conn.execute(query)
    ]


def _whisper(row: Any) -> Whisper:
    message = Message(
        id=MessageId(row.id),
        author=MemberId(row.author),
        author_name=row.author_name,
        at=moment(row.at),
        body=row.body,
        attachments=tuple(Attachment(**one) for one in row.attachments),
        origin=row.origin,
    )
    group = None if row.group_id is None else GroupId(row.group_id)
    return Whisper(message, MemberId(row.recipient), group)
