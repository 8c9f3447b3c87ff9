"""Logins of browsers and programs. Only a hash of each token is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from legacy_backend.terms import MemberId
from legacy_backend.webchat.schema import sessions
from legacy_backend.webchat.times import moment, stamp


@dataclass(frozen=True, slots=True)
class Session:
    """`key` names the session without giving it away; `csrf` is what its page has to repeat."""

    key: str
    person: MemberId
    csrf: str
    expires: datetime


def key_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def add(conn: sa.Connection, person: MemberId, expires: datetime) -> tuple[str, Session]:
    """A new session and its token, which nobody can be told again."""
    token = secrets.token_urlsafe(32)
    session = Session(key_of(token), person, secrets.token_urlsafe(16), expires)
    values = {"person": person, "csrf": session.csrf, "expires": stamp(expires)}
    conn.execute(sessions.insert().values(token_hash=session.key, **values))
    return token, session


def find(conn: sa.Connection, token: str, now: datetime) -> Session | None:
    """The session of `token`, unless it has expired."""
    query = sa.select(sessions).where(
        sessions.c.token_hash == key_of(token), sessions.c.expires > stamp(now)
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    return Session(row.token_hash, MemberId(row.person), row.csrf, moment(row.expires))


def remove(conn: sa.Connection, key: str) -> None:
    conn.execute(sessions.delete().where(sessions.c.token_hash == key))


def remove_expired(conn: sa.Connection, now: datetime) -> None:
    conn.execute(sessions.delete().where(sessions.c.expires <= stamp(now)))
