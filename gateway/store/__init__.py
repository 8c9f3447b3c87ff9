"""What outlives the process besides the archive: rooms, their people, who sits in them."""

from gateway.store.occupants import OccupantRow
from gateway.store.rooms import RoomRow
from gateway.store.seats import SeatRow
from gateway.store.store import Store

__all__ = ["OccupantRow", "RoomRow", "SeatRow", "Store"]
