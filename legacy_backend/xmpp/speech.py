"""What a stanza of a remote room says: a message of the network, or a change of one. The same for
what is said now and for what its archive has."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from slixmpp import JID

from legacy_backend.events import MessageEdited, MessageRetracted, Reacted
from legacy_backend.past import Said
from legacy_backend.terms import GroupId, MemberId, MessageId, UserId
from legacy_backend.values import Attachment, Message, Quote
from legacy_backend.xmpp.mentions import mentions_in
from legacy_backend.xmpp.muc import About
from legacy_backend.xmpp.muc.names import CLIENT, USER, address, child, qualified, text_of
from legacy_backend.xmpp.who import Who

OOB: Final = "jabber:x:oob"

REMEMBERED = 5000
"""Messages of one room that a correction finds without the archive being asked."""

EXCERPT = 300
"""Characters of a message that an answer to it shows."""


class Told(NamedTuple):
    """What is remembered of a message."""

    id: MessageId
    at: datetime
    author: MemberId | None
    author_name: str
    body: str
    sent: str
    """The `id` that its author's client gave it at first, "" if none."""


class Speech:
    """Of one room, for one login. `to` is whose login that is."""

    def __init__(self, room: JID, group: GroupId, who: Who, to: UserId | None = None) -> None:
        self._room = room
        self._group = group
        self._who = who
        self._to = to
        self._sent: OrderedDict[tuple[MemberId | None, str], Told] = OrderedDict()
        """By author and the `id` that they gave it, which is what corrections refer to."""
        self._by_id: dict[MessageId, Told] = {}

    def hear(self, stanza: ET.Element, at: datetime, id: str | None = None) -> Said | None:
        """What a message of the room's says; None if nothing that groups have. `id` is the
        archive's, if it comes from there. It is remembered.

        A correction of what is not remembered is a message of its own: the words are not lost.
        """
        self.remember(stanza, at, id)
        said = About.of(stanza, self._room)
        own = message_id(stanza, said, id)
        author, name = self.author(stanza, said)
        if said.retract is not None:
            return self._taken_back(said, own, at, author, name)
        if said.reactions is not None:
            return self._reacted(said, own, at, author, name)
        message = self._message(stanza, said, own, at, author, name)
        if message is None or said.replace is None:
            return message
        original = self._sent.get((author, said.replace.id))
        if original is None or original.id == own:
            return message
        now = replace(message, id=original.id, at=original.at)
        return MessageEdited(to=self._to, group=self._group, message=now, edit_id=own, edited_at=at)

    def remember(self, stanza: ET.Element, at: datetime, id: str | None = None) -> None:
        """Take note of a message, for what refers to it; in any order, and any number of times."""
        said = About.of(stanza, self._room)
        if said.is_tombstone or said.retract is not None or said.reactions is not None:
            return
        if not said.text and not _urls(stanza):
            return
        author, name = self.author(stanza, said)
        own = message_id(stanza, said, id)
        sent = stanza.get("id", "")
        original = said.replace and self._sent.get((author, said.replace.id))
        if original:
            # what corrects a correction may name that
            own, at, sent = original.id, original.at, original.sent
        told = Told(own, at, author, name, said.text[:EXCERPT], sent)
        self._by_id[own] = told
        self._sent[author, stanza.get("id") or own] = told
        while len(self._sent) > REMEMBERED:
            _, oldest = self._sent.popitem(last=False)
            self._by_id.pop(oldest.id, None)

    def remembered(self, id: MessageId) -> Told | None:
        """A message by the id that the room gave it."""
        return self._by_id.get(id)

    def needs(self, stanza: ET.Element) -> bool:
        """Whether this corrects a message that is not remembered."""
        said = About.of(stanza, self._room)
        if said.replace is None:
            return False
        author, _ = self.author(stanza, said)
        return (author, said.replace.id) not in self._sent

    def author(self, stanza: ET.Element, said: About) -> tuple[MemberId | None, str]:
        """Who said it, and under which name; (None, "") if the room itself did."""
        sender = address(stanza.get("from"))
        if sender is None or not sender.resource:
            return None, ""
        ext = child(stanza, USER, "x")
        item = None if ext is None else child(ext, USER, "item")
        real = None if item is None else address(item.get("jid"))
        return self._who.of(real, said.occupant_id, sender.resource), sender.resource

    def _taken_back(
        self, said: About, own: MessageId, at: datetime, author: MemberId | None, name: str
    ) -> MessageRetracted | None:
        """Whether somebody may take back what they take back, is not looked at here."""
        retract = said.retract
        assert retract is not None
        if retract.moderated is not None:
            by, ident = retract.moderated.by, retract.moderated.occupant_id
            name = by.resource if by is not None else ""
            author = self._who.of(None, ident, name) if name or ident else None
        elif author is None:
            return None
        return MessageRetracted(
            to=self._to,
            group=self._group,
            id=MessageId(retract.id),
            by=author,
            by_name=name,
            by_author=retract.moderated is None,
            reason=retract.reason or "",
            at=at,
            change_id=own,
        )

    def _reacted(
        self, said: About, own: MessageId, at: datetime, author: MemberId | None, name: str
    ) -> Reacted | None:
        if author is None or said.reactions is None:
            return None
        return Reacted(
            to=self._to,
            group=self._group,
            id=MessageId(said.reactions.id),
            by=author,
            by_name=name,
            emojis=said.reactions.emojis,
            at=at,
            change_id=own,
        )

    def _message(
        self,
        stanza: ET.Element,
        said: About,
        own: MessageId,
        at: datetime,
        author: MemberId | None,
        name: str,
    ) -> Message | None:
        body, urls = said.text, _urls(stanza)
        if body.strip() in urls:
            body = ""  # the address of the file, for clients that know no files
        if said.is_tombstone or not (body or urls):
            return None
        return Message(
            id=own,
            author=author,
            author_name=name,
            at=at,
            body=body,
            reply_to=self._quote(said),
            attachments=tuple(Attachment(url=url, name=url.rpartition("/")[2]) for url in urls),
            thread=text_of(stanza, CLIENT, "thread") or "",
            mentions=mentions_in(stanza, body, self._room, self._who) if body else (),
            origin=said.origin_id or stanza.get("id") or "",
        )

    def _quote(self, said: About) -> Quote | None:
        if said.reply is None:
            return None
        id = MessageId(said.reply.id)
        told = self._by_id.get(id)
        if told is not None:
            return Quote(id=id, author=told.author, author_name=told.author_name, body=told.body)
        nick = "" if said.reply.to is None else said.reply.to.resource
        return Quote(id=id, author=self._who.named(nick), author_name=nick)


def message_id(stanza: ET.Element, said: About, archived: str | None = None) -> MessageId:
    """What a room calls a message: its own id for it or, in rooms that give none, one that is made
    of what a replay repeats."""
    given = archived or said.stanza_id
    if given:
        return MessageId(given)
    body = stanza.findtext(qualified(CLIENT, "body"), "")
    told = "\0".join((stanza.get("from", ""), stanza.get("id", ""), body))
    return MessageId("said:" + hashlib.sha256(told.encode()).hexdigest()[:32])


def _urls(stanza: ET.Element) -> list[str]:
    found = (text_of(one, OOB, "url") for one in stanza.iterfind(qualified(OOB, "x")))
    return [url for url in found if url]
