"""Uploaded files. Who knows the id of one may have it: the id cannot be guessed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from legacy_backend.terms import MemberId
from legacy_backend.webchat.schema import files
from legacy_backend.webchat.times import stamp


@dataclass(frozen=True, slots=True)
class File:
    id: str
    name: str
    media_type: str
    data: bytes


def add(
    conn: sa.Connection, owner: MemberId, name: str, media_type: str, data: bytes, now: datetime
) -> File:
    file = File(secrets.token_urlsafe(18), name, media_type, data)
    values = {"name": name, "media_type": media_type, "data": data, "at": stamp(now)}
    conn.execute(files.insert().values(id=file.id, owner=owner, **values))
    return file


def find(conn: sa.Connection, id: str) -> File | None:
    row = conn.execute(sa.select(files).where(files.c.id == id)).one_or_none()
    return None if row is None else File(row.id, row.name, row.media_type, bytes(row.data))
