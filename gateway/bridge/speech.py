"""A message of the network as a stanza, and as an entry of the archive."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote as percent_encoded

from gateway.archive import Kind, NewEntry, StanzaId
from gateway.group.posting import sid
from gateway.render.presence import occupant_id
from gateway.render.xml import attribute, bearable, content
from gateway.room.nick import carried
from legacy_backend import Message, MessageId, Quote
from legacy_backend.values import Attachment, Mention

if TYPE_CHECKING:
    from gateway.bridge.muc import BridgeMUC


def entry_of(muc: BridgeMUC, message: Message) -> NewEntry:
    """A message that was said, for everyone and for good."""
    stanza_id = muc.stanza_id(message.id)
    return _entry(muc, message, stanza_id, message.id, Kind.MESSAGE, "")


def edit_of(muc: BridgeMUC, message: Message, edit_id: str) -> NewEntry:
    """The words that a message has now, as a correction of what it was (XEP-0308)."""
    stanza_id = muc.stanza_id(edit_id or None)
    original = muc.stanza_id(message.id)
    placeholder = f"sluice-original-of-{original}"
    mark = f'<replace xmlns="urn:xmpp:message-correct:0" id="{placeholder}"/>'
    entry = _entry(muc, message, stanza_id, edit_id or None, Kind.EDIT, mark)
    return _patched(entry, (message.id, placeholder, original))


def _patched(entry: NewEntry, patch: tuple[MessageId, str, str]) -> NewEntry:
    return replace(entry, patch=patch, refers_to=patch[0])


def _entry(
    muc: BridgeMUC,
    message: Message,
    stanza_id: str,
    legacy_id: str | None,
    kind: Kind,
    extra: str,
) -> NewEntry:
    room = muc.room
    person = room.people.get(message.author) if message.author is not None else None
    if message.author is None:
        nick, ident = "", "room"
    else:
        nick = person.nick if person is not None else carried(message.author_name)
        nick = nick or carried(message.author) or "someone"
        ident = muc.occupant_id_of(message.author)
    origin = f"{room.jid}/{nick}" if nick else room.jid
    text, marks = _words(muc, message)
    stanza = (
        f'<message from="{attribute(origin)}" type="groupchat" id="{stanza_id}">'
        f"<body>{content(text)}</body>{_thread(message)}{marks}{extra}"
        f'<markable xmlns="urn:xmpp:chat-markers:0"/>{occupant_id(ident)}'
        f"{sid(stanza_id, room.jid)}</message>"
    )
    return NewEntry(
        stanza_id=StanzaId(stanza_id),
        message_id=stanza_id,
        at=message.at,
        nick=nick,
        author=message.author or "",
        stanza=stanza,
        kind=kind,
        legacy_id=None if legacy_id is None else MessageId(legacy_id),
        body=bearable(message.body),
    )


def _thread(message: Message) -> str:
    return f"<thread>{content(message.thread)}</thread>" if message.thread else ""


def _words(muc: BridgeMUC, message: Message) -> tuple[str, str]:
    """The body, with what older clients need to make sense of it, and the marks that say so."""
    text, marks = message.body, ""
    if message.reply_to is not None:
        quote = _quoted(message.reply_to)
        marks += _reply(muc, message.reply_to, len(quote))
        text = quote + text
    for mention in message.mentions:
        marks += _named(muc, mention, len(text) - len(message.body))
    for attachment in message.attachments[:1]:
        marks += _attached(attachment)
    links = [attachment.url for attachment in message.attachments]
    if links:
        text = "\n".join([*([text] if text else []), *links])
    return bearable(text), marks


def _quoted(quote: Quote) -> str:
    if not quote.body:
        return ""
    lines = "\n".join(f"> {line}" for line in quote.body.splitlines()[:20])
    name = f"> {quote.author_name}:\n" if quote.author_name else ""
    return f"{name}{lines}\n"


def _reply(muc: BridgeMUC, quote: Quote, length: int) -> str:
    """What a message answers (XEP-0461 §3), and which part of its body is there only to say so."""
    to = ""
    person = muc.room.people.get(quote.author) if quote.author is not None else None
    if person is not None:
        to = f' to="{attribute(f"{muc.room.jid}/{person.nick}")}"'
    reply = f'<reply xmlns="urn:xmpp:reply:0" id="{muc.stanza_id(quote.id)}"{to}/>'
    if not length:
        return reply
    return (
        f'{reply}<fallback xmlns="urn:xmpp:fallback:0" for="urn:xmpp:reply:0">'
        f'<body start="0" end="{length}"/></fallback>'
    )


def _named(muc: BridgeMUC, mention: Mention, shift: int) -> str:
    """Whom a stretch of the body names (XEP-0372 §3.1)."""
    person = muc.room.people.get(mention.member)
    if person is None:
        return ""
    uri = f"xmpp:{muc.room.jid}/{percent_encoded(person.nick, safe='')}"
    return (
        f'<reference xmlns="urn:xmpp:reference:0" type="mention" uri="{attribute(uri)}"'
        f' begin="{mention.start + shift}" end="{mention.end + shift}"/>'
    )


def _attached(attachment: Attachment) -> str:
    """A file by its URL (XEP-0066)."""
    return f'<x xmlns="jabber:x:oob"><url>{content(attachment.url)}</url></x>'
