"""What a message of a client says, in slidge's words for it (XEP-0308, 0461, 0428, 0066, 0447)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from slidge.util.types import Mention, Reply, XMPPAttachment, XMPPAttachmentMessage, XMPPTextMessage

from gateway.errors import Refused
from gateway.muc.call import Call
from gateway.muc.reference import original, referred
from gateway.muc.whom import person_at
from gateway.room.state import Occupant

CORRECT = "{urn:xmpp:message-correct:0}replace"
REPLY = "{urn:xmpp:reply:0}reply"
FALLBACK = "{urn:xmpp:fallback:0}fallback"
OOB = "{jabber:x:oob}x"
SFS = "{urn:xmpp:sfs:0}file-sharing"
SIMS = "{urn:xmpp:reference:0}reference"


@dataclass(frozen=True, slots=True)
class Content:
    """A message as slidge's callbacks take it, and the legacy id of what it corrects, if any."""

    message: XMPPTextMessage | XMPPAttachmentMessage
    body: str


async def content_of(call: Call) -> Content | None:
    """What a groupchat message says, None if that is nothing.

    Raises Refused: "policy-violation" for a text beyond the limit, "not-acceptable" for an
    encrypted one, "item-not-found" and "forbidden" for a correction of what is not there or not
    the sender's.
    """
    if call.stanza.find(".//{*}encrypted") is not None:
        raise Refused("not-acceptable", "Encrypted messages cannot pass a gateway.", "modify")
    full = call.text("{}body")
    limit = call.live.host.limits.message_chars
    if len(full) > limit:
        raise Refused("policy-violation", f"A message here has at most {limit} characters.")
    body = without_fallback(full, call.stanza)
    attachments = attachments_of(call.stanza)
    for attachment in attachments:
        body = body.replace(attachment.url, "").strip()
    if not body.strip() and not attachments:
        return None
    replace = call.child(CORRECT)
    fields: dict[str, Any] = {
        "body": body or None,
        "reply": await _reply(call),
        "thread": await call.thread(),
        "mentions": await _mentions(call, full, body),
        "replace": await original(call, replace.get("id", "")) if replace is not None else None,
    }
    if attachments:
        return Content(XMPPAttachmentMessage(attachments=attachments, **fields), body)
    return Content(XMPPTextMessage(**fields), body)


def without_fallback(body: str, stanza: ET.Element) -> str:
    """A body without what is there only for clients that know less (XEP-0428 §4)."""
    spans: list[tuple[int, int]] = []
    for fallback in stanza.iterfind(FALLBACK):
        if fallback.get("for") != "urn:xmpp:reply:0":
            continue
        marked = fallback.findall("{urn:xmpp:fallback:0}body")
        spans += [
            (_position(part, "start", 0), _position(part, "end", len(body))) for part in marked
        ]
        if not marked:
            return ""
    for start, end in sorted(spans, reverse=True):
        if 0 <= start <= end:
            body = body[:start] + body[end:]
    return body


def _position(part: ET.Element, name: str, default: int) -> int:
    text = part.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 9 else default


def attachments_of(stanza: ET.Element) -> tuple[XMPPAttachment, ...]:
    """The files that a message shares by URL; one way of saying so is enough."""
    sfs = [
        target
        for sharing in stanza.iterfind(SFS)
        for data in sharing.iterfind(".//{http://jabber.org/protocol/url-data}url-data")
        if (target := data.get("target"))
    ]
    oob = [url.text for url in stanza.iterfind(f"{OOB}/{{jabber:x:oob}}url") if url.text]
    sims = [
        uri
        for reference in stanza.iterfind(f"{SIMS}//{{urn:xmpp:reference:0}}reference")
        if (uri := reference.get("uri", "")).startswith("http")
    ]
    kind = stanza.findtext(f"{SFS}/{{*}}file/{{*}}media-type") if len(sfs) == 1 else None
    return tuple(
        XMPPAttachment(url, content_type=kind) for url in dict.fromkeys(sfs or oob or sims)
    )


async def _mentions(call: Call, full: str, body: str) -> tuple[Mention, ...]:
    """Whom a text names: by their nicknames, and where a client says so (XEP-0372 §3.1)."""
    found = {(m.start, m.end): m for m in await call.muc.parse_mentions(body)}
    shift = len(full) - len(body) if full.endswith(body) else len(full)
    for reference in call.stanza.iterfind(SIMS):
        if reference.get("type") != "mention":
            continue
        start = _position(reference, "begin", -1) - shift
        end = _position(reference, "end", -1) - shift
        person = _meant(call, unquote(reference.get("uri", "").removeprefix("xmpp:")))
        if person is not None and 0 <= start < end <= len(body):
            mention = call.muc.mention(person, start, end)
            if mention is not None:
                found[start, end] = mention
    return tuple(found[place] for place in sorted(found))


def _meant(call: Call, jid: str) -> Occupant | None:
    address, _, nick = jid.partition("/")
    return call.room.nicks.get(nick) if address == call.room.jid else person_at(call, address)


async def _reply(call: Call) -> Reply | None:
    element = call.child(REPLY)
    if element is None:
        return None
    entry = await referred(call, element.get("id", ""))
    if entry is None or entry.legacy_id is None:
        return None  # the quote in the body says what is answered
    author = None
    nick = element.get("to", "").partition("/")[2]
    occupant = call.room.nicks.get(entry.nick or nick)
    if occupant is not None:
        author = call.muc.handle_of(occupant)
    return Reply(str(entry.legacy_id), author, _quoted(call))


def _quoted(call: Call) -> str | None:
    body = call.text("{}body")
    rest = without_fallback(body, call.stanza)
    return body[: len(body) - len(rest)] if rest != body else None
