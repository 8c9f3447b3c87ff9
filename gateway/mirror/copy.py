"""A room as its mirror knows it: what the master tells changes it, and shows in it.

Nothing here waits for anything. What is shown is returned, as by the rooms' own rules.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from xml.etree import ElementTree as ET

from gateway.group.live import LiveRoom
from gateway.mirror.crossed import Crossed
from gateway.mirror.numbers import Count
from gateway.mirror.said import Said
from gateway.mirror.told import Told
from gateway.room.nick import rename
from gateway.room.removal import empty
from gateway.room.state import (
    Appearance,
    Delivery,
    Occupant,
    OccupantId,
    Room,
    RoomConfig,
    Subject,
)
from legacy_backend.terms import Affiliation, MemberId, UserId

SEEN = 2000
"""Ids of messages that are remembered: what was told is known without asking the archive."""


MOST_EARLY = 1000
"""Messages that wait for what was said before them. When there are more, they are asked for."""


class Phase(Enum):
    """How a copy stands to its master."""

    SYNCING = auto()
    """It has not been told everything yet; nobody is in it."""
    LIVE = auto()
    SPLIT = auto()
    """The link is down: it goes on with those who are here."""
    RETURNING = auto()
    """The link is up again, and the difference is being told."""


@dataclass(slots=True, eq=False)
class Copy:
    """The mirror of one room. `master` is the room's own address; `live` has it as our users
    address it, who alone have seats, and all that was said while any of them was there."""

    master: str
    live: LiveRoom
    now: Callable[[], datetime]
    agreed: datetime = field(init=False)
    """When it was last made to agree with the master."""
    since: datetime = field(init=False)
    """When it came to its phase."""
    crossed: Crossed = field(init=False)
    count: Count = field(default_factory=lambda: Count(since=""))
    torn: bool = False
    """Whether something that the master told is missing."""
    mending: bool = False
    """Whether that is being asked for."""
    early: list[ET.Element] = field(default_factory=list)
    """Messages that came before what was said before them."""
    said: dict[tuple[str, str], Said] = field(default_factory=dict)
    """What the master has not accepted yet, by nickname and id."""
    listing: list[Told] = field(default_factory=list)
    """The parts of a roster, until the last has come."""
    held: set[str] = field(default_factory=set)
    """Seats whose holders have not been told yet who is here."""
    filling: bool = False
    """Whether the history is being asked for."""
    confirmed: set[str] = field(default_factory=set)
    """The seats that the master has said it knows of."""
    unsure: bool = False
    """Whether it has forgotten some of them while it was told of all."""
    heard: bool = True
    """Whether the master has sent anything since that was last looked for."""
    _phase: Phase = Phase.SYNCING
    _seen: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.agreed = self.since = self.now()
        self.crossed = Crossed(self.since)

    @property
    def phase(self) -> Phase:
        return self._phase

    @phase.setter
    def phase(self, phase: Phase) -> None:
        if phase is not self._phase:
            self._phase, self.since = phase, self.now()

    @property
    def room(self) -> Room:
        return self.live.room

    @property
    def last(self) -> str:
        """The stanza id up to which all that the master has is here; "" for none."""
        return str(self.live.keeping.extra.get("last", ""))

    @last.setter
    def last(self, stanza_id: str) -> None:
        self.live.keeping.extra["last"] = stanza_id
        self.live.keeping.changed()

    def has_seen(self, stanza_id: str) -> bool:
        """Whether a message was told lately."""
        return stanza_id in self._seen

    def notes(self, stanza_id: str) -> bool:
        """Note a message by its id; whether it is a new one."""
        if stanza_id in self._seen:
            return False
        self._seen[stanza_id] = None
        if len(self._seen) > SEEN:
            del self._seen[next(iter(self._seen))]
        self.last = stanza_id
        return True

    def waits(self, message: ET.Element) -> None:
        """Keep a message until what was said before it is here."""
        self.early.append(message)
        if len(self.early) > MOST_EARLY:
            self.early.clear()
            self.torn = True

    def says(self, said: Said) -> None:
        """Keep what somebody said until the master has accepted it."""
        self.said[said.key] = said
        self._keep_said()

    def unsays(self, key: tuple[str, str]) -> Said | None:
        """It is accepted, or will not be."""
        said = self.said.pop(key, None)
        if said is not None:
            self._keep_said()
        return said

    def _keep_said(self) -> None:
        kept = [said.written() for said in self.said.values()]
        self.live.keeping.extra["said"] = kept
        self.live.keeping.changed()

    def configure(self, config: RoomConfig) -> None:
        """Take over how the master has set the room up."""
        self.room.config = config
        self.live.keeping.changed()

    def member(self, occupant_id: str) -> MemberId:
        """By what somebody who comes in is filed: the same each time, unless that is taken."""
        wish = author(occupant_id)
        if occupant_id and wish not in self.room.people:
            return wish
        return MemberId(secrets.token_hex(8))


def author(occupant_id: str) -> MemberId:
    """By what the author of a message is known."""
    return MemberId(f"mirrored {occupant_id}" if occupant_id else "")


def open_past(config: RoomConfig) -> bool:
    """Whether who comes in may read what was said before."""
    return config.history_visible or config.public_log


def known(
    copy: Copy, told: Told, is_ours: Callable[[str], bool], user: UserId | None = None
) -> tuple[Occupant, list[Delivery]]:
    """Bring an occupant up to date who is in the room; return them, and what is news of that.

    `user` is the one of ours who is it, and is to be seated; that shows them.

    `is_ours` tells of a JID whether it is of the users whom we serve: whose they are we know better
    than any master, so that its word on them does not count.
    """
    room = copy.room
    person = room.nicks.get(told.nick)
    before = room.face(person) if person is not None and person.here else None
    rank = told.rank if told.rank is not Affiliation.OUTCAST else Affiliation.NONE
    if person is None:
        ident = OccupantId(told.occupant_id)
        person = Occupant(copy.member(told.occupant_id), ident, told.nick, rank)
        room.file(person)
    person.user = user or person.user
    person.id = OccupantId(told.occupant_id) if told.occupant_id else person.id
    person.affiliation, person.given_role = rank, told.role
    person.jid = told.jid if told.jid and not is_ours(told.jid) else None
    looks = told.looks
    person.show, person.status, person.idle_since = looks.show, looks.status, looks.idle_since
    person.hats, person.photo = looks.hats, looks.photo
    if not person.here or room.face(person) == before:
        return person, []
    more = {"actor": told.actor, "reason": told.reason}
    return person, room.to_all_again(person, before or room.face(person, gone=True), **more)


def gone(copy: Copy, told: Told) -> list[Delivery]:
    """Show that somebody has left, has another name, or that there is no room any more; nothing if
    that is known already (an echo)."""
    room = copy.room
    if told.destroyed is not None:
        return empty(room, told.destroyed)
    person = room.nicks.get(told.nick)
    if person is None:
        return []
    if 303 in told.codes and told.new_nick:
        holder = room.nicks.get(told.new_nick)
        lied = leaves(room, holder, Told(told.new_nick)) if holder not in (None, person) else []
        return lied + rename(room, person, told.new_nick)
    return leaves(room, person, told)


def leaves(room: Room, person: Occupant | None, told: Told) -> list[Delivery]:
    """Take somebody out; return what their own clients are shown, and what the others are."""
    if person is None:
        return []
    face = room.face(person, gone=True)._replace(
        affiliation=told.rank.word,
        show="", status=told.looks.status, idle_since=None, hats=(),
    )  # fmt: skip
    own, was_here = tuple(person.seats.values()), person.here
    fact = Appearance(face, available=False, codes=told.codes, actor=told.actor, reason=told.reason)
    room.unfile(person)
    if not was_here:
        return []
    return ([Delivery(own, fact)] if own else []) + room.to_all(fact)


def listed(copy: Copy, roster: Iterable[Told], is_ours: Callable[[str], bool]) -> list[Delivery]:
    """Bring the whole room up to date; return the difference. Our own users are not put out by it:
    about them the master speaks one by one."""
    shown: list[Delivery] = []
    names = set()
    for told in roster:
        names.add(told.nick)
        shown += known(copy, told, is_ours)[1]
    for person in list(copy.room.nicks.values()):
        if person.nick not in names and not person.seats:
            shown += leaves(copy.room, person, Told(person.nick, person.affiliation.word))
    return shown


def restored(master: str, live: LiveRoom, now: Callable[[], datetime]) -> Copy:
    """A room as the process before this one has left it: with those of ours who sit there."""
    copy = Copy(master, live, now)
    copy.phase = Phase.SPLIT
    for person in list(live.room.people.values()):
        if not person.seats:
            live.room.unfile(person)
    for values in live.keeping.extra.get("said", ()):
        said = Said.read(values)
        copy.said[said.key] = said
    return copy


def forgotten(copy: Copy, roster: Iterable[Told]) -> bool:
    """Whether a roster lacks somebody of ours whom the master has let in."""
    names = {told.nick for told in roster}
    seats = (copy.room.seats[jid] for jid in copy.confirmed if jid in copy.room.seats)
    return any(seat.occupant.nick not in names for seat in seats)


def cut_off(copy: Copy) -> list[Delivery]:
    """The link is down: everyone who is not here by us appears to leave (333)."""
    copy.phase = Phase.SPLIT
    copy.listing.clear()
    copy.confirmed.clear()
    copy.early.clear()
    copy.torn = copy.mending = False
    copy.count.heard = None
    copy.live.lost_sight()
    shown: list[Delivery] = []
    for person in list(copy.room.nicks.values()):
        if not person.seats:
            told = Told(person.nick, person.affiliation.word, codes=(333,))
            shown += leaves(copy.room, person, told)
    return shown


def is_subject(copy: Copy, message: ET.Element) -> bool:
    """Whether a message says only what the subject is already."""
    nick = message.get("from", "").partition("/")[2]
    known = copy.room.subject
    return (known.text, known.by) == (message.findtext("{*}subject") or "", nick)


def retitled(copy: Copy, message: ET.Element, at: datetime | None) -> None:
    """Note the subject that a message sets."""
    nick = message.get("from", "").partition("/")[2]
    text = message.findtext("{*}subject") or ""
    copy.room.subject = Subject(text, nick, at)
