"""Keeping a room's state in the store, so that it is there after a restart."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from functools import cache
from itertools import islice
from operator import attrgetter
from typing import Any

from gateway.room.state import Hat, Occupant, OccupantId, Room, RoomConfig, Seat, Subject
from gateway.store import OccupantRow, RoomRow, SeatRow, Store
from legacy_backend.terms import Affiliation, GroupKind, MemberId, Role, Stretch, UserId

AT_ONCE = 500
"""People looked at before others get a turn of the event loop."""

SETTINGS = {setting.name: setting.default for setting in fields(RoomConfig)}
"""What a room can be set up in, and how it is where nothing is said."""

SETTLE_SECONDS = 0.5
"""How long changes are gathered before they are written. What is lost with them is asked of the
network again; seats, which nobody could be asked for, are written at once."""

AGAIN_SECONDS = 5.0
"""After which what could not be written is written again, as it is then."""


class Keeping:
    """Writes one room's state, changes only. `id` is its row in the store; `attended` is told when
    a user has a seat, and when none any more."""

    def __init__(
        self,
        store: Store,
        id: int,
        room: Room,
        now: Callable[[], datetime],
        attended: Callable[[UserId, bool], None],
    ) -> None:
        self._now = now
        self._attended = attended
        self._store = store
        self._id = id
        self._room = room
        self._timer: asyncio.TimerHandle | None = None
        self._to_look_at: Iterator[Occupant] | None = None
        self._changed_since = False
        self._ended = False
        self._seats: set[str] = set(room.seats)
        self._people: dict[MemberId, int] = {}
        self._state = 0
        """A hash of the text that the store has of all else: there may be very many rooms."""
        self.passing: set[MemberId] = set()
        """Those who are forgotten with the process."""
        self.extra: dict[str, Any] = {}
        """What the handle wants kept besides: plain JSON values."""

    def restore(self, row: RoomRow) -> None:
        """Bring back all but people and seats from what the store has."""
        self.extra = restore_room(self._room, row.state)
        self._state = hash(row.text)

    def loaded(self) -> None:
        """The store has the people and the seats as they are now."""
        self._people = {person.member: _kept(person) for person in self._room.people.values()}
        self._seats = set(self._room.seats)

    def folded(self) -> None:
        """Those who were folded are in the store as they were then."""
        self._people = {
            person.member: self._people[person.member]
            for person in self._room.books.unfolded()
            if person.member in self._people
        }

    def unfolded(self) -> None:
        """They are back."""
        for person in self._room.books.unfolded():
            if person.member not in self.passing and person.member not in self._people:
                self._people[person.member] = _kept(person)

    def changed(self) -> None:
        """Something of the room may be other than it was: write it soon, and seats now."""
        if self._ended:
            return
        if self._seats != self._room.seats.keys():
            self.seats()
        self._changed_since = True
        if self._timer is None:
            self._write_in(SETTLE_SECONDS)

    def seats(self) -> asyncio.Future[None] | None:
        """Write which seats there are; the future is done when that is durable."""
        if self._ended:
            return None
        now = self._room.seats
        came, gone = now.keys() - self._seats, self._seats - now.keys()
        if came:  # what somebody who sits here knows of the room
            self._write_state()
        done: asyncio.Future[None] | None = None
        self._seats = set(now)
        for jid in gone:
            done = self._store.remove_seat(self._id, jid)
        if gone:
            self._note_absence(gone)
        for jid in came:
            self._write_people([now[jid].occupant])  # whom the seat is of has to be found again
            done = self._store.put_seat(seat_row(self._id, now[jid]))
        for user in {now[jid].user for jid in came if now[jid].occupant.seats.keys() <= came}:
            self._attended(user, True)
        return done

    @property
    def left(self) -> dict[str, str]:
        """When users who have no seat any more had their last one: bare JID → time (ISO 8601)."""
        times: dict[str, str] = self.extra.setdefault("left", {})
        return times

    def _note_absence(self, gone: Iterable[str]) -> None:
        here = {seat.user for seat in self._room.seats.values()}
        for user in {UserId(jid.partition("/")[0]) for jid in gone} - here:
            self.left[user] = self._now().isoformat()
            self._attended(user, False)

    def was(self, user: UserId, member: MemberId) -> None:
        """Keep who somebody was who has left, so that what they said is found as theirs."""
        were: dict[str, list[str]] = self.extra.get("were", {})
        self.extra["were"] = were | {user: sorted({*were.get(user, ()), member})}
        self.changed()

    def end(self) -> None:
        """Write nothing any more: the room is deleted, or the gateway ends."""
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def write(self) -> None:
        """Write what has changed since the last time."""
        if self._ended:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._to_look_at = None
        self._begin()
        self._write_people(self._room.books.unfolded())

    def _write_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(seconds, self._write_some)

    def _begin(self) -> None:
        """Write what is not about people, and who is none of the room's any more."""
        self._changed_since = False
        self._write_state()
        gone = list(self._people.keys() - {p.member for p in self._room.books.unfolded()})
        if gone:
            self._watch(self._store.remove_occupants(self._id, gone), gone)
            for member in gone:
                del self._people[member]

    def _write_some(self) -> None:
        """Look at AT_ONCE people and let others have a turn, if there are more."""
        self._timer = None
        if self._ended:
            return
        if self._to_look_at is None:
            self._begin()
            self._to_look_at = iter(tuple(self._room.books.unfolded()))
        some = list(islice(self._to_look_at, AT_ONCE))
        self._write_people(filter(self._room.books.has, some))
        if len(some) == AT_ONCE:
            self._write_in(0)
            return
        self._to_look_at = None
        if self._changed_since:
            self._write_in(SETTLE_SECONDS)

    def noted(self) -> asyncio.Future[None] | None:
        """Write what is kept besides; the future is done when that is durable, None for no news."""
        return None if self._ended else self._write_state()

    def _write_state(self) -> asyncio.Future[None] | None:
        text = json.dumps(room_state(self._room, self.extra))
        digest = hash(text)
        if digest == self._state:
            return None
        self._state = digest
        saved = self._store.save_state(self._id, text)
        self._watch(saved)
        return saved

    def _write_people(self, people: Iterable[Occupant]) -> None:
        news: list[OccupantRow] = []
        for person in people:
            kept = _kept(person)
            if person.member not in self.passing and self._people.get(person.member) != kept:
                self._people[person.member] = kept
                state = person_state(person)
                news.append(OccupantRow(self._id, person.member, person.nick, state))
        if news:
            written = self._store.put_occupants(self._id, news)
            self._watch(written, [row.member_id for row in news])

    def _watch(self, written: asyncio.Future[None], people: Iterable[str] = ()) -> None:
        """Have these people written again if they could not be now, and the room's state."""

        def see(written: asyncio.Future[None]) -> None:
            if written.cancelled() or written.exception() is None or self._ended:
                return
            self._state = 0
            self._room.books.unfold()
            self._people |= dict.fromkeys(map(MemberId, people), 0)
            self._changed_since = True
            if self._timer is None:
                self._write_in(AGAIN_SECONDS)

        written.add_done_callback(see)


def seat_row(room_id: int, seat: Seat) -> SeatRow:
    return SeatRow(room_id, seat.jid, seat.occupant.nick, seat.occupant.member, seat.joined_at)


def room_state(room: Room, extra: dict[str, Any]) -> dict[str, Any]:
    """A room, its people apart, as JSON values; those of `extra` are not copied."""
    at = room.subject.at
    return {
        "kind": room.kind.value,
        "config": _unusual(room.config),
        "subject": {
            "text": room.subject.text,
            "by": room.subject.by,
            "at": at.isoformat() if at else None,
            "lang": room.subject.lang,
        },
        "member_count": room.member_count,
        "avatar": room.avatar,
        "locked": room.locked,
        "extra": extra,
    }


def _unusual(config: RoomConfig) -> dict[str, Any]:
    """The settings that are not as they are where nothing is said, as JSON values: a start reads
    those of all rooms."""
    given = ((name, getattr(config, name)) for name in SETTINGS)
    return {name: _plain(value) for name, value in given if value != SETTINGS[name]}


def _plain(value: Any) -> Any:
    """A setting as a JSON value: roles, of which there may be several, as their numbers."""
    return sorted(value) if isinstance(value, frozenset) else value


def _setting(value: Any) -> Any:
    """A setting from what `_plain` made of it."""
    return _roles(tuple(value)) if value.__class__ is list else value


@cache
def _roles(numbers: tuple[int, ...]) -> frozenset[Role]:
    """One for all rooms that have the same: there may be very many rooms, and few such settings."""
    return frozenset(map(Role, numbers))


def restore_room(room: Room, state: dict[str, Any]) -> dict[str, Any]:
    """Set a room up from what `room_state` made; returns the extra."""
    if not state:
        return {}
    room.kind = GroupKind(state["kind"])
    kept = state["config"].items()
    room.config = RoomConfig(**{k: _setting(v) for k, v in kept if k in SETTINGS})
    subject = state["subject"]
    at = datetime.fromisoformat(subject["at"]) if subject["at"] else None
    room.subject = Subject(subject["text"], subject["by"], at, subject.get("lang", ""))
    room.member_count = state["member_count"]
    room.avatar = state["avatar"]
    room.locked = bool(state.get("locked"))
    return dict(state.get("extra", {}))


_parts: Callable[[Occupant], tuple[Any, ...]] = attrgetter(
    "id", "nick", "affiliation", "given_role", "user", "jid", "present", "hats", "photo", "sees"
)
"""What `person_state` is made of: cheaper to compare."""


def _kept(person: Occupant) -> int:
    """What is held of how somebody was written. A hash, since there may be a million people."""
    return hash(_parts(person))


def person_state(person: Occupant) -> dict[str, Any]:
    """Somebody as JSON values; their presence apart, which the network tells anew."""
    return {
        "id": person.id,
        "nick": person.nick,
        "affiliation": person.affiliation.word,
        "role": person.given_role.word if person.given_role is not None else None,
        "user": person.user,
        "jid": person.jid,
        "present": person.present,
        "hats": [[hat.uri, hat.title, hat.hue] for hat in person.hats],
        "photo": person.photo,
    } | ({} if person.sees is None else {"sees": list(map(_written, person.sees))})


def restore_person(member: MemberId, state: dict[str, Any]) -> Occupant:
    """Somebody, from what `person_state` made."""
    role = state["role"]
    return Occupant(
        member=member,
        id=OccupantId(state["id"]),
        nick=state["nick"],
        affiliation=Affiliation[state["affiliation"].upper()],
        given_role=Role[role.upper()] if role else None,
        user=UserId(state["user"]) if state["user"] else None,
        jid=state["jid"],
        present=state["present"],
        hats=tuple(Hat(*hat) for hat in state["hats"]),
        photo=state["photo"],
        sees=seen_by(state),
    )


def seen_by(state: dict[str, Any]) -> tuple[Stretch, ...] | None:
    """What somebody may read, from what `person_state` made."""
    if "sees" not in state:
        return None
    return tuple(Stretch(*map(_time, stretch)) for stretch in state["sees"])


def _written(stretch: Stretch) -> list[str | None]:
    return [None if at is None else at.isoformat() for at in (stretch.start, stretch.end)]


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
