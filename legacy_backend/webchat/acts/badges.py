"""Making badges for a group, and giving them to people."""

from __future__ import annotations

from legacy_backend.terms import Affiliation, GroupId, LegacyError, MemberId
from legacy_backend.values import Hat
from legacy_backend.webchat import text
from legacy_backend.webchat.acts import rules, showing
from legacy_backend.webchat.store import hats, places
from legacy_backend.webchat.work import Work

MOST = 50
LONGEST_URI = 200


def put(work: Work, actor: MemberId, group: GroupId, hat: Hat) -> None:
    """Make a badge, or change the one with its URI, on all who wear it.

    Raises LegacyError: "resource-constraint" if the group has many already.
    """
    row, _ = rules.running(work.conn, actor, group, Affiliation.ADMIN)
    uri = text.line(hat.uri, LONGEST_URI, "The URI of a badge")
    title = text.line(hat.title, text.LONGEST_NAME, "The title of a badge")
    known = hats.all_of(work.conn, group)
    if len(known) >= MOST and uri not in {one.uri for one in known}:
        raise LegacyError("resource-constraint", f"A group has at most {MOST} badges.")
    hats.put(work.conn, group, Hat(uri, title, hat.hue[:20]))
    _show(work, row.id, _wearing(work, group, uri), actor)


def remove(work: Work, actor: MemberId, group: GroupId, uri: str) -> None:
    """Do away with a badge.

    Raises LegacyError: "item-not-found" if there is none.
    """
    rules.running(work.conn, actor, group, Affiliation.ADMIN)
    _known(work, group, uri)
    wearing = _wearing(work, group, uri)
    hats.remove(work.conn, group, uri)
    _show(work, group, wearing, actor)


def give(work: Work, actor: MemberId, group: GroupId, member: MemberId, uri: str) -> None:
    """Have somebody who is in the group wear a badge."""
    rules.running(work.conn, actor, group, Affiliation.ADMIN)
    rules.neighbour(work.conn, group, member)
    _known(work, group, uri)
    hats.give(work.conn, group, member, uri)
    _show(work, group, [member], actor)


def take(work: Work, actor: MemberId, group: GroupId, member: MemberId, uri: str) -> None:
    """Have somebody not wear a badge any more.

    Raises LegacyError: "item-not-found" if they do not.
    """
    rules.running(work.conn, actor, group, Affiliation.ADMIN)
    if member not in _wearing(work, group, uri):
        raise LegacyError("item-not-found", "They do not wear this badge.")
    hats.take(work.conn, group, member, uri)
    _show(work, group, [member], actor)


def _known(work: Work, group: GroupId, uri: str) -> None:
    if uri not in {hat.uri for hat in hats.all_of(work.conn, group)}:
        raise LegacyError("item-not-found", "There is no such badge.")


def _wearing(work: Work, group: GroupId, uri: str) -> list[MemberId]:
    everyone = hats.of(work.conn, group)
    return [person for person, theirs in everyone.items() if uri in {hat.uri for hat in theirs}]


def _show(work: Work, group: GroupId, people: list[MemberId], actor: MemberId) -> None:
    row = rules.existing(work.conn, group)
    for person in people:
        place = places.find(work.conn, group, person)
        if place is not None:
            showing.tell_changed(work, row, place, actor)
