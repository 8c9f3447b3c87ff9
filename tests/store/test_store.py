"""What is stored comes back, in this process and in the next."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from gateway.archive import Archive, NewEntry, StanzaId
from gateway.database import Database
from gateway.store import OccupantRow, RoomRow, SeatRow, Store
from legacy_backend.terms import MessageId

NOON = datetime(2024, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
HOSTILE = "a\0b \ud800 \U0001f600 'x\"; -- \\u0000"


async def test_rooms_come_back_in_the_order_of_their_making(store: Store) -> None:
    state = {"subject": HOSTILE, "n": [1, None, {"a": True}]}
    first = await store.add_room("", "G1", "g1", state)
    second = await store.add_room("ada@example.org", "G1", "g1")
    assert first == RoomRow(first.id, "", "G1", "g1", json.dumps(state))
    assert first.state == state
    assert await store.all_rooms() == [first, second]


async def test_a_group_has_one_room_per_owner(store: Store) -> None:
    first = await store.add_room("", "G1", "g1", {"a": 1})
    assert await store.add_room("", "G1", "other", {"a": 2}) == first
    assert await store.all_rooms() == [first]


async def test_two_rooms_of_an_owner_have_two_localparts(store: Store) -> None:
    await store.add_room("", "G1", "g1")
    with pytest.raises(sa.exc.IntegrityError):
        await store.add_room("", "G2", "g1")


async def test_group_ids_differ_by_case_and_space(store: Store) -> None:
    ids = ["a", "A", "a ", " a", "ä", "a\u0308"]
    for i, legacy_id in enumerate(ids):
        await store.add_room("", legacy_id, f"g{i}")
    assert [row.legacy_id for row in await store.all_rooms()] == ids


async def test_the_last_state_counts(store: Store) -> None:
    row = await store.add_room("", "G1", "g1")
    for n in range(20):
        store.save_state(row.id, f'{{"n": {n}}}')
    await store.save_state(row.id, '{"n": 20}')
    assert [row.state for row in await store.all_rooms()] == [{"n": 20}]


async def test_a_seat_is_taken_moved_and_left(store: Store) -> None:
    room = await store.add_room("", "G1", "g1")
    one = SeatRow(room.id, "ada@example.org/phone", "ada", "m1", NOON)
    two = SeatRow(room.id, "bao@example.org/x", "bao", "m2", NOON + timedelta(microseconds=1))
    store.put_seat(one)
    await store.put_seat(two)
    assert await store.all_seats() == [one, two]
    moved = SeatRow(room.id, one.jid, "countess", "m1", NOON)
    await store.put_seat(moved)
    assert await store.all_seats() == [moved, two]
    await store.remove_seat(room.id, one.jid)
    await store.remove_seat(room.id, "nobody@example.org/x")
    assert await store.all_seats() == [two]


async def test_occupants_keep_their_nicks(store: Store) -> None:
    room, other = await store.add_room("", "G1", "g1"), await store.add_room("", "G2", "g2")
    rows = [OccupantRow(room.id, f"m{i:04}", f"nick {i}", {"i": i}) for i in range(1200)]
    store.put_occupants(room.id, rows)
    store.put_occupants(room.id, [])
    await store.put_occupants(other.id, [OccupantRow(other.id, "m0000", "x", {})])
    assert await store.occupants_of(room.id) == rows
    changed = OccupantRow(room.id, "m0001", "other", {"s": HOSTILE})
    store.put_occupants(room.id, [changed])
    await store.remove_occupants(room.id, [f"m{i:04}" for i in range(2, 1200)] + ["nobody"])
    assert await store.occupants_of(room.id) == [rows[0], changed]
    assert len(await store.all_occupants()) == 3


async def test_occupants_are_put_into_their_own_room(store: Store) -> None:
    with pytest.raises(ValueError, match="room 1"):
        store.put_occupants(1, [OccupantRow(2, "m", "n", {})])


async def test_a_deleted_room_takes_everything_along(store: Store, db: Database) -> None:
    archive = Archive(db)
    gone, kept = await store.add_room("", "G1", "g1"), await store.add_room("", "G2", "g2")
    for room in (gone, kept):
        store.put_seat(SeatRow(room.id, "ada@example.org/x", "ada", "m1", NOON))
        store.put_occupants(room.id, [OccupantRow(room.id, "m1", "ada", {})])
        await asyncio.gather(*(archive.append(room.id, entry(i)) for i in range(1100)))
    assert await store.delete_room(gone.id)
    assert await store.all_rooms() == [kept]
    assert [row.room_id for row in await store.all_seats()] == [kept.id]
    assert [row.room_id for row in await store.all_occupants()] == [kept.id]
    assert await archive.counts() == {kept.id: 1100}
    assert not await store.delete_room(gone.id)


def entry(i: int) -> NewEntry:
    return NewEntry(
        stanza_id=StanzaId(f"s{i}"),
        message_id=f"m{i}",
        at=NOON,
        nick="ada",
        author="m1",
        stanza="<message/>",
        legacy_id=MessageId(f"l{i}"),
    )


async def test_the_id_of_a_deleted_room_is_not_given_again(store: Store) -> None:
    row = await store.add_room("", "G1", "g1")
    await store.delete_room(row.id)
    assert (await store.add_room("", "G1", "g1")).id > row.id


async def test_a_fact_is_put_replaced_and_kept(store: Store) -> None:
    assert await store.meta("secret") is None
    assert await store.keep_meta("secret", "one") == "one"
    assert await store.keep_meta("secret", "two") == "one"
    await store.put_meta("secret", "three")
    assert await store.meta("secret") == "three"


async def test_a_wish_is_granted_to_the_first(store: Store) -> None:
    assert await store.localpart_for("", "G1", "general") == "general"
    other = await store.localpart_for("", "g1", "general")
    assert other != "general"
    assert other.startswith("general-")
    assert await store.localpart_for("ada@example.org", "g1", "general") == "general"


async def test_a_localpart_is_for_ever(store: Store, url: str) -> None:
    given = {
        legacy_id: await store.localpart_for("", legacy_id, wish)
        for legacy_id, wish in [("!aBc:x", "!aBc:x"), ("!abc:x", "!abc:x"), ("plain", "plain")]
    }
    assert len(set(given.values())) == 3
    later = Database(url)
    await later.open()
    again = Store(later)
    for legacy_id, localpart in given.items():
        assert await again.localpart_for("", legacy_id, "something else") == localpart
        assert await again.legacy_id_for("", localpart) == legacy_id
    assert await again.legacy_id_for("", "nobody's") is None
    assert await again.legacy_id_for("other", "plain") is None
    await later.close()


async def test_a_token_that_is_taken_is_not_given(store: Store) -> None:
    token = await store.localpart_for("", "A", "A B")
    assert await store.localpart_for("other", "x", token) == token
    thief = await store.localpart_for("third", "x", token)
    victim = await store.localpart_for("third", "A", "A B")
    assert thief == token
    assert victim != thief
