"""What `LegacyAccount.history` may give in the place of messages alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from legacy_backend.events import MessageEdited, MessageRetracted, Reacted
from legacy_backend.terms import MessageId, Stretch
from legacy_backend.values import Message

Said = Message | MessageEdited | MessageRetracted | Reacted
"""Something that was said, or done to what was said."""

Known = tuple[MessageId, datetime]
"""Something of the network's past by its id, and when it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A page of a group's past, for networks that keep changes of messages beside the messages.

    `said` is oldest first, each change in its place, with `change_id` or `edit_id` set. `first` and
    `last` are where to go on from, backwards or onwards; None if there is nothing. They need not be
    among `said`. `complete`: there is no more in the direction that was asked for. `lost`: what was
    said then cannot be had any more, if anything was.
    """

    said: Sequence[Said] = ()
    first: Known | None = None
    last: Known | None = None
    complete: bool
    lost: tuple[Stretch, ...] = ()

    @classmethod
    def of(cls, messages: Sequence[Message], limit: int) -> Past:
        """A page of messages alone, of which there are no more if these are fewer than `limit`."""
        ends = [(message.id, message.at) for message in (*messages[:1], *messages[-1:])]
        first, last = (ends[0], ends[-1]) if ends else (None, None)
        return cls(said=messages, first=first, last=last, complete=len(messages) < limit)
