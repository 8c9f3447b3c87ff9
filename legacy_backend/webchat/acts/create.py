"""Making a group."""

from __future__ import annotations

import secrets
from dataclasses import replace

import sqlalchemy as sa

from legacy_backend.events import GroupAdded
from legacy_backend.terms import Affiliation, GroupId, LegacyError, MemberId
from legacy_backend.values import Group, GroupConfig
from legacy_backend.webchat import text
from legacy_backend.webchat.acts import rules, showing
from legacy_backend.webchat.acts.configure import merged
from legacy_backend.webchat.acts.join import enter
from legacy_backend.webchat.happenings import Happening
from legacy_backend.webchat.store import groups
from legacy_backend.webchat.store.places import Place
from legacy_backend.webchat.work import Work


def create(work: Work, actor: MemberId, id_hint: str, config: GroupConfig, nick: str = "") -> Group:
    """Make a group of which the actor is the owner, its settings the defaults but for `config`.

    Without a hint the name makes the id, with something added where it has to be; without a
    name the hint makes that.

    Raises LegacyError: "conflict" if a group has the id that was hinted at.
    """
    person = rules.someone(work.conn, actor)
    wish = text.slug(id_hint)
    if id_hint and not wish:
        raise LegacyError("not-acceptable", "An id is made of letters and digits.")
    if not config.name:
        config = replace(config, name=id_hint[: work.settings.max_group_name])
    complete = merged(work.settings, groups.DEFAULTS, config)
    id = GroupId(wish) if wish else _free_id(work.conn, text.slug(complete.name or ""))
    if groups.find(work.conn, id) is not None:
        raise LegacyError("conflict", "There is a group with this id.")
    groups.add(work.conn, id, complete, work.now)
    added = len(work.told)
    place = Place(group=id, person=actor, nick=person.name, affiliation=Affiliation.OWNER)
    enter(work, rules.existing(work.conn, id), person, place, nick)
    info = showing.group(work.conn, id)
    news = Happening(GroupAdded(group=id, info=info), frozenset({actor}))
    work.told.insert(added, news)  # a group is heard of before those in it
    return info


def _free_id(conn: sa.Connection, wish: str) -> GroupId:
    id = GroupId(wish[:48] or secrets.token_hex(4))
    while groups.find(conn, id) is not None:
        id = GroupId(f"{wish[:48]}-{secrets.token_hex(3)}")
    return id
