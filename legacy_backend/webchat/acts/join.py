"""Entering a group and leaving it."""

from __future__ import annotations

from dataclasses import replace

from legacy_backend.events import GroupAdded, MemberJoined, MemberLeft
from legacy_backend.terms import Affiliation, GroupId, LegacyError, MemberId, Role
from legacy_backend.values import Group
from legacy_backend.webchat import text
from legacy_backend.webchat.acts import rules, showing
from legacy_backend.webchat.happenings import InvitationGone
from legacy_backend.webchat.store import invitations, places, requests
from legacy_backend.webchat.store.groups import GroupRow
from legacy_backend.webchat.store.people import Person
from legacy_backend.webchat.store.places import Place
from legacy_backend.webchat.text import LONGEST_NAME
from legacy_backend.webchat.work import Work


def join(work: Work, actor: MemberId, group: GroupId, password: str = "", nick: str = "") -> Group:
    """Enter a group, called `nick` there if that is free; no change if already in it.

    An invitation opens what is for members only, and takes the place of the password.
    """
    row = rules.existing(work.conn, group)
    person = rules.someone(work.conn, actor)
    place = places.find(work.conn, group, actor)
    if place is None:
        place = Place(group=group, person=actor, nick=person.name)
    if place.joined:
        return showing.group(work.conn, group)
    invited = bool(invitations.of(work.conn, actor, group))
    _admit(work, row, place, password, invited)
    if invited:
        invitations.remove(work.conn, group, actor)
        work.tell_browsers(InvitationGone(group=group), actor)
        if row.config.members_only:
            place = replace(place, affiliation=max(place.affiliation, Affiliation.MEMBER))
    enter(work, row, person, place, nick)
    info = showing.group(work.conn, group)
    work.tell_person(person, GroupAdded(group=group, info=info))
    return info


def _admit(work: Work, row: GroupRow, place: Place, password: str, invited: bool) -> None:
    config = row.config
    if place.affiliation == Affiliation.OUTCAST:
        raise LegacyError("forbidden", "You are banned from this group.")
    if place.affiliation >= Affiliation.ADMIN:
        return
    if config.members_only and place.affiliation < Affiliation.MEMBER and not invited:
        raise LegacyError("registration-required", "This group is for members only.")
    if config.password and password != config.password and not invited:
        raise LegacyError("not-authorized", "This group wants a password.")
    if config.max_users and places.count(work.conn, row.id) >= config.max_users:
        raise LegacyError("service-unavailable", "This group is full.")


def enter(work: Work, row: GroupRow, person: Person, place: Place, nick: str) -> None:
    """Put a person into a group, where they have read all there is."""
    wish = text.line(nick, LONGEST_NAME, "A name") if nick else place.nick
    granted = place.granted if place.granted == Role.VISITOR else None
    place = replace(
        place,
        nick=free_nick(work, row.id, place.person, wish),
        granted=granted,
        joined=True,
        read_seq=row.last_seq,
    )
    places.put(work.conn, place, work.now)
    requests.remove(work.conn, row.id, place.person)
    joined = showing.neighbour(work, row, person, place)
    work.tell(MemberJoined(group=row.id, member=joined))


def free_nick(work: Work, group: GroupId, person: MemberId, wish: str) -> str:
    """`wish` if nobody else in the group is called that, else with a number."""
    nick, number = wish, 1
    while places.nick_taken(work.conn, group, nick, by_other_than=person):
        number += 1
        nick = f"{wish}-{number}"
    return nick


def leave(work: Work, actor: MemberId, group: GroupId) -> None:
    """Leave a group. Owners and admins stay that, so that no group is left to nobody."""
    _, place = rules.inside(work.conn, actor, group)
    kept = place.affiliation if place.affiliation >= Affiliation.ADMIN else Affiliation.NONE
    places.put(work.conn, replace(place, joined=False, affiliation=kept), work.now)
    work.tell(MemberLeft(group=group, id=actor))


def change_nick(work: Work, actor: MemberId, group: GroupId, nick: str) -> str:
    """Be called otherwise in one group; returns the name, cleaned.

    Raises LegacyError: "conflict" if somebody there is called that.
    """
    row, place = rules.inside(work.conn, actor, group)
    clean = text.line(nick, LONGEST_NAME, "A name")
    if clean == place.nick:
        return clean
    if places.nick_taken(work.conn, group, clean, by_other_than=actor):
        raise LegacyError("conflict", "Somebody here is called that.")
    showing.put_and_tell(work, row, replace(place, nick=clean), actor)
    return clean


def rename(work: Work, actor: MemberId, group: GroupId, member: MemberId, nick: str) -> str:
    """Call somebody else otherwise in one group, "" by the name of their account; returns the name.

    Raises LegacyError: "not-allowed" if they rank higher, "conflict" if somebody there is called
    that.
    """
    row, own = rules.running(work.conn, actor, group, Affiliation.ADMIN)
    target = rules.neighbour(work.conn, group, member)
    if target.affiliation > own.affiliation:
        raise LegacyError("not-allowed", f"{target.nick} ranks above you.")
    if nick:
        clean = text.line(nick, LONGEST_NAME, "A name")
        if places.nick_taken(work.conn, group, clean, by_other_than=member):
            raise LegacyError("conflict", "Somebody here is called that.")
    else:
        clean = free_nick(work, group, member, rules.someone(work.conn, member).name)
    if clean != target.nick:
        showing.put_and_tell(work, row, replace(target, nick=clean), actor)
    return clean
