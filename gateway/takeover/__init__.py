"""Taking over an installation of slidge: its users, contacts, rooms and archive."""

from gateway.takeover.takeover import Taken, take_over

__all__ = ["Taken", "take_over"]
