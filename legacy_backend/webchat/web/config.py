"""A group's settings in a request."""

from __future__ import annotations

from typing import Any

from legacy_backend.terms import LegacyError, Role
from legacy_backend.values import GroupConfig
from legacy_backend.webchat.store.groups import CONFIG, DEFAULTS, ROLES
from legacy_backend.webchat.web.asked import Asked


def read_config(wish: Asked) -> GroupConfig:
    """The settings that are given, those that are not left None.

    Raises LegacyError: "not-acceptable" if one is of another type than its default.
    """
    given: dict[str, Any] = {}
    for name in CONFIG:
        value = wish.fields.get(name)
        if value is None:
            continue
        if name in ROLES:
            given[name] = _roles(name, wish.texts(name))
            continue
        wanted = type(getattr(DEFAULTS, name))
        if type(value) is not wanted:
            raise LegacyError("not-acceptable", f"{name} has to be of type {wanted.__name__}.")
        given[name] = value
    return GroupConfig(**given)


def _roles(name: str, words: list[str]) -> frozenset[Role]:
    known = {role.word: role for role in (Role.VISITOR, Role.PARTICIPANT, Role.MODERATOR)}
    if not known.keys() >= set(words):
        raise LegacyError("not-acceptable", f"{name} has to be some of: {', '.join(known)}.")
    return frozenset(known[word] for word in words)
