"""Who is named in a text (XEP-0372), by their address in the room or their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote, unquote
from xml.etree import ElementTree as ET

from slixmpp import JID

from legacy_backend.terms import MemberId
from legacy_backend.values import Mention
from legacy_backend.xmpp.muc.names import CLIENT, address, element, qualified, text_of
from legacy_backend.xmpp.who import Who

REFERENCE: Final = "urn:xmpp:reference:0"

MOST = 50
"""Of one message's mentions, those that are looked at."""


def mentions_in(message: ET.Element, text: str, room: JID, who: Who) -> tuple[Mention, ...]:
    """Those of people who are here. `text` is the end of the body, which remains when what is
    quoted for older clients is taken away."""
    skipped = len(text_of(message, CLIENT, "body") or "") - len(text)
    return tuple(_read(message, skipped, len(text), room, who))


def _read(message: ET.Element, skipped: int, length: int, room: JID, who: Who) -> Iterator[Mention]:
    for reference in message.findall(qualified(REFERENCE, "reference"))[:MOST]:
        ends = [reference.get(name, "") for name in ("begin", "end")]
        if reference.get("type") != "mention" or not all(
            e.isdecimal() and len(e) < 9 for e in ends
        ):
            continue
        start, end = (int(e) - skipped for e in ends)
        member = _named(reference.get("uri", ""), room, who)
        if member is not None and 0 <= start < end <= length:
            yield Mention(member=member, start=start, end=end)


def _named(uri: str, room: JID, who: Who) -> MemberId | None:
    jid = address(unquote(uri.removeprefix("xmpp:").partition("?")[0]))
    if jid is None:
        return None
    if jid.bare == room.bare:
        return who.named(jid.resource)
    member = MemberId(jid.bare)
    return member if who.nick(member) is not None else None


def references_to(mentions: Sequence[Mention], room: JID, who: Who) -> Iterator[ET.Element]:
    """What says in a message that people are named in it, of those who are here."""
    for mention in mentions[:MOST]:
        nick = who.nick(mention.member)
        if nick is not None:
            uri = f"xmpp:{quote(room.bare, safe='@')}/{quote(nick, safe='')}"
            begin, end = str(mention.start), str(mention.end)
            yield element(REFERENCE, "reference", type="mention", uri=uri, begin=begin, end=end)
