"""What a message that comes from a room tells the group's people now; no I/O."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, get_args
from xml.etree import ElementTree as ET

from slixmpp import JID

from legacy_backend.events import (
    ChatStateChanged,
    GroupEvent,
    MessagePosted,
    MessageRetracted,
    ReadUpTo,
)
from legacy_backend.terms import GroupId, MemberId, MessageId, UserId
from legacy_backend.values import ChatState, Message
from legacy_backend.xmpp.muc import About
from legacy_backend.xmpp.muc.names import DELAY, USER, child, qualified
from legacy_backend.xmpp.speech import Speech, message_id

log = logging.getLogger(__name__)

CHAT_STATES: Final = "http://jabber.org/protocol/chatstates"
MARKERS: Final = "urn:xmpp:chat-markers:0"

MOST = 5000
"""Messages of a room whose ids are remembered, so that nothing is told twice."""


class Telling:
    """Of one room, for the login of `to`; what history says is for `Speech` alone."""

    def __init__(self, room: JID, group: GroupId, to: UserId, speech: Speech) -> None:
        self._room = room
        self._group = group
        self._to = to
        self._speech = speech
        self._told: OrderedDict[MessageId, None] = OrderedDict()

    def tell(self, xml: ET.Element, at: datetime, *, is_live: bool) -> Iterator[GroupEvent]:
        """What somebody said, or did to what was said; nothing if that was told before.

        `is_live` False is said before we came.
        """
        about = About.of(xml, self._room)
        author, _ = self._speech.author(xml, about)
        if author is None and about.retract is None and child(xml, USER, "x") is not None:
            return  # the service explains itself to each of its users
        if is_live and author is not None:
            yield from self._passing(xml, author)
        said = self._speech.hear(xml, at)
        if said is None or not self._is_new(message_id(xml, about)):
            return
        match said:
            case Message():
                yield MessagePosted(to=self._to, group=self._group, message=said)
            case MessageRetracted(by_author=True) if self._is_anothers(said.id, said.by):
                # Rooms do not check who takes a message back.
                log.info("%s: %s takes back somebody else's words", self._group, said.by)
            case _:
                yield said

    def _passing(self, xml: ET.Element, author: MemberId) -> Iterator[GroupEvent]:
        """What is so for a moment: who types (XEP-0085), who has read how far (XEP-0333)."""
        for state in get_args(ChatState):
            if child(xml, CHAT_STATES, state) is not None:
                yield ChatStateChanged(to=self._to, group=self._group, by=author, state=state)
        displayed = child(xml, MARKERS, "displayed")
        if displayed is not None and displayed.get("id"):
            id = MessageId(displayed.get("id", ""))
            yield ReadUpTo(to=self._to, group=self._group, id=id, by=author)

    def _is_new(self, id: MessageId) -> bool:
        if id in self._told:
            return False
        self._told[id] = None
        while len(self._told) > MOST:
            self._told.popitem(last=False)
        return True

    def _is_anothers(self, id: MessageId, author: MemberId | None) -> bool:
        """Of what is too long ago to be remembered, the gateway's archive knows whose it was."""
        told = self._speech.remembered(id)
        return told is not None and told.author != author


def time_of(xml: ET.Element) -> datetime | None:
    """When it was said, None if just now (XEP-0203): the earliest time on it."""
    times = []
    for delay in xml.iterfind(qualified(DELAY, "delay")):
        try:
            at = datetime.fromisoformat(delay.get("stamp", ""))
        except ValueError:
            continue
        times.append(at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC))
    return min(times, default=None)
