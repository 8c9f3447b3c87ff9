"""The seam where plugins written for slidge find our groups instead of slidge's.

A plugin says `from slidge import LegacyMUC`, or `from slidge.group import …`. `install` puts ours
behind those names before any plugin is imported. That is all there is to it: what slidge itself
imported before keeps its own classes, of which ours are subclasses.
"""

from __future__ import annotations

from types import ModuleType

import slidge
import slidge.core
import slidge.core.gateway
import slidge.group
import slidge.group.bookmarks
import slidge.group.participant
import slidge.group.room
from slidge.contact import LegacyContact

from gateway.component import Gateway
from gateway.group import LegacyBookmarks, LegacyMUC, LegacyParticipant
from gateway.group.memberships import participants_of

PLACES: dict[type, tuple[ModuleType, ...]] = {
    Gateway: (slidge, slidge.core.gateway),
    LegacyBookmarks: (slidge, slidge.group, slidge.group.bookmarks),
    LegacyMUC: (slidge, slidge.group, slidge.group.room),
    LegacyParticipant: (slidge, slidge.group, slidge.group.participant),
}
"""Our classes, and the modules of slidge in which plugins look for those of the same name."""


def install() -> None:
    """Have `import slidge` give plugins our groups."""
    for cls, modules in PLACES.items():
        for module in modules:
            setattr(module, _name(cls), cls)
    # slidge's contacts are as they are, but for where they look for themselves
    LegacyContact.participants = property(participants_of)  # type: ignore[assignment]


def place(module: ModuleType) -> None:
    """Put ours into a module that has imported slidge's."""
    for cls in PLACES:
        setattr(module, _name(cls), cls)


def _name(cls: type) -> str:
    return "BaseGateway" if cls is Gateway else cls.__name__
