"""Asking people in, and their saying no."""

from __future__ import annotations

from legacy_backend.events import InvitationDeclined, Invited
from legacy_backend.terms import Affiliation, GroupId, LegacyError, MemberId
from legacy_backend.webchat import text
from legacy_backend.webchat.acts import rules, showing
from legacy_backend.webchat.happenings import InvitationGone
from legacy_backend.webchat.store import invitations, people, places
from legacy_backend.webchat.work import Work


def invite(work: Work, actor: MemberId, group: GroupId, invitee: MemberId, reason: str) -> None:
    """Ask somebody in.

    Raises LegacyError: "forbidden" if only those who run the group may, or the person is banned;
    "conflict" if they are in it.
    """
    row, own = rules.inside(work.conn, actor, group)
    if own.affiliation < Affiliation.ADMIN and not row.config.members_may_invite:
        raise LegacyError("forbidden", "Only owners and admins of this group may invite.")
    person = rules.someone(work.conn, invitee)
    place = places.find(work.conn, group, invitee)
    if place is not None and place.affiliation == Affiliation.OUTCAST:
        raise LegacyError("forbidden", f"{person.name} is banned from this group.")
    if place is not None and place.joined:
        raise LegacyError("conflict", f"{person.name} is in this group.")
    reason = text.reason(reason)
    invitations.put(work.conn, group, invitee, actor, reason, work.now)
    info = showing.group(work.conn, group)
    told = Invited(group=group, info=info, by=actor, by_name=own.nick, reason=reason)
    work.tell_person(person, told)


def decline(
    work: Work, actor: MemberId, group: GroupId, inviter: MemberId | None, reason: str
) -> None:
    """Say no, to one who asked or to all of them.

    Raises LegacyError: "item-not-found" if nobody, or not they, had asked.
    """
    asked = [
        one.inviter
        for one in invitations.of(work.conn, actor, group)
        if inviter in (None, one.inviter)
    ]
    if not asked:
        raise LegacyError("item-not-found", "You have no such invitation.")
    reason = text.reason(reason)
    invitations.remove(work.conn, group, actor)
    work.tell_browsers(InvitationGone(group=group), actor)
    for id in asked:
        person = people.by_id(work.conn, id)
        if person is not None:
            work.tell_person(person, InvitationDeclined(group=group, by=actor, reason=reason))
