"""The whole of taking over: rooms with their archives first, users last, so that what was broken
off can be begun again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import sqlalchemy as sa
from slidge.db.meta import Base
from slixmpp import JID

from gateway.archive import Archive, NewEntry
from gateway.database import Database
from gateway.errors import DatabaseError
from gateway.group.config import KINDS
from gateway.group.keeping import person_state, room_state
from gateway.group.occupants import ME
from gateway.ids import Ids, ids_of
from gateway.room.state import Hat, Occupant, Room, RoomConfig, Subject
from gateway.store import OccupantRow, Store
from gateway.takeover import source
from gateway.takeover.messages import Conversion, OldMessage
from legacy_backend.terms import Affiliation, GroupId, MemberId, Role, UserId

log = logging.getLogger(__name__)

TABLES = Base.metadata.tables
OF_ROOMS = frozenset(
    {"room", "participant", "mam", "group_msg", "group_msg_origin", "group_thread"}
)
"""What slidge keeps of rooms: ours are others."""

PIECE = 1000
"""Messages that are read, and stored, at a time."""

Progress = Callable[[int, int, str], None]
"""Told how many rooms are done, of how many, and which one was the last."""


@dataclass(slots=True)
class Taken:
    """How much was taken over."""

    users: int = 0
    contacts: int = 0
    rooms: int = 0
    messages: int = 0


@dataclass(frozen=True, slots=True)
class _Old:
    """A room of slidge's."""

    row: sa.Row[Any]
    owner: str
    people: Mapping[str, Occupant]
    """By nickname; the user has no id on the network that slidge would have kept."""
    sent: Mapping[str, str]


async def take_over(
    database: Database, url: str, file: Path, domain: str, folder: Path, progress: Progress
) -> Taken:
    """Bring what slidge's database has into ours, and the files beside it into our folder.

    `url` is that of our database, whose tables are up to date; `domain` our component's, to which
    the rooms are moved if it is another. slidge's files are only read. For a command: it blocks.

    Raises DatabaseError if ours has users already, or slidge's cannot be read.
    """
    with source.opened(file) as old:
        _refuse_users(url)
        taken = await _take_rooms(old, Store(database), Archive(database), domain, progress)
        for each in source.beside(file):
            source.bring(each, folder)
        _take_tables(old, url)
        taken.users = _count(old, "user_account")
        taken.contacts = _count(old, "contact")
        return taken


async def _take_rooms(
    old: sa.Connection, store: Store, archive: Archive, domain: str, progress: Progress
) -> Taken:
    taken = Taken()
    ids = await ids_of(store)
    rooms = _rooms(old)
    for number, each in enumerate(rooms):
        found = _read(old, *each, ids, domain)
        taken.messages += await _take_room(old, store, archive, ids, domain, found)
        taken.rooms += 1
        progress(number + 1, len(rooms), found.row.name or found.row.legacy_id)
    return taken


async def _take_room(
    old: sa.Connection, store: Store, archive: Archive, ids: Ids, domain: str, found: _Old
) -> int:
    row, owner = found.row, found.owner
    wish = str(JID(f"{row.jid_localpart}@{domain}").node)
    localpart = await store.localpart_for(owner, row.legacy_id, wish)
    room = _room(found, f"{localpart}@{domain}")
    extra = {"user_nick": row.user_nick, "attributes": row.extra_attributes}
    made = await store.add_room(owner, row.legacy_id, localpart, room_state(room, extra))
    people = [p for p in found.people.values() if p.user is None]
    await store.put_occupants(
        made.id, [OccupantRow(made.id, p.member, p.nick, person_state(p)) for p in people]
    )
    conversion = Conversion(
        ids,
        _key(found),
        room.jid,
        {nick: person.member for nick, person in found.people.items()},
        found.sent,
    )
    count = 0
    last = None
    for entries in _entries(old, conversion, row.id):
        count += await archive.insert(made.id, entries, after=last, before=None)
        last = entries[-1].stanza_id
    return count


def _entries(old: sa.Connection, conversion: Conversion, room: int) -> Iterator[list[NewEntry]]:
    mam = TABLES["mam"]
    rows = old.execute(sa.select(mam).where(mam.c.room_id == room).order_by(mam.c.timestamp))
    for part in rows.partitions(PIECE):
        entries = []
        for row in part:
            nick = JID(row.author_jid).resource
            message = OldMessage(row.stanza_id, row.legacy_id, row.timestamp, nick, row.stanza)
            try:
                entries.append(conversion.entry(message))
            except ET.ParseError as error:
                log.error("message %s is no XML, and left out: %s", row.stanza_id, error)
        if entries:
            yield entries


def _rooms(old: sa.Connection) -> list[tuple[sa.Row[Any], str]]:
    room, user = TABLES["room"], TABLES["user_account"]
    rows = sa.select(room, user.c.jid.label("owner")).join(user).order_by(room.c.id)
    return [(row, JID(row.owner).bare) for row in old.execute(rows)]


def _read(old: sa.Connection, row: sa.Row[Any], owner: str, ids: Ids, domain: str) -> _Old:
    key = f"{owner}\0{row.legacy_id}"
    participant, contact, sent = TABLES["participant"], TABLES["contact"], TABLES["group_msg"]
    rows = old.execute(
        sa.select(participant, contact.c.legacy_id.label("contact"), contact.c.jid_localpart)
        .join_from(participant, contact, isouter=True)
        .where(participant.c.room_id == row.id)
    )
    people = {}
    for each in rows:
        member = MemberId(ME if each.is_user else each.contact or each.nickname)
        people[each.resource] = Occupant(
            member=member,
            id=ids.occupant_id(key, member),
            nick=each.resource,
            affiliation=Affiliation[each.affiliation.upper()],
            given_role=None if each.role == "participant" else Role[each.role.upper()],
            user=UserId(owner) if each.is_user else None,
            jid=f"{each.jid_localpart}@{domain}" if each.jid_localpart else "",
            present=bool(each.presence_sent),
            hats=tuple(Hat(*hat) for hat in each.hats or ()),
        )
    ours = sa.select(sent.c.xmpp_id, sent.c.legacy_id).where(sent.c.foreign_key == row.id)
    return _Old(row, owner, people, {row.xmpp_id: row.legacy_id for row in old.execute(ours)})


def _room(found: _Old, jid: str) -> Room:
    row = found.row
    kind = KINDS[row.muc_type]
    when = row.subject_date.replace(tzinfo=UTC) if row.subject_date else None
    return Room(
        jid=jid,
        group=GroupId(row.legacy_id),
        owner=UserId(found.owner),
        kind=kind,
        config=RoomConfig(
            name=row.name or "",
            description=row.description or "",
            public=row.muc_type.name != "GROUP",
            members_only=row.muc_type.name == "GROUP",
            anonymous=row.muc_type.name == "CHANNEL",
        ),
        subject=Subject(row.subject or "", row.subject_setter or "", when),
        member_count=row.n_participants,
    )


def _key(found: _Old) -> str:
    return f"{found.owner}\0{found.row.legacy_id}"


def _count(old: sa.Connection, table: str) -> int:
    return int(old.scalar(sa.select(sa.func.count()).select_from(TABLES[table])) or 0)


def _refuse_users(url: str) -> None:
    engine = sa.create_engine(url)
    try:
        with engine.connect() as conn:
            if conn.scalar(sa.select(sa.func.count()).select_from(TABLES["user_account"])):
                raise DatabaseError(
                    "There are users in this database already: nothing was taken over. "
                    "Give it an empty one."
                )
    finally:
        engine.dispose()


def _take_tables(old: sa.Connection, url: str) -> None:
    """Users, contacts, and what else is slidge's in ours too, in one transaction."""
    engine = sa.create_engine(url)
    try:
        with engine.begin() as new:
            for table in Base.metadata.sorted_tables:
                if table.name not in OF_ROOMS:
                    _copy(old, new, table)
    finally:
        engine.dispose()


def _copy(old: sa.Connection, new: sa.Connection, table: sa.Table) -> None:
    for part in old.execute(sa.select(table)).mappings().partitions(PIECE):
        new.execute(sa.insert(table), [dict(row) for row in part])
    if new.dialect.name == "postgresql" and "id" in table.c:
        new.execute(
            sa.text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'),"  # noqa: S608
                f" coalesce((SELECT max(id) FROM {table.name}), 0) + 1, false)"
            )
        )
