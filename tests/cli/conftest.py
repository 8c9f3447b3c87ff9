"""A configuration on disk, a database with something in it, and `sluice` as a shell runs it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from slidge.core import config as slidge_config
from slidge.db.models import Contact, GatewayUser
from slixmpp import JID
from sqlalchemy.orm import Session

from gateway.archive import Archive, Kind, NewEntry, StanzaId
from gateway.cli import main
from gateway.config import load
from gateway.config.for_slidge import tell_slidge
from gateway.database import Database
from gateway.migrate import migrate
from gateway.slidge_tables import migrate_slidge
from gateway.store import OccupantRow, SeatRow, Store
from legacy_backend.terms import MessageId

CONFIG = """\
[xmpp]
jid = "groups.example.org"
secret = "s3cret"
[network]
backend = "legacy_backend.api:LegacyBackend"
[users]
allowed = '.*@example\\.org'
"""

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration that is fine; its database is not there yet."""
    for name in ("SLUICE_CONFIG", "SLUICE_XMPP_SECRET", "SLUICE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def sluice(config: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run `sluice` with the configuration, as a shell does."""

    def sluice(*words: str) -> Ended:
        capfd.readouterr()
        try:
            code = main(words)
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capfd.readouterr()
        return Ended(code, out, err)

    return sluice


@pytest.fixture(autouse=True)
def _slidge_as_before() -> Iterator[None]:
    before = dict(vars(slidge_config))
    yield
    vars(slidge_config).clear()
    vars(slidge_config).update(before)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with three rooms, two users and some messages, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "config.toml"
    path.write_text(CONFIG)
    url = load(path, {}).database.url
    tell_slidge(load(path, {}))
    migrate(url)
    migrate_slidge(url)
    _register(url, "ada@example.org", "bao@example.org")
    asyncio.run(_fill(Database(url)))
    return path.parent / "sluice.sqlite"


@pytest.fixture
def database(filled: Path, config: Path) -> Path:
    """The database of the configuration, with something in it."""
    copy = config.parent / filled.name
    # Not as a file: a part of it may still be in the file beside it
    with closing(sqlite3.connect(filled)) as whole, closing(sqlite3.connect(copy)) as own:
        whole.backup(own)
    return copy


def _register(url: str, *jids: str) -> None:
    engine = sa.create_engine(url)
    with Session(engine) as session, session.begin():
        for jid in jids:
            user = GatewayUser(jid=JID(jid), legacy_module_data={}, preferences={})
            user.registration_date = NOON.replace(tzinfo=None)
            session.add(user)
            session.flush()
            session.add(Contact(user_account_id=user.id, legacy_id="z", jid_localpart="z"))
    engine.dispose()


async def _fill(database: Database) -> None:
    await database.open()
    try:
        store, archive = Store(database), Archive(database)
        tea = await store.add_room("", "T!1", "tea", {"config": {"name": "Tea \x1b[31m"}})
        adas = await store.add_room("ada@example.org", "g2", "own", {})
        baos = await store.add_room("bao@example.org", "g2", "own", {})
        for room in (tea, adas):
            await store.put_occupants(room.id, [OccupantRow(room.id, "m1", "Zoë", {})])
            await store.put_seat(SeatRow(room.id, "ada@example.org/phone", "ada", "m1", NOON))
        for number in range(1200):
            await archive.append(tea.id, message(number))
        await archive.append(baos.id, message(0))
    finally:
        await database.close()


def message(number: int) -> NewEntry:
    return NewEntry(
        stanza_id=StanzaId(f"s{number}"),
        message_id=f"m{number}",
        at=NOON + timedelta(seconds=number),
        nick="Zoë",
        author="z1",
        stanza=f"<message><body>Hi {number}</body></message>",
        kind=Kind.MESSAGE,
        legacy_id=MessageId(f"l{number}") if number else None,
        body=f"Hi {number}",
    )
