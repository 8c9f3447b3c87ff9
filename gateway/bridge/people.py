"""Members and settings of a backend's groups, as rooms have them."""

from __future__ import annotations

import hashlib
from typing import Any

from gateway.group.found import Found
from gateway.render.xml import bearable
from gateway.room.people import Person
from gateway.room.state import Hat, OccupantId, RoomConfig
from legacy_backend import Group, GroupConfig, GroupKind, Member
from legacy_backend.values import Listed

RESOURCE = "sluice"
"""The resource of contact JIDs, constant as the network has none (XEP-0045 §17.3)."""

SETTINGS = {
    "name": "name",
    "description": "description",
    "public": "public",
    "members_only": "members_only",
    "moderated": "moderated",
    "password": "password",
    "max_users": "max_users",
    "members_may_invite": "members_may_invite",
    "members_may_change_subject": "members_may_change_subject",
    "private_messages": "private_messages",
    "anonymous": "anonymous",
    "language": "language",
    "public_log": "public_log",
    "history_visible": "history_visible",
    "shown_roles": "shown_roles",
    "list_readers": "list_readers",
}
"""The fields of GroupConfig, and of RoomConfig. They are called the same, but need not be."""


LONGEST = 10_000
"""Characters of a name or a description."""


def person_of(member: Member, occupant_id: OccupantId, jid: str) -> Person:
    """A member as the room's rules take them; `jid` is the bare one of their contact."""
    photo = member.photo or None
    if member.picture is not None:
        photo = hashlib.sha1(member.picture.data, usedforsecurity=False).hexdigest()
    return Person(
        member=member.id,
        id=occupant_id,
        name=member.name,
        affiliation=member.affiliation,
        role=member.role,
        user=member.user,
        jid=f"{jid}/{RESOURCE}",
        present=member.present,
        show=member.show,
        status=member.status,
        hats=tuple(Hat(hat.uri, hat.title, hat.hue) for hat in member.hats),
        photo=photo,
        sees=member.sees,
    )


def config_of(group: Group, present: RoomConfig) -> RoomConfig:
    """How a room is set up whose group is set up so. What the network has no word on follows from
    the kind of group; what is the room's own stays."""
    private = group.kind is GroupKind.PRIVATE
    told: dict[str, Any] = {
        "public": not private,
        "members_only": private,
        "anonymous": group.kind is GroupKind.ANONYMOUS,
        "log_url": bearable(group.log_url, LONGEST),
        "history_max": present.history_max,
        "forward_mentions": present.forward_mentions,
        "pubsub": present.pubsub,
    }
    for theirs, ours in SETTINGS.items():
        value = getattr(group.config, theirs)
        if value is not None:
            told[ours] = bearable(value, LONGEST) if isinstance(value, str) else value
    return RoomConfig(**told)


def found_of(listed: Listed, address: str) -> Found:
    """A group of the network's directory as a room that may be found."""
    return Found(
        address=address,
        name=bearable(listed.name, LONGEST),
        description=bearable(listed.description, LONGEST),
        language=next(iter(listed.languages), ""),
        users=listed.member_count,
        is_open=listed.kind is not GroupKind.PRIVATE,
        anonymous=listed.kind is GroupKind.ANONYMOUS,
    )


def changes_of(changes: dict[str, Any]) -> GroupConfig:
    """Changed settings of a room as the network is asked for them."""
    names = {ours: theirs for theirs, ours in SETTINGS.items()}
    return GroupConfig(**{names[ours]: value for ours, value in changes.items()})


def shown_settings(config: GroupConfig) -> frozenset[str]:
    """The settings that a network has."""
    return frozenset(o for t, o in SETTINGS.items() if getattr(config, t) is not None)
