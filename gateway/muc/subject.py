"""Changing what the room is about (XEP-0045 §8.1)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.muc.call import NS, Call
from gateway.room.subject import settable


def is_subject(stanza: ET.Element) -> bool:
    """Whether a message changes the subject: it has one, and neither body nor thread."""
    names = {child.tag.removeprefix(NS) for child in stanza}
    return "subject" in names and not names & {"body", "thread"}


async def change_subject(call: Call) -> None:
    """Have the network change it; it is shown as the room's handle is told the new one."""
    me = call.seated().occupant
    if not call.muc.HAS_SUBJECT:
        raise Refused(
            "feature-not-implemented",
            "Groups have no subject here; name and description are in the room's configuration.",
        )
    settable(call.room, me)
    call.require("on_set_subject", "subjects")
    text = call.text("{}subject")
    limit = call.live.host.limits.message_chars
    if len(text) > limit:
        raise Refused("policy-violation", f"A subject here has at most {limit} characters.")
    again = text == call.room.subject.text
    lang = call.stanza.get("{http://www.w3.org/XML/1998/namespace}lang", "")
    with call.muc.answering_subject(call.id, lang):
        await call.muc.on_set_subject(text)
        call.muc.set_subject(text, by=me.nick, again=again)
