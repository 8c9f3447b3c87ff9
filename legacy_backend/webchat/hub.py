"""The latest happenings, for browsers: who may hear of which, and from where to go on."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field, replace

from legacy_backend.events import (
    Event,
    GroupAdded,
    GroupChanged,
    GroupDestroyed,
    GroupEvent,
    MemberChanged,
    MemberJoined,
    MemberLeft,
)
from legacy_backend.terms import GroupId, MemberId, Role
from legacy_backend.values import Member
from legacy_backend.webchat.happenings import Happening

_KEPT = 5000
_NOWHERE = GroupId("")


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is in a group, and which of them see identities even if it is anonymous."""

    people: frozenset[MemberId] = frozenset()
    moderators: frozenset[MemberId] = frozenset()
    anonymous: bool = False

    def veils(self, viewer: MemberId) -> bool:
        """Whether identities are hidden from `viewer`."""
        return self.anonymous and viewer not in self.moderators


@dataclass(slots=True, eq=False)
class Entry:
    """A happening with its number, and its group's roster at that moment."""

    number: int
    event: Event
    audience: frozenset[MemberId]
    roster: Roster
    seq: int = 0
    texts: dict[bool, str] = field(default_factory=dict)
    """What was made of it for those for whom identities are hidden, and for the others."""


class Hub:
    """Keeps the last happenings in a ring. Readers hold a place in it, and no copies."""

    def __init__(self) -> None:
        self._epoch = secrets.token_hex(4)
        self._rosters: dict[GroupId, Roster] = {}
        self._ring: deque[Entry] = deque(maxlen=_KEPT)
        self._last = 0
        self._tide = asyncio.Event()

    def load(self, rosters: dict[GroupId, Roster]) -> None:
        """Begin with who is where, before anything happens."""
        self._rosters = rosters

    def cursor(self, number: int) -> str:
        """What a reader who has had `number` says to go on after it."""
        return f"{self._epoch}-{number}"

    @property
    def last(self) -> int:
        return self._last

    def place_of(self, cursor: str) -> int | None:
        """The number in a cursor; None if what follows it is not all there any more."""
        epoch, _, number = cursor.partition("-")
        if epoch != self._epoch or not number.isascii() or not number.isdigit():
            return None
        place = int(number)
        return place if self._oldest() - 1 <= place <= self._last else None

    def after(self, number: int) -> list[Entry] | None:
        """All that came after `number`; None if some of it has been dropped from the ring."""
        missed = self._last - number
        if missed > len(self._ring):
            return None
        return [self._ring[i] for i in range(len(self._ring) - missed, len(self._ring))]

    async def wait(self, number: int) -> None:
        """Return once something came after `number`."""
        while self._last <= number:
            await self._tide.wait()

    def take(self, happening: Happening) -> None:
        """Keep one more happening."""
        event = happening.event
        before = after = self._rosters.get(getattr(event, "group", None) or _NOWHERE, Roster())
        if isinstance(event, GroupEvent):
            after = self._follow(event, before)
        everyone = before.people | after.people
        audience = everyone if happening.only is None else happening.only
        self._last += 1
        self._ring.append(Entry(self._last, event, audience, after, happening.seq))
        self._tide.set()
        self._tide = asyncio.Event()

    def _oldest(self) -> int:
        return self._last - len(self._ring) + 1

    def _follow(self, event: GroupEvent, roster: Roster) -> Roster:
        match event:
            case GroupDestroyed():
                self._rosters.pop(event.group, None)
                return roster
            case MemberJoined(member=member) | MemberChanged(member=member):
                roster = _with(roster, member)
            case MemberLeft(id=id):
                gone = frozenset({id})
                roster = replace(
                    roster, people=roster.people - gone, moderators=roster.moderators - gone
                )
            case GroupAdded(info=info) | GroupChanged(info=info):
                roster = replace(roster, anonymous=bool(info.config.anonymous))
        self._rosters[event.group] = roster
        return roster


def _with(roster: Roster, member: Member) -> Roster:
    one = frozenset({member.id})
    people = roster.people | one if member.present else roster.people - one
    runs = member.present and member.role == Role.MODERATOR
    moderators = roster.moderators | one if runs else roster.moderators - one
    if (people, moderators) == (roster.people, roster.moderators):
        return roster
    return replace(roster, people=people, moderators=moderators)
