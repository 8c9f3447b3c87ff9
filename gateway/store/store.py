"""The store, as the event loop sees it: each method has its work done elsewhere.

What returns a future is asked for at once and in order; the future is done when it is durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from gateway.archive import Archive
from gateway.database.database import Database
from gateway.store import localparts, meta, occupants, rooms, seats, subscriptions
from gateway.store.occupants import OccupantRow
from gateway.store.rooms import RoomRow
from gateway.store.seats import SeatRow

A_FEW = 20
DRAIN_SECONDS = 5.0


class Store:
    """Rooms, localparts, seats, occupants, subscriptions and single facts of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def all_rooms(self) -> list[RoomRow]:
        """Every room, in the order in which they were made."""
        return await self._db.read(rooms.all_rooms)

    async def add_room(
        self, owner: str, legacy_id: str, localpart: str, state: dict[str, Any] | None = None
    ) -> RoomRow:
        """Make a room; the one that is there if `owner` has one of this group already."""
        return await self._db.write(
            lambda conn: rooms.add_room(conn, owner, legacy_id, localpart, state or {})
        )

    def save_state(self, room_id: int, text: str) -> asyncio.Future[None]:
        """Replace a room's state: JSON, as ASCII."""
        return self._db.write(lambda conn: rooms.save_state(conn, room_id, text))

    async def delete_room(self, room_id: int) -> bool:
        """Delete a room with its archive, seats and occupants; False if there is none.

        The archive goes first: what is interrupted can be asked for again. The localpart stays
        with the legacy id.
        """
        archive = Archive(self._db)
        await archive.forget(room_id)
        deleted = await self._db.write(lambda conn: rooms.delete_room(conn, room_id))
        await archive.forget(room_id)  # what came in meanwhile
        return deleted

    async def localpart_for(self, scope: str, legacy_id: str, wish: str) -> str:
        """The localpart of a legacy id, for ever; `wish` if that can be one and is free."""
        return await self._db.write(
            lambda conn: localparts.localpart_for(conn, scope, legacy_id, wish)
        )

    def put_localpart(self, scope: str, legacy_id: str, localpart: str) -> asyncio.Future[None]:
        """Keep that a localpart was given to a legacy id, if neither is taken. Waits for a database
        that cannot be written, as long as it takes."""
        return self._db.write(
            lambda conn: localparts.put_localpart(conn, scope, legacy_id, localpart), patient=True
        )

    async def localparts_of(self, scope: str) -> list[tuple[str, str]]:
        """All legacy ids of a scope, with their localparts."""
        return await self._db.read(lambda conn: localparts.localparts_of(conn, scope))

    async def legacy_id_for(self, scope: str, localpart: str) -> str | None:
        """The legacy id to which a localpart was given."""
        return await self._db.read(lambda conn: localparts.legacy_id_for(conn, scope, localpart))

    def put_seat(self, row: SeatRow) -> asyncio.Future[None]:
        """Add a seat, or replace the one that this JID has in the room."""
        return self._db.write(lambda conn: seats.put_seat(conn, row))

    def remove_seat(self, room_id: int, jid: str) -> asyncio.Future[None]:
        """Remove a seat, if it is there. Waits for a database that cannot be written, as long as it
        takes."""
        return self._db.write(lambda conn: seats.remove_seat(conn, room_id, jid), patient=True)

    async def all_seats(self) -> list[SeatRow]:
        return await self._db.read(seats.seats)

    def put_occupants(self, room_id: int, rows: Sequence[OccupantRow]) -> asyncio.Future[None]:
        """Add occupants to a room, or replace those with the same member ids."""
        if any(row.room_id != room_id for row in rows):
            raise ValueError(f"not all of these occupants are of room {room_id}")
        return self._db.write(lambda conn: occupants.put_occupants(conn, rows))

    def remove_occupants(self, room_id: int, members: Sequence[str]) -> asyncio.Future[None]:
        """Remove these members from a room, as far as they are there."""
        return self._db.write(lambda conn: occupants.remove_occupants(conn, room_id, members))

    async def occupants_of(self, room_id: int) -> list[OccupantRow]:
        return await self._db.read(lambda conn: occupants.occupants(conn, room_id))

    async def all_occupants(self) -> list[OccupantRow]:
        return await self._db.read(occupants.occupants)

    def put_subscription(self, user: str, local: str, state: int) -> asyncio.Future[None]:
        """Write down how a user and an address (its localpart) stand to each other."""
        return self._db.write(
            lambda conn: subscriptions.put_subscription(conn, user, local, state), patient=True
        )

    def remove_subscription(self, user: str, local: str) -> asyncio.Future[None]:
        """Remove how a user and an address stand to each other."""
        return self._db.write(
            lambda conn: subscriptions.remove_subscription(conn, user, local), patient=True
        )

    def remove_subscriptions(self, user: str) -> asyncio.Future[None]:
        """Remove all of a user's."""
        return self._db.write(
            lambda conn: subscriptions.remove_subscriptions(conn, user), patient=True
        )

    async def all_subscriptions(self) -> list[tuple[str, str, int]]:
        """User, localpart and state of each."""
        return await self._db.read(subscriptions.all_subscriptions)

    async def drained(self) -> None:
        """Return when no more than a few writes wait, or they have done so for too long: the
        database may be away, and messages wait for it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._db.drained(A_FEW)

    async def settled(self) -> None:
        """Return when what was asked to be written so far is found by reading."""
        await self._db.write(lambda _: None)

    async def meta(self, key: str) -> str | None:
        """A single fact; None if it was never put."""
        return await self._db.read(lambda conn: meta.get(conn, key))

    def put_meta(self, key: str, value: str) -> asyncio.Future[None]:
        return self._db.write(lambda conn: meta.put(conn, key, value))

    async def keep_meta(self, key: str, value: str) -> str:
        """The fact that is there; `value`, from now on, if there is none. Good for a secret."""
        return await self._db.write(lambda conn: meta.keep(conn, key, value))
