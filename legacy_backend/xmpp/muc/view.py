"""What we know of a room: plain data, which presences.py and messages.py bring up to date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from slixmpp import JID

from legacy_backend.xmpp.muc.language import LanguageMap
from legacy_backend.xmpp.muc.occupant import Occupant
from legacy_backend.xmpp.muc.states import RoomState


class Happening(NamedTuple):
    """A signal that is to be emitted: the name it has in Room, and what is told."""

    signal: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def happening(signal: str, *args: Any, **kwargs: Any) -> Happening:
    return Happening(signal, args, kwargs)


@dataclass(slots=True, eq=False)
class View:
    """Invariant: an occupant is filed under their nickname, ourselves too once we are in."""

    jid: JID
    nick: str
    """Ours, as wanted or as had."""
    state: RoomState = RoomState.JOIN_PRESENCE
    joined: bool = False
    active: bool = False
    me: Occupant | None = None
    occupants: dict[str, Occupant] = field(default_factory=dict)
    subject: LanguageMap = field(default_factory=LanguageMap)
    subject_setter: str | None = None

    def members(self) -> list[Occupant]:
        """All occupants, ourselves first."""
        return sorted(self.occupants.values(), key=lambda one: not one.is_self)

    def forget(self) -> None:
        """Begin anew: everything will be told again."""
        self.occupants.clear()
        self.state = RoomState.JOIN_PRESENCE
        self.active = False

    def end_history(self) -> Iterator[Happening]:
        if self.state is RoomState.HISTORY:
            self.state = RoomState.ACTIVE
            yield happening("on_muc_active")
