"""A stretch of a room's past that is known to be missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from legacy_backend.terms import MessageId

Known = tuple[MessageId, datetime]
"""A message of the network's, and when it was said."""


class State(Enum):
    """What is to become of a gap. The numbers are in the database."""

    WANTED = 0
    """It is read when its turn comes."""
    FURTHER = 1
    """Further back than what is read unasked: it is read when somebody looks there."""
    LOST = 2
    """The network does not have it any more. It is a gap for good, of which only the times count:
    its ids may be ""."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What the network said between two messages, neither among them, and the archive lacks."""

    id: int
    room: int
    after: Known | None
    """None: the gap begins with the group."""
    before: Known | None
    """None: it has no end yet, since nobody listens."""
    state: State
    attempts: int
    """How often the network could not give it, in a row."""
    next_try: datetime
    """Not to be tried again unasked before this."""
