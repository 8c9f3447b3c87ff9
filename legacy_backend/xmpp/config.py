"""How a room is set up, as a group's configuration; and changes of that, as its form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Literal, cast

from legacy_backend.terms import GroupKind, LegacyError, Role
from legacy_backend.values import GroupConfig
from legacy_backend.xmpp.muc import ConfigurationForm, RoomInfo

FIELDS = frozenset(
    {
        "name",
        "description",
        "public",
        "members_only",
        "moderated",
        "password",
        "max_users",
        "members_may_invite",
        "members_may_change_subject",
        "private_messages",
        "anonymous",
        "language",
        "shown_roles",
        "list_readers",
    }
)
"""What owners can change. Whether a room is logged is left alone: Prosody means its archive by
that, others a public page."""

_ATTRIBUTES = {
    "name": "roomname",
    "description": "roomdesc",
    "public": "publicroom",
    "members_only": "membersonly",
    "moderated": "moderatedroom",
    "members_may_invite": "allowinvites",
    "members_may_change_subject": "changesubject",
    "language": "lang",
}
"""Settings that the form has as they are."""

PRIVATE_MESSAGES = ("anyone", "participants", "moderators", "none")


def config_of(info: RoomInfo, form: ConfigurationForm | None) -> GroupConfig:
    """What a room tells everybody, or its owner if there is a `form`."""
    shown = _shown_to_all(info)
    if form is not None:
        shown |= {key: value for key, value in _shown_to_owners(form).items() if value is not None}
    return GroupConfig(**shown)


def kind_of(config: GroupConfig) -> GroupKind:
    if config.members_only:
        return GroupKind.PRIVATE
    return GroupKind.PUBLIC if config.anonymous is False else GroupKind.ANONYMOUS


def change(form: ConfigurationForm, changes: GroupConfig) -> None:
    """Put changes into a room's form.

    Raises LegacyError: "feature-not-implemented" if the room has no such setting,
    "not-acceptable" if it does not know the value.
    """
    for one in fields(changes):
        value = getattr(changes, one.name)
        if value is None:
            continue
        try:
            _write(form, one.name, value)
        except LookupError:
            raise LegacyError(
                "feature-not-implemented",
                f"This room's service has no such setting: {one.name.replace('_', ' ')}.",
            ) from None
        except ValueError as wrong:
            raise LegacyError("not-acceptable", f"The room does not know that: {wrong}.") from wrong


def _shown_to_all(info: RoomInfo) -> dict[str, Any]:
    told, form = info.features, info.form
    shown: dict[str, Any] = {
        "name": info.name,
        "public": "muc_public" in told or "muc_hidden" not in told,
        "members_only": "muc_membersonly" in told,
        "moderated": "muc_moderated" in told,
        "anonymous": "muc_nonanonymous" not in told,
    }
    if form is not None:
        shown |= {
            "description": form.description or "",
            "members_may_change_subject": form.subjectmod,
            "language": form.lang,
        }
    return shown


def _shown_to_owners(form: ConfigurationForm) -> dict[str, Any]:
    shown: dict[str, Any] = {
        key: getattr(form, attribute) for key, attribute in _ATTRIBUTES.items()
    }
    if form.whois is not None:
        shown["anonymous"] = form.whois != "anyone"
    if form.roomsecret is not None:
        is_asked = form.passwordprotectedroom is not False
        shown["password"] = form.roomsecret if is_asked else ""
    if form.maxusers is not None:
        shown["max_users"] = int(form.maxusers) if form.maxusers.isdecimal() else 0
    if form.allowpm in PRIVATE_MESSAGES:
        shown["private_messages"] = form.allowpm
    shown["shown_roles"] = _roles(form.presencebroadcast)
    shown["list_readers"] = _roles(form.getmemberlist)
    return shown


def _roles(words: Iterable[str] | None) -> frozenset[Role] | None:
    if words is None:
        return None
    known = {role.word: role for role in Role if role is not Role.NONE}
    return frozenset(known[word] for word in words if word in known)


def _write(form: ConfigurationForm, name: str, value: Any) -> None:
    """Raises LookupError if the form has no such field, ValueError if the value will not do."""
    match name:
        case "password":
            form.roomsecret = cast(str, value)
            if form.passwordprotectedroom is not None:
                form.passwordprotectedroom = bool(value)
        case "anonymous":
            form.whois = "moderators" if value else "anyone"
        case "max_users":
            form.maxusers = _capacity(form, cast(int, value))
        case "private_messages":
            form.allowpm = cast(Literal["anyone", "participants", "moderators", "none"], value)
        case "shown_roles":
            form.presencebroadcast = _words(value)
        case "list_readers":
            form.getmemberlist = _words(value)
        case "public_log" | "history_visible":
            raise LookupError(name)
        case _:
            setattr(form, _ATTRIBUTES[name], value)


def _capacity(form: ConfigurationForm, most: int) -> str:
    """How the form says that; services offer some numbers only, and then the next higher is it."""
    field = form.read("muc#roomconfig_maxusers")
    offered = [value for value, _ in field.options] if field is not None else []
    if most == 0:
        return next(
            (value for value in offered if not value.isdecimal()), "none" if offered else "0"
        )
    numbers = sorted(int(value) for value in offered if value.isdecimal())
    return str(next((number for number in numbers if number >= most), most))


def _words(roles: frozenset[Role]) -> tuple[str, ...]:
    return tuple(role.word for role in sorted(roles))
