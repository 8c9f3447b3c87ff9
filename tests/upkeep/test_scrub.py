"""What was erased is in no file of the database any more, while the gateway goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.archive import Archive, Query
from gateway.database import Database
from gateway.store import Store
from gateway.upkeep import Tools, unseen
from gateway.upkeep.erase import erase
from tests.archive.making import new
from tests.postgres import db, empty_url, migrated, migrated_file, postgres, url

__all__ = ["db", "empty_url", "migrated", "migrated_file", "postgres", "url"]


async def talked(db: Database) -> int:
    """Eve and Ada have said something in turn; the number of the room."""
    room = (await Store(db).add_room("", "g", "g", {})).id
    archive = Archive(db)
    said = [("eve", "topsecret xylophone"), ("ada", "green tea")] * 600
    await asyncio.gather(
        *(
            archive.append(room, new(f"{who}-{n}", author=who, nick=who.upper(), body=words))
            for n, (who, words) in enumerate(said)
        )
    )
    return room


def left(folder: Path) -> dict[str, int]:
    """How often something of Eve's is in the files."""
    files = [path.read_bytes() for path in folder.iterdir() if path.name.startswith("test.sqlite")]
    words = ("topsecret", "xylophone", "eve-", "EVE")
    return {word: sum(file.count(word.encode()) for file in files) for word in words}


async def test_nothing_is_left_in_the_files(db: Database, tmp_path: Path) -> None:
    room = await talked(db)
    sqlite = db.url.get_backend_name() == "sqlite"
    if sqlite:
        assert all(left(tmp_path).values())
    (receipt,) = await erase(Tools(db, "gw.example.org"), "eve", unseen)
    assert receipt.messages == 600
    if sqlite:
        assert not any(left(tmp_path).values()), left(tmp_path)
    archive = Archive(db)
    assert (await archive.page(room, Query(words="xylophone"))).entries == []
    assert len((await archive.page(room, Query(words="tea", limit=1000))).entries) == 600
    await archive.append(room, new("later", body="more tea"))
    assert await archive.count(room) == 601


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_it_waits_for_those_who_read_but_not_for_ever(
    db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("gateway.upkeep.scrub.WAIT_SECONDS", 0.01)
    await talked(db)
    reader = sa.create_engine(db.url)
    with reader.connect() as conn:
        conn.exec_driver_sql("BEGIN")
        conn.exec_driver_sql("SELECT count(*) FROM sluice_archive").fetchone()
        (receipt,) = await erase(Tools(db, "gw.example.org"), "eve", unseen)
    reader.dispose()
    assert receipt.messages == 600
    assert "somebody reads all the time" in caplog.text
