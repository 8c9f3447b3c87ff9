"""A server's no, as networks say no."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import get_args

from slixmpp.exceptions import XMPPError

from legacy_backend.terms import Condition, LegacyError

_OTHERS: dict[str, Condition] = {
    "jid-malformed": "not-acceptable",
    "payment-required": "not-allowed",
    "redirect": "gone",
    "remote-server-not-found": "remote-server-timeout",
    "subscription-required": "registration-required",
    "unexpected-request": "not-acceptable",
}
"""Conditions that networks do not have, and what comes nearest."""

_TEXTS: dict[str, str] = {
    "conflict": "Somebody else has that name there.",
    "feature-not-implemented": "That server cannot do that.",
    "forbidden": "That server does not let your account do that.",
    "gone": "It is not there any more.",
    "item-not-found": "There is nothing of that name on that server.",
    "not-allowed": "That server does not allow that.",
    "not-authorized": "That room wants a password, and not this one.",
    "registration-required": "That room is for its members only.",
    "remote-server-not-found": "That server cannot be found.",
    "remote-server-timeout": "That server does not answer just now.",
    "resource-constraint": "That server is too busy just now.",
    "service-unavailable": "That server does not offer that, or the room is full.",
}
"""What is said where the server gave no text."""


def refusal(error: XMPPError) -> LegacyError:
    """What a server answered, or that it did not."""
    condition = str(error.condition)
    text = error.text or _TEXTS.get(condition, "")
    if condition in get_args(Condition):
        return LegacyError(condition, text)  # type: ignore[arg-type]
    return LegacyError(_OTHERS.get(condition, "undefined-condition"), text)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what a room or a server refuses into LegacyError, and a broken link as well."""
    try:
        yield
    except XMPPError as no:
        raise refusal(no) from no
    except (ConnectionError, TimeoutError) as broken:
        raise LegacyError("remote-server-timeout", _TEXTS["remote-server-timeout"]) from broken
