"""What people type, made safe to store, to show and to put into XML."""

from __future__ import annotations

import re
import unicodedata

from legacy_backend.terms import LegacyError

LONGEST_NAME = 40
"""Of a person, in characters."""

LONGEST_REASON = 300
"""For a kick, an invitation and so on, in characters."""

# Besides control characters: what hides or reorders its neighbours in a name, and what no XML
# document may hold. The zero-width joiner stays: emojis are made with it.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff"
    "\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
_SPACE = re.compile(r"\s+")
_NOT_IN_ID = re.compile(r"[^\w.-]+")


def line(text: str, longest: int, what: str, *, empty: bool = False) -> str:
    """`text` as one line without harmful characters.

    Raises LegacyError: "not-acceptable" if it is longer than `longest` characters, or nothing
    is left of it and it may not be `empty`. `what` begins the sentence that says so.
    """
    clean = _SPACE.sub(" ", _HARMFUL.sub("", unicodedata.normalize("NFC", text))).strip()
    return _sized(clean, longest, what, empty)


def lines(text: str, longest: int, what: str, *, empty: bool = False) -> str:
    """Like `line`, but line breaks, tabs and leading spaces stay."""
    clean = text.replace("\r\n", "\n").replace("\r", "\n")
    clean = _HARMFUL.sub("", unicodedata.normalize("NFC", clean)).rstrip().strip("\n")
    return _sized(clean, longest, what, empty)


def _sized(text: str, longest: int, what: str, empty: bool) -> str:
    if len(text) > longest:
        raise LegacyError("not-acceptable", f"{what} may have at most {longest} characters.")
    if not text and not empty:
        raise LegacyError("not-acceptable", f"{what} may not be empty.")
    return text


def key(name: str) -> str:
    """What two names have in common that people would confuse."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def slug(text: str) -> str:
    """`text` as an id that needs no quoting: letters, digits, ".", "_" and "-"; "" if none."""
    clean = unicodedata.normalize("NFC", _HARMFUL.sub("", text))
    return _NOT_IN_ID.sub("-", clean).strip("-.")[:64]


def reason(given: str) -> str:
    """Why somebody does something, "" if they do not say."""
    return line(given, LONGEST_REASON, "A reason", empty=True)
