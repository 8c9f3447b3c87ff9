"""Groups and how they are set up."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from legacy_backend.terms import GroupId, GroupKind, MemberId, Role
from legacy_backend.values import Group, GroupConfig, Listed, Picture, Subject
from legacy_backend.webchat import text
from legacy_backend.webchat.schema import (
    groups,
    hats,
    invitations,
    messages,
    places,
    reactions,
    requests,
    stays,
    worn,
)
from legacy_backend.webchat.times import moment, stamp

CONFIG = tuple(field.name for field in fields(GroupConfig))
"""Settings and columns have the same names."""

DEFAULTS = GroupConfig(
    name="",
    description="",
    public=True,
    members_only=False,
    moderated=False,
    password="",
    max_users=0,
    members_may_invite=True,
    members_may_change_subject=True,
    private_messages="anyone",
    anonymous=False,
    language="",
    public_log=False,
    history_visible=True,
    shown_roles=frozenset({Role.VISITOR, Role.PARTICIPANT, Role.MODERATOR}),
    list_readers=frozenset({Role.VISITOR, Role.PARTICIPANT, Role.MODERATOR}),
)

ROLES = ("shown_roles", "list_readers")
"""Settings that are several roles; columns hold their names, from the lowest."""

# All but the picture's bytes, which rules have no use for
_COLUMNS = [column for column in groups.c if column is not groups.c.picture]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as the rules need it: `config` complete, no picture, no count."""

    id: GroupId
    config: GroupConfig
    last_seq: int


def kind_of(config: GroupConfig) -> GroupKind:
    if config.members_only:
        return GroupKind.PRIVATE
    return GroupKind.ANONYMOUS if config.anonymous else GroupKind.PUBLIC


def _config(row: Any) -> GroupConfig:
    settings = {name: getattr(row, name) for name in CONFIG}
    for name in ROLES:
        settings[name] = frozenset(Role[word.upper()] for word in settings[name].split())
    return GroupConfig(**settings)


def _columns(config: GroupConfig) -> dict[str, Any]:
    columns = {name: getattr(config, name) for name in CONFIG}
    for name in ROLES:
        columns[name] = " ".join(role.word for role in sorted(columns[name]))
    return columns


def find(conn: sa.Connection, id: GroupId) -> GroupRow | None:
    row = conn.execute(sa.select(*_COLUMNS).where(groups.c.id == id)).one_or_none()
    return None if row is None else GroupRow(id, _config(row), row.last_seq)


def add(conn: sa.Connection, id: GroupId, config: GroupConfig, now: datetime) -> None:
    """Make a group; `config` is complete."""
    columns = _columns(config)
    conn.execute(groups.insert().values(id=id, last_seq=0, created=stamp(now), **columns))


def configure(conn: sa.Connection, id: GroupId, config: GroupConfig) -> None:
    conn.execute(groups.update().where(groups.c.id == id).values(**_columns(config)))


def set_subject(conn: sa.Connection, id: GroupId, subject: Subject) -> None:
    values = {
        "subject": subject.text,
        "subject_by": subject.by,
        "subject_by_name": subject.by_name,
        "subject_at": None if subject.at is None else stamp(subject.at),
    }
    conn.execute(groups.update().where(groups.c.id == id).values(**values))


def set_picture(conn: sa.Connection, id: GroupId, picture: Picture | None) -> None:
    values = {
        "picture_id": None if picture is None else picture.id,
        "picture": None if picture is None else picture.data,
    }
    conn.execute(groups.update().where(groups.c.id == id).values(**values))


def set_last_seq(conn: sa.Connection, id: GroupId, seq: int) -> None:
    conn.execute(groups.update().where(groups.c.id == id).values(last_seq=seq))


def remove(conn: sa.Connection, id: GroupId) -> None:
    """Delete a group and all that was in it."""
    for table in (places, stays, messages, reactions, invitations, requests, hats, worn):
        conn.execute(table.delete().where(table.c.group_id == id))
    conn.execute(groups.delete().where(groups.c.id == id))


def _count() -> sa.ScalarSelect[int]:
    joined = sa.select(sa.func.count()).select_from(places)
    joined = joined.where(places.c.group_id == groups.c.id, places.c.joined)
    return joined.correlate(groups).scalar_subquery()


def show(conn: sa.Connection, *ids: GroupId) -> list[Group]:
    """Those of `ids` that exist, complete."""
    query = sa.select(groups, _count().label("members")).where(groups.c.id.in_(ids))
    return [_group(row) for row in conn.execute(query.order_by(groups.c.id))]


def _group(row: Any) -> Group:
    subject = picture = None
    if row.subject is not None:
        subject = Subject(
            text=row.subject,
            by=None if row.subject_by is None else MemberId(row.subject_by),
            by_name=row.subject_by_name,
            at=None if row.subject_at is None else moment(row.subject_at),
        )
    if row.picture is not None:
        picture = Picture(row.picture_id, bytes(row.picture))
    config = _config(row)
    return Group(
        id=GroupId(row.id),
        kind=kind_of(config),
        config=config,
        subject=subject,
        member_count=row.members,
        picture=picture,
    )


def picture(conn: sa.Connection, id: GroupId) -> Picture | None:
    query = sa.select(groups.c.picture_id, groups.c.picture).where(groups.c.id == id)
    row = conn.execute(query).one_or_none()
    return (
        None if row is None or row.picture is None else Picture(row.picture_id, bytes(row.picture))
    )


def listed(conn: sa.Connection, words: str) -> list[Listed]:
    """Public groups in which each of `words` occurs, the largest first."""
    count = _count().label("members")
    query = sa.select(*_COLUMNS, count).where(groups.c.public)
    wanted = text.key(words).split()
    found = []
    for row in conn.execute(query.order_by(count.desc(), groups.c.id)):
        haystack = text.key(f"{row.id} {row.name} {row.description}")
        if all(word in haystack for word in wanted):
            found.append(
                Listed(
                    id=GroupId(row.id),
                    name=row.name,
                    description=row.description,
                    member_count=row.members,
                    kind=kind_of(_config(row)),
                    languages=(row.language,) if row.language else (),
                )
            )
    return found
