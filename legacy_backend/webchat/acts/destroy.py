"""Doing away with a group."""

from __future__ import annotations

from legacy_backend.events import GroupDestroyed
from legacy_backend.terms import Affiliation, GroupId, MemberId
from legacy_backend.webchat import text
from legacy_backend.webchat.acts import rules
from legacy_backend.webchat.store import groups
from legacy_backend.webchat.work import Work


def destroy(work: Work, actor: MemberId, group: GroupId, reason: str) -> None:
    rules.running(work.conn, actor, group, Affiliation.OWNER)
    take_down(work, group, text.reason(reason))


def take_down(work: Work, group: GroupId, reason: str) -> None:
    """Destroy a group, whoever it is that wants it."""
    groups.remove(work.conn, group)
    work.tell(GroupDestroyed(group=group, reason=reason))
