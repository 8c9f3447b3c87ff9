"""What the room itself says: notices and the subject (XEP-0045 §7.2.15, §10.2.1)."""

from __future__ import annotations

from gateway.render.presence import MUC_USER
from gateway.render.xml import attribute, content, delay, reason
from gateway.room.state import Notice, Standing, Subject


def notice(room_jid: str, fact: Notice) -> str:
    """A message without words that tells of a change of the room."""
    codes = "".join(f'<status code="{code}"/>' for code in fact.codes)
    return (
        f'<message from="{attribute(room_jid)}" type="groupchat">'
        f'<x xmlns="{MUC_USER}">{codes}</x></message>'
    )


def standing(room_jid: str, fact: Standing) -> str:
    """A message that tells somebody who is away what they are in the room now (§18.1)."""
    actor = f'<actor nick="{attribute(fact.actor)}"/>' if fact.actor else ""
    user = attribute(fact.user)
    return (
        f'<message from="{attribute(room_jid)}" to="{user}"><x xmlns="{MUC_USER}">'
        f'<item affiliation="{fact.affiliation}" role="none" jid="{user}">'
        f"{actor}{reason(fact.reason)}</item>"
        '<status code="101"/></x></message>'
    )


def subject(
    room_jid: str, fact: Subject, *, message_id: str = "", extra: str = "", delayed: bool = False
) -> str:
    """The message that says what the room is about; an empty element if nothing is set.

    `delayed` adds when it was set, if that is known: for those who join (§7.2.15), not for those
    who see it change. `extra` is further content, already XML.
    """
    origin = f"{attribute(room_jid)}/{attribute(fact.by)}" if fact.by else attribute(room_jid)
    ident = f' id="{attribute(message_id)}"' if message_id else ""
    when = delay(room_jid, fact.at) if delayed and fact.at is not None else ""
    lang = f' xml:lang="{attribute(fact.lang)}"' if fact.lang else ""
    text = f"<subject>{content(fact.text)}</subject>" if fact.text else "<subject/>"
    return f'<message from="{origin}" type="groupchat"{ident}{lang}>{text}{extra}{when}</message>'
