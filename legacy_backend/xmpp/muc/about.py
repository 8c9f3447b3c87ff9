"""What a message of a room is about besides its words: the one it corrects, takes back, reacts to
or answers, and the ids that it has. Frozen values that are read from XML and written to it.

What strangers get wrong reads as None. Which ids refer to what: a correction to the `id` of the
message (XEP-0308), everything else to the id that the room gave it (XEP-0359).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self
from xml.etree import ElementTree as ET

from slixmpp import JID

from legacy_backend.xmpp.muc.names import (
    CLIENT,
    OCCUPANT_ID,
    address,
    append,
    child,
    element,
    qualified,
    text_of,
)

CORRECT: Final = "urn:xmpp:message-correct:0"
FALLBACK: Final = "urn:xmpp:fallback:0"
HINTS: Final = "urn:xmpp:hints"
MODERATE: Final = "urn:xmpp:message-moderate:1"
REACTIONS: Final = "urn:xmpp:reactions:0"
REPLY: Final = "urn:xmpp:reply:0"
RETRACT: Final = "urn:xmpp:message-retract:1"
SID: Final = "urn:xmpp:sid:0"

# COMPAT: prosody-modules 0.0~hg20230223 and ejabberd before 24.02 moderate as XEP-0425 did before
# its version 0.3.
FASTEN_0: Final = "urn:xmpp:fasten:0"
MODERATE_0: Final = "urn:xmpp:message-moderate:0"
RETRACT_0: Final = "urn:xmpp:message-retract:0"

MOST_REACTIONS = 50
"""By one person on one message; what is more is not read."""


@dataclass(frozen=True, slots=True)
class Replace:
    """The message takes the place of an earlier one of the same author's (XEP-0308)."""

    id: str

    def to_xml(self) -> ET.Element:
        return element(CORRECT, "replace", id=self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moderated:
    """Who removed a message that is not theirs; either may be None."""

    by: JID | None = None
    occupant_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retract:
    """A message is taken back by its author (XEP-0424) or, if `moderated` is set, by a moderator
    (XEP-0425)."""

    id: str
    moderated: Moderated | None = None
    reason: str | None = None

    def to_xml(self) -> ET.Element:
        """As its author says it."""
        return element(RETRACT, "retract", id=self.id)


@dataclass(frozen=True, slots=True)
class Reactions:
    """All the reactions that the author has on a message now, none if empty (XEP-0444)."""

    id: str
    emojis: tuple[str, ...]

    def to_xml(self) -> ET.Element:
        xml = element(REACTIONS, "reactions", id=self.id)
        for emoji in self.emojis:
            append(xml, REACTIONS, "reaction", emoji)
        return xml


@dataclass(frozen=True, slots=True)
class Reply:
    """The message answers another one; `to` is whose that was, as the answer's author has it
    (XEP-0461)."""

    id: str
    to: JID | None = None

    def to_xml(self) -> ET.Element:
        return element(REPLY, "reply", id=self.id, to=self.to)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """All of it. `stanza_id` is what the room itself called the message, and `occupant_id` its
    author (XEP-0421); `origin_id` what the author's client did. `text` is the body without what is
    there for clients that do not know the rest."""

    replace: Replace | None = None
    retract: Retract | None = None
    reactions: Reactions | None = None
    reply: Reply | None = None
    stanza_id: str | None = None
    origin_id: str | None = None
    occupant_id: str | None = None
    text: str = ""
    is_tombstone: bool = False
    """What is left of a message in an archive, once it was taken back."""

    @classmethod
    def of(cls, message: ET.Element, room: JID) -> Self:
        """What a message says that came from a room, or out of its archive."""
        is_rooms_own = address(message.get("from")) == JID(room.bare)
        return cls(
            replace=_replace(message),
            retract=_retract(message, is_rooms_own=is_rooms_own),
            reactions=_reactions(message),
            reply=_reply(message),
            stanza_id=_stanza_id(message, room),
            origin_id=_attribute(child(message, SID, "origin-id"), "id"),
            occupant_id=_attribute(child(message, OCCUPANT_ID, "occupant-id"), "id"),
            text=_text(message),
            is_tombstone=_is_tombstone(message),
        )


def fallback(for_: str, *, end: int | None = None) -> ET.Element:
    """Says that the body, or what of it precedes `end`, stands for something (XEP-0428)."""
    xml = element(FALLBACK, "fallback", **{"for": for_})
    if end is not None:
        xml.append(element(FALLBACK, "body", start=0, end=end))
    return xml


def moderation(id: str, reason: str | None) -> ET.Element:
    """What a moderator asks of the room (XEP-0425 §4)."""
    xml = element(MODERATE, "moderate", id=id)
    xml.append(element(RETRACT, "retract"))
    append(xml, MODERATE, "reason", reason)
    return xml


def moderation_0(id: str, reason: str | None) -> ET.Element:
    """The same as it was before version 0.3."""
    inside = element(MODERATE_0, "moderate")
    inside.append(element(RETRACT_0, "retract"))
    append(inside, MODERATE_0, "reason", reason)
    xml = element(FASTEN_0, "apply-to", id=id)
    xml.append(inside)
    return xml


def quoted(name: str, body: str) -> str:
    """What an answer begins with for clients that do not know answers (XEP-0461 §3.1)."""
    return f"> {name}\n" + "".join(f"> {line}\n" for line in body.splitlines())


def _attribute(xml: ET.Element | None, name: str) -> str | None:
    return None if xml is None else xml.get(name) or None


def _replace(message: ET.Element) -> Replace | None:
    id = _attribute(child(message, CORRECT, "replace"), "id")
    return None if id is None else Replace(id)


def _retract(message: ET.Element, *, is_rooms_own: bool) -> Retract | None:
    """Only the room itself can say that a moderator did it."""
    retract = child(message, RETRACT, "retract")
    moderated = None if retract is None else child(retract, MODERATE, "moderated")
    if retract is None:
        return _retract_0(message) if is_rooms_own else None
    id = retract.get("id")
    if not id or (moderated is not None and not is_rooms_own):
        return None
    if moderated is None:
        return Retract(id=id)
    return Retract(id=id, moderated=_by(moderated), reason=text_of(retract, RETRACT, "reason"))


def _retract_0(message: ET.Element) -> Retract | None:
    applied = child(message, FASTEN_0, "apply-to")
    moderated = None if applied is None else child(applied, MODERATE_0, "moderated")
    id = _attribute(applied, "id")
    if moderated is None or id is None or child(moderated, RETRACT_0, "retract") is None:
        return None
    return Retract(id=id, moderated=_by(moderated), reason=text_of(moderated, MODERATE_0, "reason"))


def _by(moderated: ET.Element) -> Moderated:
    ident = _attribute(child(moderated, OCCUPANT_ID, "occupant-id"), "id")
    return Moderated(by=address(moderated.get("by")), occupant_id=ident)


def _reactions(message: ET.Element) -> Reactions | None:
    xml = child(message, REACTIONS, "reactions")
    id = _attribute(xml, "id")
    if xml is None or id is None:
        return None
    emojis = ((one.text or "").strip() for one in xml.iterfind(qualified(REACTIONS, "reaction")))
    return Reactions(id, tuple(dict.fromkeys(filter(None, emojis)))[:MOST_REACTIONS])


def _reply(message: ET.Element) -> Reply | None:
    xml = child(message, REPLY, "reply")
    id = _attribute(xml, "id")
    return None if xml is None or id is None else Reply(id, address(xml.get("to")))


def _stanza_id(message: ET.Element, room: JID) -> str | None:
    """Whoever else gave ids on the way, only the room's are the room's (XEP-0359 §6)."""
    for one in message.iterfind(qualified(SID, "stanza-id")):
        if one.get("by") == room.bare and one.get("id"):
            return one.get("id")
    return None


def _is_tombstone(message: ET.Element) -> bool:
    before = child(message, MODERATE_0, "moderated")
    return child(message, RETRACT, "retracted") is not None or (
        before is not None and child(before, RETRACT_0, "retracted") is not None
    )


def _text(message: ET.Element) -> str:
    body = message.findtext(qualified(CLIENT, "body")) or ""
    for one in message.iterfind(qualified(FALLBACK, "fallback")):
        payload = _PAYLOADS.get(one.get("for", ""))
        if payload is not None and child(message, *payload) is not None:
            return _without(body, one)
    return body


_PAYLOADS = {
    CORRECT: (CORRECT, "replace"),
    MODERATE: (RETRACT, "retract"),
    REACTIONS: (REACTIONS, "reactions"),
    REPLY: (REPLY, "reply"),
    RETRACT: (RETRACT, "retract"),
}
"""What a part of the body may stand for that is understood here."""


def _without(body: str, fallback: ET.Element) -> str:
    """A body without its part that stands for something; that is all of it if none is named."""
    part = child(fallback, FALLBACK, "body")
    if part is None or (part.get("start") is None and part.get("end") is None):
        return body if part is None and len(fallback) else ""
    start, end = _place(part.get("start", "0")), _place(part.get("end", str(len(body))))
    return body if start is None or end is None or start > end else body[:start] + body[end:]


def _place(number: str) -> int | None:
    return int(number) if number.isdecimal() and len(number) < 10 else None
