"""The fields of the configuration form (XEP-0045 §16.5.3), and where each lives in a RoomConfig."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import Refused

PREFIX = "muc#roomconfig_"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form: its name there, the setting it stands for, how it is written."""

    var: str
    setting: str
    label: str
    type: str
    options: tuple[tuple[str, str], ...] = ()

    def written(self, value: Any) -> str:
        """A setting's value as the form has it."""
        if self.type == "boolean":
            return "1" if value else "0"
        if self.setting == "max_users":
            return str(value) if value else "none"
        if self.setting == "anonymous":
            return "moderators" if value else "anyone"
        return str(value)

    def read(self, values: Sequence[str]) -> Any:
        """A setting's value from what was filled in.

        Raises Refused "not-acceptable" for what is none.
        """
        text = values[0] if values else ""
        if self.type == "boolean":
            if text not in ("0", "1", "true", "false", ""):
                raise self._refused(text)
            return text in ("1", "true")
        if self.setting == "max_users":
            if text in ("none", "", "0"):
                return 0
            if not text.isdecimal() or len(text) > 6:
                raise self._refused(text)
            return int(text)
        if self.setting == "history_max":
            if not text.isdecimal() or len(text) > 6:
                raise self._refused(text)
            return int(text)
        if self.options and text not in (option for option, _ in self.options):
            raise self._refused(text)
        return text == "moderators" if self.setting == "anonymous" else text

    def _refused(self, text: str) -> Refused:
        return Refused("not-acceptable", f"{self.var} cannot be {text!r}.", "modify")


_ALLOW_PM = (
    ("anyone", "Anyone"),
    ("participants", "Those with a voice"),
    ("moderators", "Moderators"),
    ("none", "Nobody"),
)
_WHOIS = (("anyone", "Anyone"), ("moderators", "Moderators only"))
_MAX_USERS = tuple((n, n) for n in ("10", "20", "50", "100", "200", "500", "1000"))

FIELDS = (
    Field(f"{PREFIX}roomname", "name", "Name of the room", "text-single"),
    Field(f"{PREFIX}roomdesc", "description", "Description of the room", "text-single"),
    Field(f"{PREFIX}lang", "language", "Language of the room", "text-single"),
    Field(f"{PREFIX}changesubject", "members_may_change_subject",
          "Participants may change the subject", "boolean"),
    Field(f"{PREFIX}allowinvites", "members_may_invite", "Members may invite", "boolean"),
    Field(f"{PREFIX}allowpm", "private_messages", "Who may write private messages",
          "list-single", _ALLOW_PM),
    Field(f"{PREFIX}maxusers", "max_users", "Most occupants", "list-single",
          (*_MAX_USERS, ("none", "No limit"))),
    Field(f"{PREFIX}publicroom", "public", "Listed for everyone", "boolean"),
    Field(f"{PREFIX}moderatedroom", "moderated", "Only those with a voice may speak", "boolean"),
    Field(f"{PREFIX}membersonly", "members_only", "For members only", "boolean"),
    Field(f"{PREFIX}roomsecret", "password", "Password, empty for none", "text-private"),
    Field(f"{PREFIX}whois", "anonymous", "Who may see real addresses", "list-single", _WHOIS),
    Field("muc#maxhistoryfetch", "history_max", "Most messages replayed on joining",
          "text-single"),
)  # fmt: skip

LOCAL = frozenset({"history_max"})
"""Settings of the room here, of which the network knows nothing."""
