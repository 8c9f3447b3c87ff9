"""Messages go to the end of their room, once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from functools import partial

import pytest

from gateway.archive import Archive, Kind, Stored
from gateway.database import Database
from legacy_backend.terms import MessageId
from tests.archive.making import NOON, everything, fill, lid, new, sid


async def test_what_is_appended_is_read_back_as_it_was(archive: Archive) -> None:
    hour_ahead = timezone(timedelta(hours=1))
    wanted = new(
        "a",
        at=datetime(2024, 5, 1, 13, 0, 0, 654321, tzinfo=hour_ahead),
        nick="Ädä / \U0001f600",
        author="",
        kind=Kind.REACTION,
        legacy_id=None,
        stanza="<message id='ä&#10;\U0001f600'>]]&gt; \u2028</message>",
    )
    stored = await archive.append(1, wanted)
    assert stored.new
    assert await archive.find(1, stanza_id=sid("a")) == stored.entry
    assert stored.entry.at == wanted.at
    assert stored.entry.stanza == wanted.stanza
    assert stored.entry.kind is Kind.REACTION


async def test_the_order_of_calls_is_the_order_of_the_room(archive: Archive) -> None:
    stored = await fill(archive, 1, range(300))
    assert [s.entry.seq for s in stored] == sorted(s.entry.seq for s in stored)
    assert await everything(archive, 1) == " ".join(map(str, range(300)))


def _note(done: list[int], i: int, _: object) -> None:
    done.append(i)


async def test_futures_are_done_in_the_order_of_calls(archive: Archive) -> None:
    done: list[int] = []
    futures = [archive.append(i % 7, new(i)) for i in range(100)]
    for i, future in enumerate(futures):
        future.add_done_callback(partial(_note, done, i))
    await asyncio.gather(*futures)
    assert done == list(range(100))


async def test_rooms_have_nothing_to_do_with_one_another(archive: Archive) -> None:
    both = await asyncio.gather(*(archive.append(room, new("a")) for room in (1, 2)))
    assert all(stored.new for stored in both)
    assert await archive.counts() == {1: 1, 2: 1}


async def test_a_known_stanza_id_is_not_stored_again(archive: Archive) -> None:
    (first,) = await fill(archive, 1, "a")
    again = await archive.append(1, new("a", 5, legacy_id=lid("other"), nick="bao"))
    assert again == Stored(first.entry, new=False)
    assert await archive.count(1) == 1


async def test_a_known_legacy_id_is_not_stored_again(archive: Archive) -> None:
    (first,) = await fill(archive, 1, "a")
    again = await archive.append(1, new("b", legacy_id=lid("a")))
    assert again == Stored(first.entry, new=False)


async def test_duplicates_in_one_burst(archive: Archive) -> None:
    await fill(archive, 1, "xy")
    stored = await fill(archive, 1, "axbaybcc")
    assert [s.new for s in stored] == [True, False, True, False, False, False, True, False]
    assert await everything(archive, 1) == "x y a b c"
    assert await archive.count(1) == 5
    assert stored[3].entry == stored[0].entry


async def test_many_without_a_legacy_id(archive: Archive) -> None:
    futures = [archive.append(1, new(i, legacy_id=None)) for i in range(5)]
    assert all(s.new for s in await asyncio.gather(*futures))


async def test_one_that_cannot_be_stored_harms_no_neighbour(archive: Archive) -> None:
    naive = new("b", at=datetime(2024, 5, 1, 12, 0))  # noqa: DTZ001
    broken = new("c", stanza="\ud800")
    futures = [archive.append(1, entry) for entry in (new("a"), naive, broken, new("d"))]
    results = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(result) for result in results] == [Stored, TypeError, UnicodeEncodeError, Stored]
    assert await everything(archive, 1) == "a d"
    assert await archive.count(1) == 2


async def test_a_new_process_goes_on_where_the_last_ended(archive: Archive, url: str) -> None:
    await fill(archive, 1, "abc")
    later = Database(url)
    await later.open()
    stored = await fill(Archive(later), 1, "cd")
    assert [s.new for s in stored] == [False, True]
    assert await everything(Archive(later), 1) == "a b c d"
    await later.close()


async def test_a_patch_names_the_message_that_is_meant(archive: Archive) -> None:
    await archive.append(1, new("a", message_id='<"it\'s" & that>'))
    reply = new("b", stanza="<x id='@@'/><y id='@@'/>", patch=(lid("a"), "@@", "none"))
    stored = await archive.append(1, reply)
    it = "&lt;&quot;it&apos;s&quot; &amp; that&gt;"
    assert stored.entry.stanza == f"<x id='{it}'/><y id='{it}'/>"
    assert await archive.find(1, stanza_id=sid("b")) == stored.entry


async def test_a_patch_falls_back(archive: Archive) -> None:
    await archive.append(2, new("a"))
    stored = await archive.append(1, new("b", stanza="@@", patch=(lid("a"), "@@", "none")))
    assert stored.entry.stanza == "none"


async def test_patches_within_one_burst(archive: Archive) -> None:
    """Each sees what was appended before it, and a message's first version counts."""
    futures = []
    for i in range(50):
        futures.append(archive.append(1, new(f"m{i}")))
        futures.append(archive.append(1, new(f"m{i}", message_id="another")))
        meant = MessageId(f"l-m{i}")
        futures.append(archive.append(1, new(f"r{i}", stanza="@@", patch=(meant, "@@", "none"))))
        unknown = MessageId(f"l-m{i + 1}")
        futures.append(archive.append(1, new(f"u{i}", stanza="@@", patch=(unknown, "@@", "none"))))
    stored = await asyncio.gather(*futures)
    assert [s.entry.stanza for s in stored[2::4]] == [f"m-m{i}" for i in range(50)]
    assert [s.entry.stanza for s in stored[3::4]] == ["none"] * 50


@pytest.mark.parametrize("at", [NOON - timedelta(days=30000), NOON + timedelta(days=300000)])
async def test_any_time_can_be_stored(archive: Archive, at: datetime) -> None:
    await archive.append(1, new("a", at=at))
    found = await archive.find(1, stanza_id=sid("a"))
    assert found is not None
    assert found.at == at
