"""Messages of slidge's archive, as ours has them: our ids, and nothing that is added when read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from gateway.archive import Kind, NewEntry, StanzaId
from gateway.ids import Ids
from gateway.render.xml import serialised
from legacy_backend.terms import MemberId, MessageId

CLIENT = "{jabber:client}"
STANZA_ID = "{urn:xmpp:sid:0}stanza-id"
OCCUPANT_ID = "{urn:xmpp:occupant-id:0}occupant-id"
ADDED = (
    STANZA_ID,
    OCCUPANT_ID,
    "{http://jabber.org/protocol/muc#user}x",
    "{urn:xmpp:delay}delay",
)
"""What a room adds to a message."""

POINTERS = {
    "{urn:xmpp:reactions:0}reactions": Kind.REACTION,
    "{urn:xmpp:message-retract:1}retract": Kind.RETRACTION,
    "{urn:xmpp:chat-markers:0}displayed": Kind.MARKER,
    "{urn:xmpp:reply:0}reply": Kind.MESSAGE,
}
"""What refers to another message by the id that the room gave it."""

REPLACE = "{urn:xmpp:message-correct:0}replace"


@dataclass(frozen=True, slots=True)
class OldMessage:
    """A row of slidge's archive. `at` is UTC; `legacy_id` is None for what users said."""

    stanza_id: str
    legacy_id: str | None
    at: datetime
    nick: str
    stanza: str


@dataclass(slots=True)
class Conversion:
    """What is the same for all messages of a room."""

    ids: Ids
    key: str
    """Of the room, for `ids`."""
    jid: str
    authors: Mapping[str, MemberId]
    """By nickname."""
    sent: Mapping[str, str]
    """Legacy ids by the ids that slidge gave, of what users said."""
    _stanza_ids: dict[str, StanzaId] = field(default_factory=dict)
    _message_ids: dict[str, str] = field(default_factory=dict)

    def entry(self, old: OldMessage) -> NewEntry:
        """A message; those that it refers to have to have come before.

        Raises ET.ParseError if it is no XML.
        """
        legacy = old.legacy_id or self.sent.get(old.stanza_id)
        stanza_id = self._given(old.stanza_id, legacy)
        message = ET.fromstring(old.stanza)  # noqa: S314  (slidge wrote it)
        kind, refers_to = self._repointed(message)
        message_id = message.get("id", "")
        if old.legacy_id is not None and kind is Kind.MESSAGE:
            self._message_ids[message_id] = message_id = stanza_id
        for child in [c for c in message if c.tag in ADDED]:
            message.remove(child)
        author = self.authors.get(old.nick, MemberId(old.nick))
        body = message.findtext(f"{CLIENT}body") or ""
        origin = f"{self.jid}/{old.nick}" if old.nick else self.jid
        return NewEntry(
            stanza_id=stanza_id,
            message_id=message_id,
            at=old.at.replace(tzinfo=UTC),
            nick=old.nick,
            author=author,
            stanza=self._text(message, origin, message_id, author, stanza_id),
            kind=kind,
            legacy_id=MessageId(legacy) if legacy is not None and kind is Kind.MESSAGE else None,
            body=body,
            refers_to=refers_to,
        )

    def _given(self, old: str, legacy: str | None) -> StanzaId:
        new = self.ids.stanza_id(self.key, legacy) if legacy is not None else old
        self._stanza_ids[old] = StanzaId(new)
        return StanzaId(new)

    def _repointed(self, message: ET.Element) -> tuple[Kind, MessageId | None]:
        """Have what refers to another message do so by its new id; what that makes of it."""
        for name, kind in POINTERS.items():
            pointer = message.find(name)
            if pointer is None:
                continue
            old = pointer.get("id", "")
            legacy = self.sent.get(old, old)
            new = self._stanza_ids.get(old) or self.ids.stanza_id(self.key, legacy)
            pointer.set("id", new)
            return kind, None if kind is Kind.MESSAGE else MessageId(legacy)
        replace = message.find(REPLACE)
        if replace is not None:
            old = replace.get("id", "")
            replace.set("id", self._message_ids.get(old, old))
            return Kind.EDIT, MessageId(old)
        if message.find(f"{CLIENT}body") is not None:
            return Kind.MESSAGE, None
        subject = message.find(f"{CLIENT}subject") is not None
        return (Kind.SUBJECT if subject else Kind.OTHER), None

    def _text(
        self, message: ET.Element, origin: str, message_id: str, author: MemberId, stanza_id: str
    ) -> str:
        bare = ET.Element("message", {"from": origin, "type": "groupchat", "id": message_id})
        for name, value in message.items():
            if name not in ("from", "to", "type", "id"):
                bare.set(name, value)
        for child in message:
            bare.append(_plain(child))
        ET.SubElement(bare, OCCUPANT_ID, {"id": self.ids.occupant_id(self.key, author)})
        ET.SubElement(bare, STANZA_ID, {"id": stanza_id, "by": self.jid})
        return serialised(bare)


def _plain(element: ET.Element) -> ET.Element:
    """An element with those of its parts that are in a client's namespace in the stream's."""
    for each in element.iter():
        each.tag = each.tag.removeprefix(CLIENT)
    return element
