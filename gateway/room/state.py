"""The state of a room: data that cannot lie, and what it shows of itself.

Use cases (`kick`, `seating`, `nick`, …) are modules beside this one: plain functions that take a
room, change it through here, and return what is to be shown to whom. Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from gateway.room.books import Books
from gateway.room.occupant import Hat as Hat
from gateway.room.occupant import Occupant as Occupant
from gateway.room.occupant import OccupantId as OccupantId
from gateway.room.occupant import Seat as Seat
from gateway.room.occupant import Show as Show
from legacy_backend.terms import Affiliation, GroupId, GroupKind, MemberId, Role, UserId

EVERY_ROLE = frozenset({Role.MODERATOR, Role.PARTICIPANT, Role.VISITOR})


@dataclass(frozen=True, slots=True)
class Subject:
    """What the room is about now. `by` is the setter's nickname; "" is the room itself.

    `lang` is the language that the setter's client said it is in, "" if none.
    """

    text: str = ""
    by: str = ""
    at: datetime | None = None
    lang: str = ""


@dataclass(slots=True)
class RoomConfig:
    """How a room is set up, in XEP-0045's terms (§16.5.3)."""

    name: str = ""
    description: str = ""
    public: bool = False
    members_only: bool = True
    moderated: bool = False
    password: str = ""
    max_users: int = 0
    members_may_invite: bool = False
    members_may_change_subject: bool = True
    private_messages: Literal["anyone", "participants", "moderators", "none"] = "anyone"
    anonymous: bool = False
    language: str = ""
    public_log: bool = False
    history_visible: bool = True
    log_url: str = ""
    shown_roles: frozenset[Role] = EVERY_ROLE
    list_readers: frozenset[Role] = EVERY_ROLE
    history_max: int = 100
    forward_mentions: bool = False
    pubsub: str = ""


class Face(NamedTuple):
    """An occupant as others saw them at one moment. A tuple, since a join makes ten thousand.

    `jid` is the real one, for those who may see it; None if there is none to show.
    """

    member: MemberId
    id: OccupantId
    nick: str
    affiliation: str
    role: str
    jid: str | None
    show: Show = ""
    status: str = ""
    idle_since: datetime | None = None
    hats: tuple[Hat, ...] = ()
    photo: str | None = None
    hidden: bool = False
    """Whether only they themselves see it, their role being none of `RoomConfig.shown_roles`."""


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What a `<destroy/>` says (XEP-0045 §10.9)."""

    alternate: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a list of affiliations, from one version of it to the next (XEP-0463)."""

    since: str
    until: str
    jid: str
    affiliation: str


@dataclass(frozen=True, slots=True)
class Relisted:
    """Somebody's affiliation is another, as those see it who may not see who is banned, and as
    those see it who may; None for whom it is no change."""

    steps: tuple[Step | None, Step | None]

    @property
    def affiliation(self) -> str:
        return next(step.affiliation for step in self.steps if step is not None)


@dataclass(frozen=True, slots=True)
class Appearance:
    """A presence of an occupant. Whoever sits on it is told so with 110 when it is sent."""

    face: Face
    available: bool = True
    codes: tuple[int, ...] = ()
    actor: str = ""
    reason: str = ""
    new_nick: str = ""
    destroyed: Destroyed | None = None
    stanza_id: str = ""
    relisted: Relisted | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of the room itself that carries status codes and no words (§10.2.1)."""

    codes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The affiliation that a user of the gateway has got while away (§18.1)."""

    user: UserId
    affiliation: str
    actor: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One fact, and the seats that get it, in the order of joining; none for a Standing."""

    seats: tuple[Seat, ...]
    fact: Appearance | Notice | Standing | Relisted


@dataclass(slots=True, eq=False)
class Room:
    """A group as XMPP sees it now.

    Invariants: a known person is filed under their member id and, unless banned, under their own
    nickname; a seat is filed under its JID here and at its occupant's. `owner` is whose personal
    room this is, None for one that all its users share.
    """

    jid: str
    group: GroupId
    owner: UserId | None = None
    kind: GroupKind = GroupKind.PRIVATE
    config: RoomConfig = field(default_factory=RoomConfig)
    subject: Subject = field(default_factory=Subject)
    books: Books = field(default_factory=Books)
    """The people, by their ids and by their nicknames."""
    seats: dict[str, Seat] = field(default_factory=dict)
    member_count: int | None = None
    avatar: str = ""
    """SHA-1 of the picture in hexadecimal, "" if there is none."""
    locked: bool = False
    """Made by a join and not configured yet: there for its owner alone (§10.1.1)."""
    version: int = 0
    """Grows whenever what occupants look like may have changed."""

    @property
    def people(self) -> dict[MemberId, Occupant]:
        return self.books.people

    @property
    def nicks(self) -> dict[str, Occupant]:
        return self.books.nicks

    def occupants(self) -> Iterator[Occupant]:
        """Those in the room."""
        return (person for person in self.nicks.values() if person.here)

    def occupant(self, nick: str) -> Occupant | None:
        """Whoever is in the room under a nickname."""
        found = self.nicks.get(nick)
        return found if found is not None and found.here else None

    def person_of(self, user: UserId) -> Occupant | None:
        """The occupant standing for a user of the gateway, in the room or not."""
        for person in self.books.unfolded():
            if person.user == user:
                return person
        return None

    def file(self, person: Occupant) -> None:
        """Add somebody. Their nickname must be free (see `nick.free_nick`)."""
        self.people[person.member] = person
        if person.affiliation is not Affiliation.OUTCAST:
            self.nicks[person.nick] = person
        self.version += 1

    def unfile(self, person: Occupant) -> None:
        """Forget somebody, and their seats."""
        if self.people.get(person.member) is person:
            del self.people[person.member]
        if self.nicks.get(person.nick) is person:
            del self.nicks[person.nick]
        for jid in person.seats:
            self.seats.pop(jid, None)
        person.seats.clear()
        self.version += 1

    def role(self, person: Occupant) -> Role:
        """Their role now: the network's word, or what follows from their affiliation (§5.1.2)."""
        if not person.here:
            return Role.NONE
        # A network may still have them as absent whose client has just come in.
        if person.given_role:  # neither None nor NONE
            return person.given_role
        return self.default_role(person.affiliation)

    def default_role(self, affiliation: Affiliation) -> Role:
        """The role that comes with an affiliation (§5.1.2)."""
        if affiliation >= Affiliation.ADMIN:
            return Role.MODERATOR
        if affiliation is Affiliation.NONE and self.config.moderated:
            return Role.VISITOR
        return Role.PARTICIPANT

    def face(self, person: Occupant, *, gone: bool = False) -> Face:
        """How others see them; `gone` gives them role none, as on their way out."""
        if person.user is not None and not person.seats:
            jid: str | None = person.user
        elif person.user is not None:
            jid = next(iter(person.seats.values())).real_jid
        else:
            jid = person.jid
        role = self.role(person)
        return Face(
            member=person.member,
            id=person.id,
            nick=person.nick,
            affiliation=person.affiliation.word,
            role="none" if gone else role.word,
            jid=jid,
            show=person.show,
            status=person.status,
            idle_since=person.idle_since,
            hats=person.hats,
            photo=person.photo,
            hidden=person.here and role not in self.config.shown_roles,
        )

    def to_all(self, fact: Appearance | Notice, *, but: Iterable[Seat] = ()) -> list[Delivery]:
        """A fact for everyone seated, `but` some; nothing if that is nobody.

        Of somebody whose presence is hidden only they themselves are told.
        """
        told = self.seats
        if isinstance(fact, Appearance) and fact.face.hidden:
            person = self.people.get(fact.face.member)
            told = person.seats if person is not None else {}
        spared = {id(seat) for seat in but}
        seats = tuple(seat for seat in told.values() if id(seat) not in spared)
        return [Delivery(seats, fact)] if seats else []

    def to_all_again(self, person: Occupant, before: Face, **more: Any) -> list[Delivery]:
        """How somebody looks who is here and looked like `before`, for everyone.

        Whose role is not shown any more is gone for the others. `more` is the Appearance's.
        """
        self.version += 1
        now = Appearance(self.face(person), **more)
        shown = self.to_all(now)
        if now.face.hidden and not before.hidden and before.role != "none":
            gone = self.face(person, gone=True)._replace(hidden=False)
            own = person.seats.values()
            shown += self.to_all(Appearance(gone, available=False), but=own)
        return shown

    def sees_jids(self, viewer: Occupant) -> bool:
        """Whether real JIDs are in what this occupant is sent (§7.2.3, §7.2.4)."""
        return not self.config.anonymous or self.role(viewer) is Role.MODERATOR
