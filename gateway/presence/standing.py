"""How a user and one address of ours stand to each other (RFC 6121 §3, Appendix A).

The address is the gateway's own or a contact's. Everything is said from its side, as its roster
would have it: a component has no server that keeps one for it.
"""

from __future__ import annotations

from enum import Flag
from typing import Literal, cast, get_args

Kind = Literal["subscribe", "subscribed", "unsubscribe", "unsubscribed"]
KINDS: frozenset[str] = frozenset(get_args(Kind))

Reply = Literal["subscribed", "unsubscribed", "unsubscribe", "presence", "unavailable", "probe"]
"""What the address answers; "presence" is its present state, whatever that is."""


class Standing(Flag):
    """Kept as a number: the values are part of the database."""

    NONE = 0
    TO = 1
    """The address is shown the user's presence."""
    FROM = 2
    """The user is shown the address's presence."""
    ASKING = 4
    """The address has asked to see, and has no answer yet (pending out)."""
    ASKED = 8
    """The user has asked to see, and has no answer yet (pending in)."""

    BOTH = TO | FROM

    @property
    def word(self) -> Literal["none", "to", "from", "both"]:
        """As rosters have it."""
        words = {Standing.TO: "to", Standing.FROM: "from", Standing.BOTH: "both"}
        return cast(Literal["none", "to", "from", "both"], words.get(self & Standing.BOTH, "none"))


def decided(standing: Standing, allowed: bool | None) -> tuple[Standing, tuple[Reply, ...]]:
    """A request of the user's was decided; None is for later, and nothing is said.

    Who may see already is told so again (§3.1.3), which ends the matter on their side.
    """
    if allowed is None:
        return standing | Standing.ASKED, ()
    if allowed:
        return standing & ~Standing.ASKED | Standing.FROM, ("subscribed", "presence")
    return standing & ~(Standing.ASKED | Standing.FROM), ("unsubscribed",)


def received(standing: Standing, kind: Kind) -> tuple[Standing, tuple[Reply, ...]]:
    """What the user sent changes this, and is answered so; "subscribe" is for `decided`.

    What answers no question of ours, or ends what is not, changes nothing and gets no answer
    (§3.1.6, §3.2.3, §3.3.3): that is what keeps two automatic ends from going on for ever.
    """
    match kind:
        case "subscribed" if Standing.ASKING in standing:
            return standing & ~Standing.ASKING | Standing.TO, ("presence", "probe")
        case "unsubscribed" if standing & (Standing.ASKING | Standing.TO):
            left = standing & ~(Standing.ASKING | Standing.TO)
            return left, ("unsubscribe",) if Standing.BOTH in standing else ()
        case "unsubscribe" if standing & (Standing.ASKED | Standing.FROM):
            left = standing & ~(Standing.ASKED | Standing.FROM)
            return left, ("unsubscribed", "unavailable")
        case _:
            return standing, ()


def sent(standing: Standing, kind: Kind) -> tuple[Standing, bool]:
    """What the address sends changes this; whether it is worth sending.

    It asks once, and says yes to nobody who did not ask (XEP-0100 §4.7).
    """
    match kind:
        case "subscribe":
            known = bool(standing & (Standing.ASKING | Standing.TO))
            return standing if known else standing | Standing.ASKING, not known
        case "subscribed":
            asked = bool(standing & (Standing.ASKED | Standing.FROM))
            return (standing & ~Standing.ASKED | Standing.FROM if asked else standing), asked
        case "unsubscribe":
            known = bool(standing & (Standing.ASKING | Standing.TO))
            return standing & ~(Standing.ASKING | Standing.TO), known
        case "unsubscribed":
            return standing & ~(Standing.ASKED | Standing.FROM), True
