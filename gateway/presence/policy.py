"""What becomes of a request to be shown somebody's presence."""

from __future__ import annotations

from enum import StrEnum


class Policy(StrEnum):
    ACCEPT = "accept"
    MUTUAL = "mutual"
    """Accept, and ask to be shown the user's presence in turn."""
    REJECT = "reject"
    ASK = "ask"
    """Whoever runs the network, or the plugin, decides: `Gateway.allow_subscription`."""

    @property
    def auto_authorize(self) -> bool | None:
        """What slixmpp's components call this: True accepts, False rejects, None does neither."""
        return {Policy.REJECT: False, Policy.ASK: None}.get(self, True)

    @property
    def auto_subscribe(self) -> bool:
        return self is Policy.MUTUAL

    @classmethod
    def of(cls, authorize: bool | None, subscribe: bool) -> Policy:
        """The policy that goes by slixmpp's two switches."""
        if authorize is None:
            return cls.ASK
        if not authorize:
            return cls.REJECT
        return cls.MUTUAL if subscribe else cls.ACCEPT
