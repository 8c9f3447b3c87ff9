"""What is done to a message that was said: the payloads of those that tell of it."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.render.presence import occupant_id
from gateway.render.xml import attribute, content

RETRACTION_FALLBACK = (
    '<fallback xmlns="urn:xmpp:fallback:0" for="urn:xmpp:message-retract:1"/>'
    "<body>This person took back a message, but your client cannot show that.</body>"
    '<store xmlns="urn:xmpp:hints"/>'
)


def retraction(target: str) -> str:
    """Its author took it back (XEP-0424 §4). `target` is the id that the room gave it."""
    return (
        f'<retract xmlns="urn:xmpp:message-retract:1" id="{attribute(target)}"/>'
        f"{RETRACTION_FALLBACK}"
    )


def moderated(room_jid: str, nick: str, ident: str) -> str:
    """Who removed a message of somebody else's; "" if the room itself did, or nobody knows."""
    if not nick:
        return "<moderated xmlns='urn:xmpp:message-moderate:1'/>"
    by = attribute(f"{room_jid}/{nick}")
    return (
        f'<moderated xmlns="urn:xmpp:message-moderate:1" by="{by}">{occupant_id(ident)}</moderated>'
    )


def because(reason: str | None) -> str:
    return f"<reason>{content(reason)}</reason>" if reason else ""


def moderation(target: str, room_jid: str, nick: str, ident: str, reason: str | None) -> str:
    """A moderator removed it (XEP-0425 §5)."""
    why = because(reason)
    return (
        f'<retract xmlns="urn:xmpp:message-retract:1" id="{attribute(target)}">'
        f"{moderated(room_jid, nick, ident)}{why}</retract>"
        f"{_as_before(target, room_jid, nick, why)}{RETRACTION_FALLBACK}"
    )


def _as_before(target: str, room_jid: str, nick: str, why: str) -> str:
    """The same in the words of XEP-0425 before version 0.3, where "by" had to be said."""
    if not nick:
        return ""
    by = attribute(f"{room_jid}/{nick}")
    return (
        f'<apply-to xmlns="urn:xmpp:fasten:0" id="{attribute(target)}">'
        f'<moderated xmlns="urn:xmpp:message-moderate:0" by="{by}">'
        f'<retract xmlns="urn:xmpp:message-retract:0"/>{why}</moderated></apply-to>'
    )


def reactions(target: str, emojis: Iterable[str]) -> str:
    """All the reactions that somebody has on it now (XEP-0444 §4)."""
    inside = "".join(f"<reaction>{content(emoji)}</reaction>" for emoji in emojis)
    return (
        f'<reactions xmlns="urn:xmpp:reactions:0" id="{attribute(target)}">{inside}</reactions>'
        '<store xmlns="urn:xmpp:hints"/>'
    )
