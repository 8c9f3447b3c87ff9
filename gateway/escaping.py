"""Ids as localparts of addresses, and back (XEP-0106)."""

from __future__ import annotations

import re

SEQUENCES = {
    " ": r"\20",
    '"': r"\22",
    "&": r"\26",
    "'": r"\27",
    "/": r"\2f",
    ":": r"\3a",
    "<": r"\3c",
    ">": r"\3e",
    "@": r"\40",
    "\\": r"\5c",
}
CHARACTERS = {sequence: character for character, sequence in SEQUENCES.items()}

_TO_ESCAPE = re.compile(r"""[ "&'/:<>@]|\\(?=20|22|26|27|2f|3a|3c|3e|40|5c)""")
_ESCAPED = re.compile(r"\\(?:20|22|26|27|2f|3a|3c|3e|40|5c)")


def escape(text: str) -> str:
    """`text` with what no localpart may have written as a sequence.

    A backslash is escaped only where it would begin a sequence (§4.2). Spaces at either end become
    sequences too, which servers refuse (§3): who gives out addresses has to find another then.
    """
    return _TO_ESCAPE.sub(lambda found: SEQUENCES[found[0]], text)


def unescape(localpart: str) -> str:
    """What `escape` was given. Other sequences stay as they are (§4.3)."""
    return _ESCAPED.sub(lambda found: CHARACTERS[found[0]], localpart)
