"""The fields of the configuration form (XEP-0045 §16.5.3), and where each lives in a RoomConfig."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import Refused
from legacy_backend.terms import Role

PREFIX = "muc#roomconfig_"

LONGEST_ADDRESS = 3071
"""Characters of what may be an address with its resource (RFC 7622 §3.1)."""

Options = tuple[tuple[str, str], ...]
"""The values that one chooses from, each with its label."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How a setting's value is written in a form. `read` raises ValueError for what is none."""

    write: Callable[[Any], list[str]]
    read: Callable[[Sequence[str]], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form: its name there, the setting it stands for, how it is written."""

    var: str
    setting: str
    label: str
    type: str
    writing: Writing
    options: Options = ()

    def written(self, value: Any) -> list[str]:
        """A setting's value as the form has it."""
        return self.writing.write(value)

    def read(self, values: Sequence[str]) -> Any:
        """A setting's value from what was filled in.

        Raises Refused "not-acceptable" for what is none.
        """
        try:
            return self.writing.read(values)
        except ValueError:
            wrong = ", ".join(values)[:100]
            raise Refused("not-acceptable", f"{self.var} cannot be {wrong!r}.", "modify") from None


def _first(values: Sequence[str]) -> str:
    return values[0] if values else ""


def _flag(values: Sequence[str]) -> bool:
    text = _first(values)
    if text not in ("0", "1", "true", "false", ""):
        raise ValueError
    return text in ("1", "true")


def _number(values: Sequence[str]) -> int:
    text = _first(values)
    if not text.isdecimal() or len(text) > 6:
        raise ValueError
    return int(text)


def _limit(values: Sequence[str]) -> int:
    return 0 if _first(values) in ("none", "") else _number(values)


def _one_of(options: Options) -> Callable[[Sequence[str]], str]:
    known = [value for value, _ in options]
    return lambda values: known[known.index(_first(values))]


def _roles(values: Sequence[str]) -> frozenset[Role]:
    known = {value: Role[value.upper()] for value, _ in _ROLES}
    if not known.keys() >= set(values):
        raise ValueError
    return frozenset(known[value] for value in values)


def _uri(values: Sequence[str]) -> str:
    text = _first(values).strip()
    if text and not (text.startswith("xmpp:") and len(text) <= LONGEST_ADDRESS):
        raise ValueError
    return text


_ALLOW_PM = (
    ("anyone", "Anyone"),
    ("participants", "Those with a voice"),
    ("moderators", "Moderators"),
    ("none", "Nobody"),
)
_WHOIS = (("anyone", "Anyone"), ("moderators", "Moderators only"))
_MAX_USERS = (
    *((n, n) for n in ("10", "20", "50", "100", "200", "500", "1000")),
    ("none", "No limit"),
)
_ROLES = (
    ("moderator", "Moderators"),
    ("participant", "Those with a voice"),
    ("visitor", "Those without a voice"),
)

TEXT = Writing(lambda value: [str(value)], _first)
FLAG = Writing(lambda value: ["1" if value else "0"], _flag)
NUMBER = Writing(lambda value: [str(value)], _number)
LIMIT = Writing(lambda value: [str(value) if value else "none"], _limit)
WHISPERS = Writing(lambda value: [value], _one_of(_ALLOW_PM))
WHOIS = Writing(
    lambda anonymous: ["moderators" if anonymous else "anyone"],
    lambda values: _one_of(_WHOIS)(values) == "moderators",
)
ROLES = Writing(lambda roles: [role.word for role in sorted(roles, reverse=True)], _roles)
URI = Writing(lambda value: [value], _uri)

FIELDS = (
    Field(f"{PREFIX}roomname", "name", "Name of the room", "text-single", TEXT),
    Field(f"{PREFIX}roomdesc", "description", "Description of the room", "text-single", TEXT),
    Field(f"{PREFIX}lang", "language", "Language of the room", "text-single", TEXT),
    Field(f"{PREFIX}enablelogging", "public_log", "Anybody may read what is said", "boolean", FLAG),
    Field("x-historyvisible", "history_visible",
          "Who comes later may read what was said before", "boolean", FLAG),
    Field(f"{PREFIX}changesubject", "members_may_change_subject",
          "Participants may change the subject", "boolean", FLAG),
    Field(f"{PREFIX}allowinvites", "members_may_invite", "Members may invite", "boolean", FLAG),
    Field(f"{PREFIX}allowpm", "private_messages", "Who may write private messages",
          "list-single", WHISPERS, _ALLOW_PM),
    Field(f"{PREFIX}maxusers", "max_users", "Most occupants", "list-single", LIMIT, _MAX_USERS),
    Field(f"{PREFIX}presencebroadcast", "shown_roles", "Whose presence is shown to the others",
          "list-multi", ROLES, _ROLES),
    Field(f"{PREFIX}getmemberlist", "list_readers", "Who may read the list of members",
          "list-multi", ROLES, _ROLES),
    Field(f"{PREFIX}publicroom", "public", "Listed for everyone", "boolean", FLAG),
    Field(f"{PREFIX}moderatedroom", "moderated", "Only those with a voice may speak",
          "boolean", FLAG),
    Field(f"{PREFIX}membersonly", "members_only", "For members only", "boolean", FLAG),
    Field(f"{PREFIX}roomsecret", "password", "Password, empty for none", "text-private", TEXT),
    Field(f"{PREFIX}whois", "anonymous", "Who may see real addresses", "list-single",
          WHOIS, _WHOIS),
    Field("muc#maxhistoryfetch", "history_max", "Most messages replayed on joining",
          "text-single", NUMBER),
    Field(f"{PREFIX}forwardmentions", "forward_mentions",
          "Forward what mentions members who are not here", "boolean", FLAG),
    Field(f"{PREFIX}pubsub", "pubsub", "Address of a node that belongs to the room, as xmpp: URI",
          "text-single", URI),
)  # fmt: skip

LOCAL = frozenset({"forward_mentions", "history_max", "pubsub"})
"""Settings of the room here, of which the network knows nothing."""
