"""Saying something to one person alone."""

from __future__ import annotations

from legacy_backend.events import DirectMessagePosted, Event, PrivateMessagePosted
from legacy_backend.terms import GroupId, LegacyError, MemberId, Role
from legacy_backend.values import Draft, Message
from legacy_backend.webchat.acts import rules
from legacy_backend.webchat.acts.drafts import cleaned
from legacy_backend.webchat.happenings import Happening, Whispered
from legacy_backend.webchat.store import whispers
from legacy_backend.webchat.store.groups import GroupRow
from legacy_backend.webchat.store.people import Person
from legacy_backend.webchat.store.places import Place
from legacy_backend.webchat.work import Work

_LEAST = {
    "anyone": Role.VISITOR,
    "participants": Role.PARTICIPANT,
    "moderators": Role.MODERATOR,
}


def whisper(work: Work, actor: MemberId, group: GroupId, to: MemberId, draft: Draft) -> Message:
    """Say something to one who is in the same group.

    Raises LegacyError: "not-allowed" if the group's settings do not let the actor.
    """
    row, place = rules.inside(work.conn, actor, group)
    rules.neighbour(work.conn, group, to)
    if not _may_whisper(row, place):
        raise LegacyError("not-allowed", "This group does not let you write private messages.")
    return _write(work, actor, place.nick, rules.someone(work.conn, to), group, draft)


def direct(work: Work, actor: MemberId, to: MemberId, draft: Draft) -> Message:
    """Say something to anybody."""
    person = rules.someone(work.conn, to)
    own = rules.someone(work.conn, actor)
    return _write(work, actor, own.name, person, None, draft)


def _may_whisper(row: GroupRow, place: Place) -> bool:
    least = _LEAST.get(row.config.private_messages or "anyone")
    return least is not None and rules.role_of(place, row.config) >= least


def _write(
    work: Work,
    actor: MemberId,
    name: str,
    person: Person,
    group: GroupId | None,
    draft: Draft,
) -> Message:
    if person.id == actor:
        raise LegacyError("not-acceptable", "That would be a message to yourself.")
    draft = cleaned(work.settings, draft)
    message = whispers.add(work.conn, actor, name, person.id, group, work.now, draft)
    told = Whispered(message=message, recipient=person.id, recipient_name=person.name, group=group)
    work.tell_browsers(told, actor, person.id)
    if person.user is not None:
        event: Event = DirectMessagePosted(to=person.user, message=message)
        if group is not None:
            event = PrivateMessagePosted(to=person.user, group=group, message=message)
        work.told.append(Happening(event, only=frozenset()))
    return message
