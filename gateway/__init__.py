"""Sluice: the groups of another chat network as XMPP rooms.

What a plugin author needs is here: `from gateway import LegacyMUC, …`; `docs/plugin-guide.md`
walks through a complete plugin.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.component import Gateway as BaseGateway
    from gateway.group import LegacyBookmarks, LegacyMUC, LegacyParticipant, MucType

__all__ = ["BaseGateway", "LegacyBookmarks", "LegacyMUC", "LegacyParticipant", "MucType"]


def __getattr__(name: str) -> Any:
    """Import the plugin API when it is asked for: the command line does without slidge."""
    if name == "BaseGateway":
        from gateway.component import Gateway

        return Gateway
    if name in __all__:
        from gateway import group

        return getattr(group, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
