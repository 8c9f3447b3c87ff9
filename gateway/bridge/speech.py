"""A message of the network as a stanza, and as an entry of the archive."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote as percent_encoded

from gateway.archive import Kind, NewEntry, StanzaId
from gateway.group.posting import sid
from gateway.render import changes
from gateway.render.presence import occupant_id
from gateway.render.xml import attribute, bearable, content
from gateway.room.nick import carried
from legacy_backend import MemberId, Message, MessageId, Quote
from legacy_backend.events import MessageEdited, MessageRetracted, Reacted
from legacy_backend.past import Said
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


def entry_of_past(muc: BridgeMUC, said: Said) -> NewEntry:
    """What was said in the past, or done then to what was said."""
    match said:
        case Message():
            return entry_of(muc, said)
        case MessageEdited():
            entry = edit_of(muc, said.message, said.edit_id)
            return replace(entry, at=said.edited_at or said.message.at)
        case MessageRetracted() | Reacted():
            return _change_of(muc, said)


def _change_of(muc: BridgeMUC, said: MessageRetracted | Reacted) -> NewEntry:
    target, stanza_id = muc.stanza_id(said.id), muc.stanza_id(said.change_id or None)
    by, name, kind = said.by, said.by_name, Kind.RETRACTION
    if isinstance(said, Reacted):
        inner, kind = changes.reactions(target, said.emojis), Kind.REACTION
    elif said.by_author:
        inner = changes.retraction(target)
    else:  # the room says it
        names = _names(muc, by, name) if by is not None else ("", "")
        inner, by = changes.moderation(target, muc.room.jid, *names, said.reason), None
    entry = _by(muc, by, name, inner, stanza_id)
    return replace(
        entry,
        at=said.at or entry.at,
        kind=kind,
        legacy_id=MessageId(said.change_id) if said.change_id else None,
        refers_to=said.id,
    )


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
    text, marks = _words(muc, message)
    inner = (
        f"<body>{content(text)}</body>{_thread(message)}{marks}{extra}"
        '<markable xmlns="urn:xmpp:chat-markers:0"/>'
    )
    said = _by(muc, message.author, message.author_name, inner, stanza_id)
    return replace(
        said,
        at=message.at,
        kind=kind,
        legacy_id=None if legacy_id is None else MessageId(legacy_id),
        sole=legacy_id is not None,
        body=bearable(message.body),
    )


def _by(muc: BridgeMUC, author: MemberId | None, name: str, inner: str, stanza_id: str) -> NewEntry:
    """What somebody sent, or the room itself, with this content (XML). `name` is for who is not
    known any more."""
    room = muc.room
    nick, ident = _names(muc, author, name)
    origin = f"{room.jid}/{nick}" if nick else room.jid
    stanza = (
        f'<message from="{attribute(origin)}" type="groupchat" id="{stanza_id}">'
        f"{inner}{occupant_id(ident)}{sid(stanza_id, room.jid)}</message>"
    )
    return NewEntry(
        stanza_id=StanzaId(stanza_id),
        message_id=stanza_id,
        at=muc.live.host.now(),
        nick=nick,
        author=author or "",
        stanza=stanza,
    )


def _names(muc: BridgeMUC, author: MemberId | None, name: str) -> tuple[str, str]:
    """The nickname of somebody, "" for the room itself, and their occupant id."""
    if author is None:
        return "", "room"
    person = muc.room.people.get(author)
    nick = person.nick if person is not None else carried(name)
    return nick or carried(author) or "someone", muc.occupant_id_of(author)


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
