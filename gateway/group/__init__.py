"""The plugin API: groups of the network, as their users' rooms."""

from slidge.util.types import MucType

from gateway.group.bookmarks import LegacyBookmarks
from gateway.group.muc import LegacyMUC
from gateway.group.participant import LegacyParticipant

__all__ = ["LegacyBookmarks", "LegacyMUC", "LegacyParticipant", "MucType"]
