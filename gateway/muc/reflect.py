"""A client's message as the room shows it to everyone (XEP-0045 §7.4, §17.3)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from gateway.archive import Kind, NewEntry, StanzaId, Stored
from gateway.group.live import Post
from gateway.group.posting import sid
from gateway.muc.call import NS, Call
from gateway.render.presence import occupant_id
from gateway.render.xml import attribute, serialised
from gateway.room.state import Occupant
from legacy_backend.terms import MessageId

TRANSLATED = (
    "http://jabber.org/protocol/chatstates",
    "http://jabber.org/protocol/xhtml-im",
    "jabber:x:oob",
    "urn:xmpp:chat-markers:0",
    "urn:xmpp:fallback:0",
    "urn:xmpp:hints",
    "urn:xmpp:message-correct:0",
    "urn:xmpp:message-retract:1",
    "urn:xmpp:reactions:0",
    "urn:xmpp:reference:0",
    "urn:xmpp:reply:0",
    "urn:xmpp:sfs:0",
    "urn:xmpp:styling:0",
)
"""Namespaces that pass: what the network is told of, one way or the other (§18.1.1)."""

UNKEPT = ("{urn:xmpp:hints}no-store", "{urn:xmpp:hints}no-permanent-store")
"""Hints that a message is to be kept nowhere (XEP-0334 §5)."""

_OWN = {f"{NS}{name}" for name in ("body", "subject", "thread")}
_ORIGIN = "{urn:xmpp:sid:0}origin-id"


def reflection(call: Call, author: Occupant, stanza_id: str) -> str:
    """The message under its author's occupant JID, with the room's ids and none forged.

    Whatever is not translated is left out, so that all see what the group got.
    """
    lang = call.stanza.get("{http://www.w3.org/XML/1998/namespace}lang")
    lang_attribute = f' xml:lang="{attribute(lang)}"' if lang else ""
    inner = "".join(serialised(child) for child in call.stanza if _passes(child.tag))
    return (
        f'<message from="{attribute(call.room.jid)}/{attribute(author.nick)}" type="groupchat"'
        f' id="{attribute(call.id or stanza_id)}"{lang_attribute}>{inner}'
        f"{occupant_id(author.id)}{sid(stanza_id, call.room.jid)}</message>"
    )


def _passes(tag: str) -> bool:
    return tag in _OWN or tag == _ORIGIN or tag[1:].partition("}")[0] in TRANSLATED


def reflect(
    call: Call,
    author: Occupant,
    *,
    legacy_id: str | None,
    kind: Kind = Kind.MESSAGE,
    body: str = "",
    refers_to: str | None = None,
) -> asyncio.Future[Stored]:
    """Archive and show a message that the network took; done when everyone has been sent it."""
    stanza_id = call.muc.stanza_id(legacy_id)
    entry = NewEntry(
        stanza_id=StanzaId(stanza_id),
        message_id=call.id or stanza_id,
        at=call.live.host.now(),
        nick=author.nick,
        author=author.member,
        stanza=reflection(call, author, stanza_id),
        kind=kind,
        legacy_id=None if legacy_id is None else MessageId(legacy_id),
        sole=legacy_id is not None,
        body=body,
        refers_to=None if refers_to is None else MessageId(refers_to),
    )
    if kind is Kind.MESSAGE and any(call.child(hint) is not None for hint in UNKEPT):
        shell = _without_words(entry, call.room.jid)
        return call.live.post_now(Post(shell, live=entry.stanza, shown_by=call.shown_by))
    return call.live.post_now(Post(entry, shown_by=call.shown_by))


def _without_words(entry: NewEntry, room_jid: str) -> NewEntry:
    """The place of a message that is kept nowhere: its ids stay, by which the network's own copy
    is known again, and to which others may refer."""
    origin = f"{attribute(room_jid)}/{attribute(entry.nick)}"
    shell = (
        f'<message from="{origin}" type="groupchat" id="{attribute(entry.message_id)}">'
        f"{sid(entry.stanza_id, room_jid)}</message>"
    )
    return replace(entry, stanza=shell, body="", kind=Kind.MARKER)
