"""What slidge's callbacks are handed, as the interface of backends has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slidge.util.types import XMPPMessage

from gateway.group import LegacyParticipant
from legacy_backend import Draft, MessageId, Quote
from legacy_backend.values import Attachment, Mention


def draft_of(message: XMPPMessage, origin: str) -> Draft:
    """A message on its way to the network."""
    quote = None
    if message.reply is not None:
        to = message.reply.to
        author = to.occupant.member if isinstance(to, LegacyParticipant) else None
        quote = Quote(
            id=MessageId(message.reply.msg_id),
            author=author,
            author_name=to.nickname if isinstance(to, LegacyParticipant) else "",
            body=message.reply.fallback_no_quote_mark or "",
        )
    return Draft(
        body=message.body or "",
        origin=origin,
        reply_to=quote,
        attachments=tuple(
            Attachment(url=a.url, name=a.url.rsplit("/", 1)[-1], media_type=a.content_type or "")
            for a in message.attachments
        ),
        thread=message.thread or "",
        mentions=tuple(_mentions(message)),
    )


def _mentions(message: XMPPMessage) -> Iterator[Mention]:
    for mention in message.mentions:
        named: Any = mention.contact
        if isinstance(named, LegacyParticipant):  # as `BridgeMUC.mention` has it
            yield Mention(member=named.occupant.member, start=mention.start, end=mention.end)
