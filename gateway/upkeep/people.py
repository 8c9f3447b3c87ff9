"""Who is meant by a person, in each room."""

from __future__ import annotations

from gateway.store import RoomRow, Store


async def authors_in(store: Store, room: RoomRow, person: str) -> list[str]:
    """Under which names the archive has what a person said in a room: an id on the network, and
    those of the user with this bare JID."""
    users = {
        row.member_id
        for row in await store.occupants_of(room.id)
        if row.state.get("user") == person.lower()
    }
    left: dict[str, list[str]] = room.state.get("extra", {}).get("were", {})
    return sorted({person, *users, *left.get(person.lower(), ())})
