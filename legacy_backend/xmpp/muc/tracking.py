"""Messages that are followed until the room reflects them (XEP-0045 §7.4)."""

from __future__ import annotations

from enum import Enum

from slixmpp import Message
from slixmpp.exceptions import XMPPError

from legacy_backend.xmpp.muc.signals import Signal

MOST = 1000
"""Messages that are followed in one room; the oldest is given up for another."""


class MessageState(Enum):
    IN_TRANSIT = "in-transit"
    DELIVERED_TO_RECIPIENT = "delivered-to-recipient"
    """The room has reflected it: everybody was sent it."""
    ERROR = "error"
    ABORTED = "aborted"
    """Whether it arrived cannot be known any more."""


class MessageTracker:
    """What became of one message."""

    def __init__(self) -> None:
        self.state = MessageState.IN_TRANSIT
        self.response: Message | None = None
        """The reflection, or the error."""
        self.on_state_changed = Signal()
        """Emitted with the new state and the response."""

    async def delivered(self) -> Message:
        """Wait for the reflection. Give it a timeout: not every room reflects everything.

        Raises XMPPError if the room refused the message, ConnectionError if it was given up.
        """
        while self.state is MessageState.IN_TRANSIT:
            await self.on_state_changed.future()
        if self.state is MessageState.DELIVERED_TO_RECIPIENT and self.response is not None:
            return self.response
        if self.state is MessageState.ERROR and self.response is not None:
            raise error_of(self.response)
        raise ConnectionError("nobody knows whether the message arrived")

    def set(self, state: MessageState, response: Message | None = None) -> None:
        if self.state is MessageState.IN_TRANSIT:
            self.state, self.response = state, response
            self.on_state_changed(state, response)


class Tracking:
    """The messages of one room that are under way, in the order in which they were sent."""

    def __init__(self) -> None:
        self._under_way: dict[str, tuple[str, MessageTracker]] = {}

    def follow(self, id: str, body: str) -> MessageTracker:
        while len(self._under_way) >= MOST:
            oldest = next(iter(self._under_way))
            self._under_way.pop(oldest)[1].set(MessageState.ABORTED)
        tracker = MessageTracker()
        self._under_way[id] = (body, tracker)
        return tracker

    def reflected(self, message: Message) -> bool:
        """Whether a message, which has to be from ourselves, is one of these; then it is done.

        By its id, or else by its body: there are services that give messages new ids.
        """
        id = message["id"]
        if id not in self._under_way:
            body = message.xml.findtext("{jabber:client}body")
            if not body:
                return False
            same = (key for key, (said, _) in self._under_way.items() if said == body)
            id = next(same, "")
        found = self._under_way.pop(id, None)
        if found is None:
            return False
        found[1].set(MessageState.DELIVERED_TO_RECIPIENT, message)
        return True

    def failed(self, message: Message) -> bool:
        """Whether an error is about one of these; then that is done."""
        found = self._under_way.pop(message["id"], None)
        if found is not None:
            found[1].set(MessageState.ERROR, message)
        return found is not None

    def abort(self) -> None:
        """The link was lost: of what is under way, nobody can tell."""
        under_way, self._under_way = self._under_way, {}
        for _, tracker in under_way.values():
            tracker.set(MessageState.ABORTED)


def error_of(message: Message) -> XMPPError:
    error = message["error"]
    return XMPPError(error["condition"], error["text"], error["type"])
