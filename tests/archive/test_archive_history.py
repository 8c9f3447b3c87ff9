"""What a join replays (XEP-0045 §7.2.13)."""

from __future__ import annotations

from datetime import timedelta

from gateway.archive import Archive, Kind
from tests.archive.making import NOON, fill, names, new


async def test_the_newest_oldest_first(archive: Archive) -> None:
    await fill(archive, 1, "abcdef")
    assert names(await archive.history(1, limit=3)) == "d e f"
    assert names(await archive.history(1, limit=30)) == "a b c d e f"
    assert await archive.history(1, limit=0) == []
    assert await archive.history(2, limit=3) == []


async def test_since_is_inclusive(archive: Archive) -> None:
    await fill(archive, 1, "abcdef")
    since = NOON + timedelta(minutes=3)
    assert names(await archive.history(1, limit=30, since=since)) == "d e f"
    assert names(await archive.history(1, limit=2, since=since)) == "e f"


async def test_subjects_and_markers_are_no_history(archive: Archive) -> None:
    for kind in Kind:
        await archive.append(1, new(kind.name, kind=kind))
    found = await archive.history(1, limit=30)
    assert names(found) == "MESSAGE EDIT RETRACTION REACTION OTHER"
