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

from gateway.component import Gateway
from gateway.errors import ConfigError
from gateway.group import LegacyBookmarks, LegacyMUC, LegacyParticipant

TESTED = ("0.4.2", "0.5")
"""Versions of slidge that this is known to work with: from the first, before the second."""


PLACES: dict[type, tuple[ModuleType, ...]] = {
    Gateway: (slidge, slidge.core.gateway),
    LegacyBookmarks: (slidge, slidge.group, slidge.group.bookmarks),
    LegacyMUC: (slidge, slidge.group, slidge.group.room),
    LegacyParticipant: (slidge, slidge.group, slidge.group.participant),
}
"""Our classes, and the modules of slidge in which plugins look for those of the same name."""


def install() -> None:
    """Have `import slidge` give plugins our groups.

    Raises ConfigError for a version of slidge that this was not tested with.
    """
    version = slidge.__version__
    if not (_numbers(TESTED[0]) <= _numbers(version) < _numbers(TESTED[1])):
        raise ConfigError(
            [f"slidge {version} is not supported: {TESTED[0]} or later, before {TESTED[1]}"]
        )
    for cls, modules in PLACES.items():
        name = "BaseGateway" if cls is Gateway else cls.__name__
        for module in modules:
            setattr(module, name, cls)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())
