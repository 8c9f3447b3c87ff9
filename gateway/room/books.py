"""Whom a room knows, in few bytes while nobody looks.

There may be a hundred thousand people in rooms that nobody is in: as objects they take half a
kilobyte each, folded a twentieth of that.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from weakref import ref

from gateway.room.occupant import Hat, Occupant
from legacy_backend.terms import Affiliation, MemberId, Role, Stretch

_AFFILIATIONS = tuple(Affiliation)
_ROLES = tuple(Role)

NOBODY = b""
"""What there is folded of a room of users only, whom it has as they are."""


class Books:
    """The people of one room, by id and by nickname. Whoever asks for either unfolds them."""

    def __init__(self) -> None:
        self._people: dict[MemberId, Occupant] = {}
        self._nicks: dict[str, Occupant] = {}
        self._folded: bytes | None = None
        self.looked_at = False
        """Whether somebody has asked for them since this was last set to False."""
        self.opened: Callable[[], None] | None = None
        """Called when they were unfolded."""

    @property
    def people(self) -> dict[MemberId, Occupant]:
        self.looked_at = True
        self.unfold()
        return self._people

    @property
    def nicks(self) -> dict[str, Occupant]:
        self.looked_at = True
        self.unfold()
        return self._nicks

    @property
    def folded(self) -> bool:
        return self._folded is not None

    def unfolded(self) -> Collection[Occupant]:
        """Those who are not folded at the moment, among them all users of the gateway."""
        return self._people.values()

    def has(self, person: Occupant) -> bool:
        """Whether somebody who is not folded is one of them."""
        return self._people.get(person.member) is person

    def fold(self) -> None:
        """Fold all but the users of the gateway, and those whom somebody else holds: they stay the
        objects that they are."""
        self.unfold()
        others = any(person.user is None for person in self._people.values())
        self._folded = _written(self._people.values()) if others else NOBODY
        everyone = [ref(person) for person in self._people.values()]
        users = (person for person in self._people.values() if person.user is not None)
        self._people, self._nicks = {user.member: user for user in users}, {}
        staying = (person for known in everyone if (person := known()) is not None)
        self._people = {person.member: person for person in staying}

    def unfold(self) -> None:
        """Have everybody at hand."""
        if self._folded is None:
            return
        staying, folded = self._people, self._folded
        self._folded = None
        if folded is not NOBODY:
            self._people = {
                person.member: person
                for person in (staying.get(row[0]) or _person(row) for row in _rows(folded))
            }
        self._nicks = {
            person.nick: person
            for person in self._people.values()
            if person.affiliation is not Affiliation.OUTCAST
        }
        if self.opened is not None:
            self.opened()


def _written(people: Iterable[Occupant]) -> bytes:
    return zlib.compress(json.dumps([_row(person) for person in people]).encode(), 1)


def _rows(folded: bytes) -> list[Any]:
    rows: list[Any] = json.loads(zlib.decompress(folded))
    return rows


def _row(person: Occupant) -> tuple[Any, ...]:
    """All of a person who is no user, as JSON values."""
    role, sees = person.given_role, person.sees
    return (
        person.member,
        person.id,
        person.nick,
        person.affiliation.value,
        None if role is None else role.value,
        person.jid,
        person.present,
        person.show,
        person.status,
        _iso(person.idle_since),
        [(hat.uri, hat.title, hat.hue) for hat in person.hats],
        person.photo,
        None if sees is None else [(_iso(stretch.start), _iso(stretch.end)) for stretch in sees],
    )


def _person(row: Sequence[Any]) -> Occupant:
    """Somebody, from what `_row` made."""
    member, id, nick, affiliation, role, jid, present, show, status, idle, hats, photo, sees = row
    return Occupant(
        member=member,
        id=id,
        nick=nick,
        affiliation=_AFFILIATIONS[affiliation],
        given_role=None if role is None else _ROLES[role],
        jid=jid,
        present=present,
        show=show,
        status=status,
        idle_since=_time(idle),
        hats=tuple(Hat(*hat) for hat in hats) if hats else (),
        photo=photo,
        sees=None if sees is None else tuple(Stretch(_time(a), _time(b)) for a, b in sees),
    )


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
