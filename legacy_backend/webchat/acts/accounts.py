"""Accounts: registering, coming as a guest or by the gateway, sessions, going for good.

Passwords come here hashed: hashing takes too long for the database's thread.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from legacy_backend.events import LoginStateChanged, MemberChanged, MemberLeft
from legacy_backend.terms import Affiliation, LegacyError, MemberId, UserId
from legacy_backend.values import LoginState
from legacy_backend.webchat import text
from legacy_backend.webchat.acts import rules, showing
from legacy_backend.webchat.acts.destroy import take_down
from legacy_backend.webchat.store import people, places, sessions
from legacy_backend.webchat.store.people import Kind, Person
from legacy_backend.webchat.store.places import Neighbour
from legacy_backend.webchat.store.sessions import Session
from legacy_backend.webchat.work import Work

_ESCAPED = re.compile(r"\\(20|22|26|27|2f|3a|3c|3e|40|5c)")


def _free(conn: sa.Connection, name: str) -> str:
    clean = text.line(name, text.LONGEST_NAME, "A name")
    if people.by_name(conn, clean) is not None:
        raise LegacyError("conflict", "This name is taken.")
    return clean


def register(work: Work, name: str, password_hash: str) -> Person:
    return people.add(
        work.conn, Kind.REGISTERED, _free(work.conn, name), work.now, password=password_hash
    )


def come_as_guest(work: Work, name: str) -> Person:
    return people.add(work.conn, Kind.GUEST, _free(work.conn, name), work.now)


def come_by_gateway(work: Work, user: UserId) -> Person:
    """Log a gateway's user in: the same account at every call until `depart`."""
    person = people.by_user(work.conn, user) or _made_for(work, user)
    work.tell_person(person, LoginStateChanged(state=LoginState.CONNECTED))
    return person


def _made_for(work: Work, user: UserId) -> Person:
    node = user.partition("@")[0] if "@" in user else user
    spoken = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), node)[: text.LONGEST_NAME]
    wish = text.line(spoken, text.LONGEST_NAME, "A name", empty=True) or "somebody"
    name = people.free_name(work.conn, wish)
    return people.add(work.conn, Kind.XMPP, name, work.now, user=user)


def password_of(conn: sa.Connection, name: str) -> tuple[MemberId, str] | None:
    """Whom a name belongs to, and the hash of their password; None if that cannot log in."""
    found = people.by_name(conn, name)
    if found is None or found.password is None:
        return None
    return found.id, found.password


def open_session(work: Work, person: MemberId) -> tuple[str, Session]:
    """A session, and its token."""
    kind = rules.someone(work.conn, person).kind
    days = 1 if kind is Kind.GUEST else work.settings.session_days
    return sessions.add(work.conn, person, work.now + timedelta(days=days))


def close_session(work: Work, key: str) -> None:
    sessions.remove(work.conn, key)


def show_presence(work: Work, person: MemberId) -> None:
    """Tell the groups of a person that they came or went; the gateway knows its own people."""
    found = people.by_id(work.conn, person)
    if found is None:
        return
    for group in places.groups_of(work.conn, person):
        row = rules.existing(work.conn, group)
        place = rules.neighbour(work.conn, group, person)
        member = showing.neighbour(work, row, found, place)
        event = MemberChanged(group=group, member=member)
        if found.kind is Kind.XMPP:
            work.tell_browsers(event)
        else:
            work.tell(event)


def depart(work: Work, person: MemberId) -> None:
    """Delete an account. Groups that nobody else owns go to whoever stands highest there."""
    for group in places.with_standing(work.conn, person):
        place = places.find(work.conn, group, person)
        assert place is not None
        others = [
            other
            for other in places.neighbours(work.conn, group)
            if other.place.person != person and other.place.affiliation != Affiliation.OUTCAST
        ]
        if place.affiliation == Affiliation.OWNER and not any(
            other.place.affiliation == Affiliation.OWNER for other in others
        ):
            if not others:
                take_down(work, group, "Its last member has gone.")
                continue
            heir = max(others, key=_claim).place
            row = rules.existing(work.conn, group)
            showing.put_and_tell(work, row, replace(heir, affiliation=Affiliation.OWNER), None)
        if place.joined:
            work.tell(MemberLeft(group=group, id=person))
    people.remove(work.conn, person)


def _claim(neighbour: Neighbour) -> tuple[Affiliation, bool]:
    return neighbour.place.affiliation, neighbour.place.joined


def depart_by_gateway(work: Work, user: UserId) -> None:
    """Delete the account of a gateway's user, if they have one."""
    person = people.by_user(work.conn, user)
    if person is not None:
        depart(work, person.id)


def sweep(work: Work) -> None:
    """Drop sessions that have expired, and guests who cannot come back."""
    sessions.remove_expired(work.conn, work.now)
    for guest in people.idle_guests(work.conn):
        depart(work, guest)
