"""Which room is meant."""

from __future__ import annotations

from gateway.config.text import nearest
from gateway.errors import SluiceError
from gateway.store import RoomRow


def find_room(domain: str, rooms: list[RoomRow], wanted: str, owner: str | None) -> RoomRow:
    """The one room with this address, or of this group. Raises SluiceError."""
    localpart, _, at = wanted.lower().partition("@")
    local = localpart if at == domain else None
    found = [room for room in rooms if room.localpart == local or room.legacy_id == wanted]
    if owner is not None:
        found = [room for room in found if room.owner == owner.lower()]
    if not found:
        names = [f"{room.localpart}@{domain}" for room in rooms]
        raise SluiceError(f"There is no such room{nearest(wanted, names)}")
    if len(found) > 1:
        owners = ", ".join(room.owner or "nobody, as it is shared" for room in found)
        raise SluiceError(f"Several rooms are meant; name the owner, one of these: {owners}")
    return found[0]
