"""What is taken out, and what stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from gateway.archive import Archive, Query
from gateway.archive.tables import archive as table
from gateway.database import Database
from gateway.errors import NotInArchive
from tests.archive.making import NOON, everything, fill, names, new, sid


async def test_mam_27_a_tombstone_keeps_the_place(archive: Archive, db: Database) -> None:
    for name in "abc":
        await archive.append(1, new(name, body="words"))
    before = await archive.find(1, stanza_id=sid("b"))
    assert before is not None
    assert await archive.tombstone(1, sid("b"), "<message>gone</message>")
    after = await archive.find(1, stanza_id=sid("b"))
    assert after is not None
    assert after.stanza == "<message>gone</message>"
    assert (after.seq, after.at, after.legacy_id) == (before.seq, before.at, before.legacy_id)
    bodies = sa.select(table.c.body).order_by(table.c.seq)
    assert await db.read(lambda conn: conn.scalars(bodies).all()) == ["words", "", "words"]
    assert not await archive.tombstone(1, sid("z"), "")
    assert not await archive.tombstone(2, sid("b"), "")


@pytest.mark.requirement("MAM-28")
async def test_mam_28_what_is_too_old_goes(archive: Archive) -> None:
    await fill(archive, 1, range(1700))
    await fill(archive, 2, "abc")
    assert await archive.expire(NOON + timedelta(minutes=1500), 1) == 1500
    assert await everything(archive, 1) == " ".join(map(str, range(1500, 1700)))
    assert await archive.counts() == {1: 200, 2: 3}
    with pytest.raises(NotInArchive):
        await archive.page(1, Query(after=sid(1499)))
    assert await archive.expire(NOON + timedelta(minutes=2)) == 2
    assert await everything(archive, 2) == "c"
    assert await archive.expire(NOON + timedelta(days=9)) == 201
    assert await archive.counts() == {}
    await fill(archive, 1, "d")
    assert await everything(archive, 1) == "d"


async def test_a_message_from_the_future_holds_no_expiry_up(archive: Archive) -> None:
    for name, minute in zip("abcd", [10**6, 1, 2, 3], strict=True):
        await archive.append(1, new(name, minute))
    assert await archive.expire(NOON + timedelta(minutes=3)) == 2
    assert await everything(archive, 1) == "a d"


async def test_forgetting_a_room(archive: Archive) -> None:
    await fill(archive, 1, range(1200))
    await fill(archive, 2, "a")
    assert await archive.forget(1) == 1200
    assert await archive.forget(1) == 0
    assert await archive.counts() == {2: 1}
    assert await archive.edges(1) is None
    assert (await fill(archive, 1, "b"))[0].new


async def test_an_export_goes_on_where_its_last_entry_was_deleted(archive: Archive) -> None:
    await fill(archive, 1, range(1200))
    seen = []
    async for entry in archive.export(1):
        seen.append(entry)
        if len(seen) == 500:
            await archive.expire(NOON + timedelta(minutes=600))
    assert names(seen) == " ".join(map(str, [*range(500), *range(600, 1200)]))


async def test_an_empty_export(archive: Archive) -> None:
    assert await everything(archive, 1) == ""
