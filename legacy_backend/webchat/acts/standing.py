"""Kicks, affiliations and roles."""

from __future__ import annotations

from dataclasses import replace

from legacy_backend.events import Departure, Invited, MemberLeft
from legacy_backend.terms import Affiliation, GroupId, LegacyError, MemberId, Role
from legacy_backend.webchat import text
from legacy_backend.webchat.acts import rules, showing
from legacy_backend.webchat.store import invitations, places
from legacy_backend.webchat.store.groups import GroupRow
from legacy_backend.webchat.store.places import Place
from legacy_backend.webchat.work import Work


def kick(work: Work, actor: MemberId, group: GroupId, member: MemberId, reason: str) -> None:
    """Put somebody out, who may come back.

    Raises LegacyError: "conflict" if that is the actor, "not-allowed" if they rank higher.
    """
    _, own = rules.moderating(work.conn, actor, group)
    target = rules.neighbour(work.conn, group, member)
    if member == actor:
        raise LegacyError("conflict", "To go yourself, leave the group.")
    if target.affiliation > own.affiliation:
        raise LegacyError("not-allowed", f"{target.nick} ranks above you.")
    places.put(work.conn, replace(target, joined=False), work.now)
    work.tell(
        MemberLeft(
            group=group, id=member, how=Departure.KICKED, by=actor, reason=text.reason(reason)
        )
    )


def set_affiliation(
    work: Work,
    actor: MemberId,
    group: GroupId,
    member: MemberId,
    affiliation: Affiliation,
    reason: str,
) -> None:
    """Change the standing of anybody with an account.

    Admins decide on members and bans, owners on everything.

    Raises LegacyError: "conflict" if an actor would ban themselves, or the last owner would
    step down, "not-allowed" if the target ranks as high as an admin's.
    """
    row, own = rules.running(work.conn, actor, group, Affiliation.ADMIN)
    person = rules.someone(work.conn, member)
    before = places.find(work.conn, group, member) or Place(
        group=group, person=member, nick=person.name
    )
    reason = text.reason(reason)
    _check_affiliation(work, own, before, affiliation)
    if before.affiliation == affiliation:
        return
    if affiliation == Affiliation.OUTCAST:
        invitations.remove(work.conn, group, member)
    after = replace(before, affiliation=affiliation, granted=_kept(before.granted, affiliation))
    how = _ousted(row, affiliation)
    if before.joined and how is not None:
        places.put(work.conn, replace(after, joined=False), work.now)
        work.tell(MemberLeft(group=group, id=member, how=how, by=actor, reason=reason))
        return
    showing.put_and_tell(work, row, after, actor, reason)
    if not before.joined and row.config.members_only and affiliation >= Affiliation.MEMBER:
        invitations.put(work.conn, group, member, actor, reason, work.now)
        info = showing.group(work.conn, group)
        told = Invited(group=group, info=info, by=actor, by_name=own.nick, reason=reason)
        work.tell_person(person, told)


def _check_affiliation(work: Work, own: Place, target: Place, wanted: Affiliation) -> None:
    if target.person == own.person and wanted == Affiliation.OUTCAST:
        raise LegacyError("conflict", "You cannot ban yourself.")
    high = max(target.affiliation, wanted) >= Affiliation.ADMIN
    if high and own.affiliation < Affiliation.OWNER:
        raise LegacyError("not-allowed", "Only owners decide on admins and owners.")
    if target.affiliation == Affiliation.OWNER > wanted:
        everyone = places.neighbours(work.conn, target.group)
        if sum(one.place.affiliation == Affiliation.OWNER for one in everyone) == 1:
            raise LegacyError("conflict", "A group needs an owner: appoint another one first.")


def _kept(granted: Role | None, affiliation: Affiliation) -> Role | None:
    """What remains of a role given by hand: a new standing brings its own."""
    return granted if granted == Role.VISITOR and affiliation < Affiliation.ADMIN else None


def _ousted(row: GroupRow, affiliation: Affiliation) -> Departure | None:
    if affiliation == Affiliation.OUTCAST:
        return Departure.BANNED
    if row.config.members_only and affiliation < Affiliation.MEMBER:
        return Departure.REMOVED
    return None


def set_role(
    work: Work, actor: MemberId, group: GroupId, member: MemberId, role: Role, reason: str
) -> None:
    """Give or take a voice or the moderator's role; NONE is a kick.

    Raises LegacyError: "not-allowed" for owners and admins, who are moderators by standing, and
    for other moderators if the actor is no admin.
    """
    if role == Role.NONE:
        kick(work, actor, group, member, reason)
        return
    row, own = rules.moderating(work.conn, actor, group)
    target = rules.neighbour(work.conn, group, member)
    before = rules.role_of(target, row.config)
    if before == role:
        return
    if target.affiliation >= Affiliation.ADMIN:
        raise LegacyError("not-allowed", "Owners and admins are always moderators.")
    if Role.MODERATOR in (role, before) and own.affiliation < Affiliation.ADMIN:
        raise LegacyError("not-allowed", "Only owners and admins decide on moderators.")
    if target.affiliation > own.affiliation:
        raise LegacyError("not-allowed", f"{target.nick} ranks above you.")
    granted = None if role == rules.default_role(target.affiliation, row.config) else role
    after = replace(target, granted=granted)
    showing.put_and_tell(work, row, after, actor, text.reason(reason))
