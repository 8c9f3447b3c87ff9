"""What was said in groups, in each group's own sequence."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from legacy_backend.terms import GroupId, MemberId, MessageId, Stretch
from legacy_backend.values import Attachment, Draft, Message, Quote
from legacy_backend.webchat.schema import messages, reactions
from legacy_backend.webchat.times import moment, stamp

_EXCERPT = 300


@dataclass(frozen=True, slots=True)
class Said:
    """A message with what only its own network knows of it."""

    message: Message
    group: GroupId
    seq: int
    edited: datetime | None
    retracted: datetime | None


def add(
    conn: sa.Connection,
    group: GroupId,
    seq: int,
    author: MemberId,
    author_name: str,
    now: datetime,
    draft: Draft,
) -> Message:
    """Write down a message. `draft.reply_to` is complete, or None."""
    message = Message(
        id=MessageId(secrets.token_urlsafe(12)),
        author=author,
        author_name=author_name,
        at=now,
        body=draft.body,
        reply_to=draft.reply_to,
        attachments=draft.attachments,
        thread=draft.thread,
        origin=draft.origin,
    )
    values = {
        "id": message.id,
        "author": author,
        "author_name": author_name,
        "at": stamp(now),
        "body": draft.body,
        "reply_to": None if draft.reply_to is None else draft.reply_to.id,
        "attachments": [asdict(attachment) for attachment in draft.attachments],
        "thread": draft.thread,
        "origin": draft.origin,
    }
    conn.execute(messages.insert().values(group_id=group, seq=seq, **values))
    return message


def find(conn: sa.Connection, group: GroupId, id: MessageId) -> Said | None:
    """One message, even if it was retracted."""
    query = sa.select(messages).where(messages.c.group_id == group, messages.c.id == id)
    found = _said(conn, group, conn.execute(query).all())
    return found[0] if found else None


def quote(conn: sa.Connection, group: GroupId, id: MessageId) -> Quote | None:
    """What an answer to message `id` shows of it; None if it never was in this group."""
    return _quotes(conn, group, {id}).get(id)


def edit(
    conn: sa.Connection, group: GroupId, id: MessageId, body: str, attachments: Any, at: datetime
) -> None:
    here = (messages.c.group_id == group) & (messages.c.id == id)
    values = {"body": body, "attachments": [asdict(one) for one in attachments]}
    conn.execute(messages.update().where(here).values(edited=stamp(at), **values))


def retract(conn: sa.Connection, group: GroupId, id: MessageId, at: datetime) -> None:
    """Empty a message. Its place in the sequence stays, so that pages can begin there."""
    here = (messages.c.group_id == group) & (messages.c.id == id)
    gone: dict[str, Any] = {"body": "", "attachments": [], "reply_to": None, "retracted": stamp(at)}
    conn.execute(messages.update().where(here).values(**gone))
    these = (reactions.c.group_id == group) & (reactions.c.message == id)
    conn.execute(reactions.delete().where(these))


def seq_of(conn: sa.Connection, group: GroupId, id: MessageId, at: datetime) -> int:
    """Where a message stands in its group's sequence.

    An id that this group never gave out (it has been made anew, say) stands after all that was
    said until `at`.
    """
    query = sa.select(messages.c.seq).where(messages.c.group_id == group)
    known = conn.execute(query.where(messages.c.id == id)).scalar_one_or_none()
    if known is not None:
        return int(known)
    last = sa.select(sa.func.max(messages.c.seq)).where(messages.c.group_id == group)
    return conn.execute(last.where(messages.c.at <= stamp(at))).scalar_one() or 0


def between(
    conn: sa.Connection,
    group: GroupId,
    limit: int,
    *,
    after: int | None = None,
    before: int | None = None,
    within: Sequence[Stretch] | None = None,
) -> list[Said]:
    """Up to `limit` messages between two places in the sequence, neither among them, oldest first.

    With `after`: those directly behind it. Without: those directly before `before`, or the
    newest. Reads one range of the primary key. Retracted messages are left out, and with `within`
    what was not said in one of these stretches.
    """
    query = sa.select(messages).where(messages.c.group_id == group, messages.c.retracted.is_(None))
    if after is not None:
        query = query.where(messages.c.seq > after)
    if before is not None:
        query = query.where(messages.c.seq < before)
    if within is not None:
        query = query.where(sa.or_(sa.false(), *map(_in_stretch, within)))
    order = messages.c.seq.desc() if after is None else messages.c.seq.asc()
    rows = list(conn.execute(query.order_by(order).limit(limit)))
    return _said(conn, group, rows[::-1] if after is None else rows)


def _in_stretch(stretch: Stretch) -> sa.ColumnElement[bool]:
    bounds: list[sa.ColumnElement[bool]] = [sa.true()]
    if stretch.start is not None:
        bounds.append(messages.c.at >= stamp(stretch.start))
    if stretch.end is not None:
        bounds.append(messages.c.at < stamp(stretch.end))
    return sa.and_(*bounds)


def react(
    conn: sa.Connection, group: GroupId, id: MessageId, person: MemberId, emojis: Sequence[str]
) -> None:
    """Have exactly `emojis` of a person on a message."""
    ids = {"group_id": group, "message": id, "person": person}
    here = sa.and_(*(reactions.c[name] == value for name, value in ids.items()))
    conn.execute(reactions.delete().where(here))
    if emojis:
        conn.execute(reactions.insert().values(**ids, emojis=list(emojis)))


def reactions_on(
    conn: sa.Connection, group: GroupId, ids: Iterable[MessageId]
) -> dict[MessageId, dict[MemberId, tuple[str, ...]]]:
    """Everyone's reactions on each of `ids` that has any."""
    query = sa.select(reactions).where(
        reactions.c.group_id == group, reactions.c.message.in_(list(ids))
    )
    found: dict[MessageId, dict[MemberId, tuple[str, ...]]] = {}
    for row in conn.execute(query):
        found.setdefault(MessageId(row.message), {})[MemberId(row.person)] = tuple(row.emojis)
    return found


def _quotes(conn: sa.Connection, group: GroupId, ids: set[MessageId]) -> dict[MessageId, Quote]:
    query = sa.select(messages).where(messages.c.group_id == group, messages.c.id.in_(ids))
    return {
        MessageId(row.id): Quote(
            id=MessageId(row.id),
            author=MemberId(row.author),
            author_name=row.author_name,
            body=row.body[:_EXCERPT],
        )
        for row in conn.execute(query)
    }


def _said(conn: sa.Connection, group: GroupId, rows: Sequence[Any]) -> list[Said]:
    quoted = {MessageId(row.reply_to) for row in rows if row.reply_to is not None}
    quotes = _quotes(conn, group, quoted) if quoted else {}
    return [
        Said(
            message=Message(
                id=MessageId(row.id),
                author=MemberId(row.author),
                author_name=row.author_name,
                at=moment(row.at),
                body=row.body,
                reply_to=quotes.get(row.reply_to),
                attachments=tuple(Attachment(**one) for one in row.attachments),
                thread=row.thread,
                origin=row.origin,
            ),
            group=group,
            seq=row.seq,
            edited=None if row.edited is None else moment(row.edited),
            retracted=None if row.retracted is None else moment(row.retracted),
        )
        for row in rows
    ]
