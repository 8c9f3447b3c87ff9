"""Which room a command is about."""

from __future__ import annotations

from gateway.cli.output import plain
from gateway.config import Config
from gateway.config.text import nearest
from gateway.errors import SluiceError
from gateway.store import RoomRow


def find_room(config: Config, rooms: list[RoomRow], wanted: str, owner: str | None) -> RoomRow:
    """The one room that is meant. Raises SluiceError."""
    localpart, _, domain = wanted.lower().partition("@")
    local = localpart if domain == config.xmpp.jid else None
    found = [room for room in rooms if room.localpart == local or room.legacy_id == wanted]
    if owner is not None:
        found = [room for room in found if room.owner == owner.lower()]
    if not found:
        names = [f"{room.localpart}@{config.xmpp.jid}" for room in rooms]
        raise SluiceError(f"There is no such room{nearest(wanted, names)}")
    if len(found) > 1:
        owners = ", ".join(plain(room.owner or "nobody, as it is shared") for room in found)
        raise SluiceError(f"Several rooms are meant; --owner says whose, of these: {owners}")
    return found[0]
