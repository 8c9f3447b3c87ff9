"""A message on its way into a room."""

from __future__ import annotations

from slixmpp import Message

from legacy_backend.values import Draft
from legacy_backend.xmpp.muc import about
from legacy_backend.xmpp.muc.names import CLIENT, append, element
from legacy_backend.xmpp.speech import OOB
from legacy_backend.xmpp.told import MARKERS


def stanza_of(draft: Draft) -> Message:
    """Its words, files and thread; whom it answers, the room adds."""
    message = Message()  # type: ignore[no-untyped-call]
    links = [one.url for one in draft.attachments if one.url not in draft.body]
    message["body"] = "\n".join([*([draft.body] if draft.body else []), *links])
    append(message.xml, CLIENT, "thread", draft.thread or None)
    for one in draft.attachments[:1]:
        xml = element(OOB, "x")
        append(xml, OOB, "url", one.url)
        message.xml.append(xml)
    message.xml.append(element(MARKERS, "markable"))
    if draft.origin:
        message.xml.append(element(about.SID, "origin-id", id=draft.origin))
    return message
