"""Becoming a member: at once where anybody may enter, else by asking and being answered."""

from __future__ import annotations

from dataclasses import replace

from legacy_backend.events import MembershipRequested
from legacy_backend.terms import Affiliation, GroupId, LegacyError, MemberId
from legacy_backend.webchat import text
from legacy_backend.webchat.acts import rules, showing, standing
from legacy_backend.webchat.happenings import Happening
from legacy_backend.webchat.store import places, requests
from legacy_backend.webchat.store.places import Place
from legacy_backend.webchat.work import Work


def enrol(work: Work, actor: MemberId, group: GroupId) -> None:
    """Make a member of somebody who is in an open group; no change if they are one.

    Raises LegacyError "registration-required" if the group is for members only.
    """
    row, place = rules.inside(work.conn, actor, group)
    if place.affiliation >= Affiliation.MEMBER:
        return
    if row.config.members_only:
        raise LegacyError("registration-required", "Ask those who run this group.")
    showing.put_and_tell(work, row, replace(place, affiliation=Affiliation.MEMBER), actor)


def request(work: Work, actor: MemberId, group: GroupId, name: str) -> None:
    """Ask those who run a group; nothing more if that is under way.

    Raises LegacyError: "item-not-found" if the actor may not know of the group, "forbidden" if
    banned, "conflict" if a member already, or if the name is somebody else's.
    """
    row = rules.existing(work.conn, group)
    person = rules.someone(work.conn, actor)
    place = places.find(work.conn, group, actor)
    if not (row.config.public or rules.may_know(work.conn, actor, row, place)):
        raise LegacyError("item-not-found", "There is no such group.")
    place = place or Place(group=group, person=actor, nick=person.name)
    if place.affiliation == Affiliation.OUTCAST:
        raise LegacyError("forbidden", "You are banned from this group.")
    if place.affiliation >= Affiliation.MEMBER:
        raise LegacyError("conflict", "You are a member of this group.")
    wish = text.line(name or person.name, text.LONGEST_NAME, "A name")
    if places.nick_taken(work.conn, group, wish, by_other_than=actor):
        raise LegacyError("conflict", "Somebody there is called that.")
    if requests.find(work.conn, group, actor) == wish:
        return
    requests.put(work.conn, group, actor, wish)
    asking = showing.member(person, replace(place, nick=wish), row.config, work.is_online)
    admins = frozenset(
        one.person.id
        for one in places.neighbours(work.conn, group)
        if one.place.affiliation >= Affiliation.ADMIN
    )
    work.told.append(Happening(MembershipRequested(group=group, member=asking), admins))


def answer(work: Work, actor: MemberId, group: GroupId, member: MemberId, accept: bool) -> None:
    """Make a member of somebody who asked, who is then invited; or forget that they did.

    Raises LegacyError: "item-not-found" if they have not asked.
    """
    rules.running(work.conn, actor, group, Affiliation.ADMIN)
    name = requests.find(work.conn, group, member)
    if name is None:
        raise LegacyError("item-not-found", "They have not asked, or have their answer.")
    requests.remove(work.conn, group, member)
    if not accept:
        return
    place = places.find(work.conn, group, member)
    place = replace(place, nick=name) if place else Place(group=group, person=member, nick=name)
    places.put(work.conn, place, work.now)
    standing.set_affiliation(work, actor, group, member, Affiliation.MEMBER, "")
