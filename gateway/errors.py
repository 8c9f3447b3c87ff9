"""Everything Sluice raises on purpose.

SluiceError
├── Refused           a rule says no: a stanza error to the sender, nothing to anyone else
│   └── NotInArchive  a page was asked from an id never given out; always item-not-found
├── ConfigError       keys, their lines, what they want: printed by `sluice check`, exit code 2
└── DatabaseError     cannot be opened, is newer than the program, or is full: for the operator

LegacyError, in legacy_backend, is the network's no and is answered like Refused.
Anything else is a bug: logged with its stanza, answered internal-server-error, never fatal.
"""

from __future__ import annotations

from collections.abc import Sequence


class SluiceError(Exception):
    """The root of all that is raised on purpose."""


class Refused(SluiceError):
    """A rule says no.

    `condition` is one of RFC 6120 §8.3.3; `text` is for the one who asked; `type` is the error
    type of §8.3.2 where it is another than the condition's usual one; `detail` is XML that an
    extension has besides (§8.3.4).
    """

    def __init__(self, condition: str, text: str = "", type: str = "", detail: str = "") -> None:
        super().__init__(f"{condition}: {text}" if text else condition)
        self.condition = condition
        self.text = text
        self.type = type
        self.detail = detail


class NotInArchive(Refused):
    """No entry has the id from which a page was asked (XEP-0313 §4.3.2)."""

    def __init__(self, stanza_id: str) -> None:
        super().__init__("item-not-found", f"The archive has no message with the id {stanza_id}.")


class ConfigError(SluiceError):
    """A configuration will not do. `problems` are all that is wrong with it, in file order."""

    def __init__(self, problems: Sequence[object]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


DATABASE_AWAY = "The gateway cannot store or look up anything just now. Try again later."
"""What users are told of a DatabaseError: its own text is for those who run the gateway."""


class DatabaseError(SluiceError):
    """The database will not do; the message says why, and what can be done."""
