"""How a group is set up: its settings, subject and picture."""

from __future__ import annotations

import re
from dataclasses import replace

from legacy_backend.events import Departure, GroupChanged, MemberLeft, SubjectChanged
from legacy_backend.terms import Affiliation, GroupId, LegacyError, MemberId, Role
from legacy_backend.values import GroupConfig, Picture, Subject
from legacy_backend.webchat import text
from legacy_backend.webchat.acts import rules, showing
from legacy_backend.webchat.settings import Settings
from legacy_backend.webchat.store import groups, places
from legacy_backend.webchat.store.groups import GroupRow
from legacy_backend.webchat.store.places import Place
from legacy_backend.webchat.work import Work

LONGEST_DESCRIPTION = 1000
LONGEST_SUBJECT = 300
LONGEST_PASSWORD = 100
MOST_USERS = 100_000

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_MAY_WHISPER = ("anyone", "participants", "moderators", "none")


def merged(settings: Settings, now: GroupConfig, changes: GroupConfig) -> GroupConfig:
    """`now` with what is not None in `changes`, cleaned.

    Raises LegacyError: "not-acceptable" if a value will not do.
    """
    given = {name: getattr(changes, name) for name in groups.CONFIG}
    wanted = {name: value for name, value in given.items() if value is not None}
    if changes.name is not None:
        wanted["name"] = text.line(changes.name, settings.max_group_name, "A group's name")
    if changes.description is not None:
        wanted["description"] = text.lines(
            changes.description, LONGEST_DESCRIPTION, "A description", empty=True
        )
    if changes.password is not None:
        wanted["password"] = text.line(changes.password, LONGEST_PASSWORD, "A password", empty=True)
    if changes.max_users is not None and not 0 <= changes.max_users <= MOST_USERS:
        raise LegacyError("not-acceptable", f"The limit of users is 0 (none) to {MOST_USERS}.")
    if changes.language and (
        len(changes.language) > 35 or not _LANGUAGE.fullmatch(changes.language)
    ):
        raise LegacyError("not-acceptable", "A language is a tag such as en or pt-BR.")
    if changes.private_messages is not None and changes.private_messages not in _MAY_WHISPER:
        raise LegacyError("not-acceptable", f"One of these: {', '.join(_MAY_WHISPER)}.")
    return replace(now, **wanted)


def set_config(work: Work, actor: MemberId, group: GroupId, changes: GroupConfig) -> None:
    """Change settings. Whoever has no standing in it is put out of what is for members only now."""
    row, _ = rules.running(work.conn, actor, group, Affiliation.OWNER)
    config = merged(work.settings, row.config, changes)
    if config == row.config:
        return
    groups.configure(work.conn, group, config)
    now = replace(row, config=config)
    here = [one.place for one in places.neighbours(work.conn, group) if one.place.joined]
    for place in here:
        if config.members_only and place.affiliation < Affiliation.MEMBER:
            places.put(work.conn, replace(place, joined=False), work.now)
            work.tell(MemberLeft(group=group, id=place.person, how=Departure.REMOVED, by=actor))
        elif _role_changes(row.config, config, place) or _sight_changes(work, row, config, place):
            showing.tell_changed(work, now, place, actor)
    work.tell(GroupChanged(group=group, info=showing.group(work.conn, group), by=actor))


def _role_changes(before: GroupConfig, after: GroupConfig, place: Place) -> bool:
    return rules.role_of(place, before) != rules.role_of(place, after)


def _sight_changes(work: Work, row: GroupRow, after: GroupConfig, place: Place) -> bool:
    """Whether a user of the gateway may read more now, or less; the page asks each time."""
    same = row.config.history_visible == after.history_visible
    if same and row.config.public_log == after.public_log:
        return False
    return rules.someone(work.conn, place.person).user is not None


def set_subject(work: Work, actor: MemberId, group: GroupId, subject: str) -> None:
    row, place = rules.inside(work.conn, actor, group)
    role = rules.role_of(place, row.config)
    if role < Role.MODERATOR and not _may_change_subject(row, role):
        raise LegacyError("forbidden", "Only moderators may change the subject.")
    clean = text.line(subject, LONGEST_SUBJECT, "A subject", empty=True)
    changed = Subject(text=clean, by=actor, by_name=place.nick, at=work.now)
    groups.set_subject(work.conn, group, changed)
    work.tell(SubjectChanged(group=group, subject=changed))


def _may_change_subject(row: GroupRow, role: Role) -> bool:
    return bool(row.config.members_may_change_subject) and role == Role.PARTICIPANT


def set_picture(work: Work, actor: MemberId, group: GroupId, picture: Picture | None) -> None:
    """Give the group a picture, which `pictures` has been through, or take it away."""
    rules.running(work.conn, actor, group, Affiliation.ADMIN)
    before = groups.picture(work.conn, group)
    if before == picture:
        return
    groups.set_picture(work.conn, group, picture)
    work.tell(GroupChanged(group=group, info=showing.group(work.conn, group), by=actor))
