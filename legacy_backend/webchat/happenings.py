"""What an act makes known, and to whom."""

from __future__ import annotations

from dataclasses import dataclass

from legacy_backend.events import Event
from legacy_backend.terms import GroupId, MemberId
from legacy_backend.values import Message


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, once what it tells is committed.

    `only` are the people whose browsers hear of it; None: everyone in the event's group.
    `gateway` says whether it is put to the gateway as well. `seq` is the place of a new message
    in its group's sequence, 0 for all else.
    """

    event: Event
    only: frozenset[MemberId] | None = None
    gateway: bool = True
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Whispered(Event):
    """Two people and nobody else share this message; `group` None: not met in any group.

    For browsers. The gateway has PrivateMessagePosted.
    """

    message: Message
    recipient: MemberId
    recipient_name: str
    group: GroupId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationGone(Event):
    """An invitation was accepted or declined, in whichever of the invited person's windows."""

    group: GroupId
