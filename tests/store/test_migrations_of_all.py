"""Everything that an earlier Sluice kept is there after its database was brought up to date, and,
as far as that one knew of it, after it has gone back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command

from gateway import migrate as module
from gateway.archive import Archive, Gaps
from gateway.archive.gap import State
from gateway.database import Database
from gateway.database.engine import engine_for, parse
from gateway.errors import SluiceError
from gateway.migrate import check_revision, go_back, is_current, migrate
from gateway.store import Store
from tests.archive.making import new

ALL = sorted(script.revision for script in module._scripts().walk_revisions())
AT = 1767268800000000
ROOMS = (
    "INSERT INTO sluice_room (owner, legacy_id, localpart, state) VALUES "
    "('', 'g1', 'hall', '{\"locked\": true}'), ('ada@example.org', 'g2', 'own', '{}')"
)
GAP = (
    "INSERT INTO sluice_gap (room_id, after_id, after_at, before_id, before_at, state, attempts, "
    f"next_try) VALUES (1, 'a', {AT}, 'b', {AT + 1}, 0, 2, {AT})"
)
KEPT = {
    "0001": [
        ROOMS,
        "INSERT INTO sluice_localpart VALUES ('', 'g1', 'hall')",
        "INSERT INTO sluice_meta VALUES ('id_secret', 'abc')",
        "INSERT INTO sluice_occupant VALUES (1, 'm1', 'Zoë', '{\"user\": \"ada@example.org\"}')",
        f"INSERT INTO sluice_seat VALUES (1, 'ada@example.org/x', 'Zoë', 'm1', {AT})",
    ],
    "0002": ["INSERT INTO sluice_subscription VALUES ('ada@example.org', 'cyd', 3)"],
    "0004": [GAP],
}
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at_revision(url: str, revision: str) -> None:
    """Make a database as an earlier Sluice did, with all that it could keep."""
    engine = engine_for(parse(url), connections=1)
    with engine.begin() as conn:
        config = module._config()
        config.attributes["connection"] = conn
        command.upgrade(config, revision)
        for since, statements in KEPT.items():
            for statement in statements if since <= revision else ():
                conn.exec_driver_sql(statement)
    engine.dispose()


async def say(url: str, body: str) -> None:
    db = Database(url)
    await db.open()
    await Archive(db).append(1, new("before", body=body))
    await db.close()


async def check(url: str, since: str) -> None:
    """All that there was as of a revision is there."""
    db = Database(url)
    await db.open()
    try:
        store = Store(db)
        hall, own = await store.all_rooms()
        assert (hall.owner, hall.legacy_id, hall.localpart) == ("", "g1", "hall")
        assert hall.state == {"locked": True}
        assert (own.owner, own.state) == ("ada@example.org", {})
        assert await store.legacy_id_for("", "hall") == "g1"
        assert await store.meta("id_secret") == "abc"
        (person,) = await store.occupants_of(1)
        assert (person.member_id, person.nick) == ("m1", "Zoë")
        assert person.state == {"user": "ada@example.org"}
        (seat,) = await store.all_seats()
        assert (seat.jid, seat.occupant, seat.joined_at) == ("ada@example.org/x", "m1", NOON)
        seen = await store.all_subscriptions()
        assert seen == ([("ada@example.org", "cyd", 3)] if since >= "0002" else [])
        gaps = await Gaps(db).all()
        assert [(g.after, g.state, g.attempts) for g in gaps] == (
            [(("a", NOON), State.WANTED, 2)] if since >= "0004" else []
        )
        stored = await Archive(db).append(1, new(f"after {since}", body="tea"))
        assert stored.new
    finally:
        await db.close()


@pytest.mark.parametrize("revision", ALL)
def test_what_was_kept_stays(empty_url: str, revision: str) -> None:
    at_revision(empty_url, revision)
    migrate(empty_url)
    assert is_current(empty_url)
    asyncio.run(check(empty_url, revision))


@pytest.mark.parametrize("revision", ALL[:-1])
def test_it_may_go_back_and_come_again(empty_url: str, revision: str) -> None:
    at_revision(empty_url, ALL[-1])
    asyncio.run(say(empty_url, "tea"))
    go_back(empty_url, revision)
    assert check_revision(empty_url) == revision
    engine = sa.create_engine(parse(empty_url))
    with engine.begin() as conn:
        bodies = conn.scalars(sa.text("SELECT body FROM sluice_archive")).all()
    engine.dispose()
    assert bodies == ["tea"]
    migrate(empty_url)
    asyncio.run(check(empty_url, revision))


def test_nobody_goes_to_where_there_is_nothing(empty_url: str) -> None:
    with pytest.raises(SluiceError, match="can go back to nothing"):
        go_back(empty_url, "0005")
    at_revision(empty_url, "0005")
    for wrong in ("0006", "9999", "base", "", "-1"):
        with pytest.raises(SluiceError, match="can go back to 0001, 0002, 0003, 0004; not to"):
            go_back(empty_url, wrong)
    assert check_revision(empty_url) == "0005"
