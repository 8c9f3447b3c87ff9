"""What was done to messages: it follows what it was done to, and is known again without an id.

What a user of the gateway does is archived before the network has given it an id, and some
networks never give one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from gateway.archive.entry import Kind, NewEntry, StanzaId
from gateway.archive.find import seq_of
from gateway.archive.tables import archive
from gateway.database.sql import portions
from legacy_backend.terms import MessageId

CHANGES = (Kind.EDIT, Kind.RETRACTION, Kind.REACTION)

_KINDS = [kind.value for kind in CHANGES]
_REACTION = re.compile(r"<reaction\b[^>]*>([^<]*)</reaction>")

_What = tuple[object, ...]
_Row = sa.Row[*tuple[Any, ...]]


def originals_first(entries: Sequence[NewEntry]) -> list[NewEntry]:
    """Entries in their order, but for changes of what comes later: they follow it directly.
    Changes that refer to each other in a circle come last."""
    coming = {entry.legacy_id for entry in entries if entry.legacy_id is not None}
    waiting: dict[str | None, list[NewEntry]] = {}
    ordered: list[NewEntry] = []

    def take(entry: NewEntry) -> None:
        some = [entry]
        while some:
            ordered.append(one := some.pop())
            coming.discard(one.legacy_id or MessageId(""))
            some += reversed(waiting.pop(one.legacy_id, []))

    for entry in entries:
        if entry.refers_to in coming and entry.refers_to != entry.legacy_id:
            waiting.setdefault(entry.refers_to, []).append(entry)
        else:
            take(entry)
    while waiting:
        original = next(iter(waiting))
        first, *others = waiting.pop(original)
        if others:
            waiting[original] = others
        take(first)
    return ordered


def recognised(
    conn: sa.Connection,
    room: int,
    entries: Sequence[NewEntry],
    after: StanzaId | None,
    before: StanzaId | None,
) -> list[NewEntry]:
    """`entries`, of which changes that are there between two others without an id of the network's
    have the stanza ids that they have there; and the network's ids are theirs from now on.

    The same may have been done again and again: the first is the first. The caller owns the
    transaction.
    """
    changes = [e for e in entries if e.kind in CHANGES and e.refers_to is not None]
    there = _nameless(conn, room, changes, after, before) if changes else {}
    if not there:
        return list(entries)
    known = _known(conn, room, changes)
    found: dict[int, NewEntry] = {}
    for entry in changes:
        same = there.get(_what(entry.kind.value, entry.author, entry.refers_to, entry.stanza), [])
        row = next((row for row in same if _says(row, entry)), None)
        if row is None or entry.legacy_id in known:
            continue
        same.remove(row)
        found[id(entry)] = replace(entry, stanza_id=StanzaId(row.stanza_id))
        if entry.legacy_id is not None:
            known.add(entry.legacy_id)
            named = sa.update(archive).where(archive.c.id == row.id)
            conn.execute(named.values(legacy_id=entry.legacy_id))
    return [found.get(id(entry), entry) for entry in entries]


def _nameless(
    conn: sa.Connection,
    room: int,
    changes: Iterable[NewEntry],
    after: StanzaId | None,
    before: StanzaId | None,
) -> dict[_What, list[_Row]]:
    """What was done to the same messages, in order, by what it is."""
    rows = sa.select(archive).where(
        *_changes(conn, room, after, before), archive.c.legacy_id.is_(None)
    )
    there: dict[_What, list[_Row]] = {}
    for portion in portions(sorted({str(entry.refers_to) for entry in changes})):
        these = rows.where(archive.c.refers_to.in_(portion)).order_by(archive.c.seq)
        for row in conn.execute(these):
            what = _what(row.kind, row.author, row.refers_to, row.stanza)
            there.setdefault(what, []).append(row)
    return there


def _known(conn: sa.Connection, room: int, entries: Iterable[NewEntry]) -> set[str]:
    """Which of the network's ids of these are there."""
    ids = sa.select(archive.c.legacy_id).where(archive.c.room_id == room)
    wanted = sorted({entry.legacy_id for entry in entries if entry.legacy_id is not None})
    return {
        str(known)
        for portion in portions(wanted)
        for known in conn.scalars(ids.where(archive.c.legacy_id.in_(portion)))
    }


def first_change(
    conn: sa.Connection,
    room: int,
    originals: Iterable[NewEntry],
    after: StanzaId | None,
    before: StanzaId | None,
) -> StanzaId | None:
    """The first entry between two others that changes one of `originals`."""
    rows = sa.select(archive.c.seq, archive.c.stanza_id)
    rows = rows.where(*_changes(conn, room, after, before)).order_by(archive.c.seq).limit(1)
    found: list[tuple[int, str]] = []
    for portion in portions(sorted({e.legacy_id for e in originals if e.legacy_id is not None})):
        first = conn.execute(rows.where(archive.c.refers_to.in_(portion))).one_or_none()
        if first is not None:
            found.append((first.seq, first.stanza_id))
    return StanzaId(min(found)[1]) if found else None


def changes_follow(conn: sa.Connection, room: int, after: StanzaId | None) -> bool:
    """Whether anything was done to messages behind an entry."""
    rows = sa.select(archive.c.id).where(*_changes(conn, room, after, None))
    return conn.scalar(rows.limit(1)) is not None


def _changes(
    conn: sa.Connection, room: int, after: StanzaId | None, before: StanzaId | None
) -> list[sa.ColumnElement[bool]]:
    """What makes an entry a change between two others."""
    here = [
        archive.c.room_id == room,
        archive.c.refers_to.is_not(None),
        archive.c.kind.in_(_KINDS),
    ]
    if after is not None:
        here.append(archive.c.seq > seq_of(conn, room, after))
    if before is not None:
        here.append(archive.c.seq < seq_of(conn, room, before))
    return here


def _what(kind: int, author: str, refers_to: str | None, stanza: str) -> _What:
    emojis: frozenset[str] = frozenset()
    if kind == Kind.REACTION.value:
        emojis = frozenset(text.strip() for text in _REACTION.findall(stanza))
    return kind, author, refers_to, emojis


def _says(row: _Row, entry: NewEntry) -> bool:
    """Whether the words are the same, where there are any: those that were corrected since are
    not known any more."""
    return entry.kind is not Kind.EDIT or row.body in ("", entry.body)
