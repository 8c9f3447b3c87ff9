"""A room as its mirror knows it: what the master tells changes it, and shows in it.

Nothing here does I/O. What is shown is returned, as by the rooms' own rules.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from xml.etree import ElementTree as ET

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
"""Ids of messages that are remembered, so that none is shown twice."""


class Phase(Enum):
    """How a copy stands to its master."""

    SYNCING = auto()
    """It has not been told everything yet; nobody is in it."""
    LIVE = auto()
    SPLIT = auto()
    """The link is down: it goes on with those who are here."""
    RETURNING = auto()
    """The link is up again, and the difference is being told."""


@dataclass(slots=True)
class Kept:
    """A message for those who join later: without `to` and without a delay."""

    stanza: str
    at: datetime


@dataclass(slots=True)
class Said:
    """What a user of ours said and all of ours have seen, until the master has accepted it. `jid`
    is who."""

    jid: str
    uplink: bytes
    kept: Kept


@dataclass(slots=True, eq=False)
class Copy:
    """The mirror of one room. `master` is the room's own address; `room.jid` is how our users
    address it, and they alone have seats."""

    master: str
    room: Room
    keep: int
    """How many messages."""
    agreed: datetime
    """When it was last made to agree with the master."""
    phase: Phase = Phase.SYNCING
    history: deque[Kept] = field(default_factory=deque)
    last: str = ""
    """The stanza id of the newest message that came from the master."""
    early: list[ET.Element] = field(default_factory=list)
    """Messages that came before what was said before them."""
    said: dict[tuple[str, str], Said] = field(default_factory=dict)
    """By nickname and id."""
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
    _seen: dict[str, None] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def notes(self, stanza_id: str) -> bool:
        """Note a message by its id; whether it is a new one."""
        if stanza_id in self._seen:
            return False
        self._seen[stanza_id] = None
        if len(self._seen) > SEEN:
            del self._seen[next(iter(self._seen))]
        self.last = stanza_id
        return True

    def keeps(self, kept: Kept) -> None:
        """Keep a message for those who join later, if they may read what was said before."""
        if open_past(self.room.config):
            self.history.append(kept)
        while len(self.history) > min(self.keep, self.room.config.history_max):
            self.history.popleft()

    def configure(self, config: RoomConfig) -> None:
        """Take over how the master has set the room up."""
        self.room.config = config
        if not open_past(config):
            self.history.clear()

    def next_member(self) -> MemberId:
        return MemberId(f"mirrored {next(self._numbers)}")


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
        person = Occupant(copy.next_member(), OccupantId(told.occupant_id), told.nick, rank)
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
