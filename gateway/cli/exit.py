"""What the number means with which `sluice` ends."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, each with its words for `sluice --help`."""

    words: str

    def __new__(cls, code: int, words: str) -> Exit:
        """An int that also knows what it means."""
        own = int.__new__(cls, code)
        own._value_ = code
        own.words = words
        return own

    FINE = 0, "done"
    FAILURE = 1, "it could not be done; the standard error output says why"
    CONFIGURATION = 2, "the command line or the configuration is wrong"
    DATABASE = 3, "the database cannot be opened, is newer than this program, or is full"
    INTERRUPTED = 130, "ended from the keyboard"


def explained() -> str:
    """The table of exit codes."""
    return "\n".join(["exit codes:", *(f"  {code.value:>3}  {code.words}" for code in Exit)])
