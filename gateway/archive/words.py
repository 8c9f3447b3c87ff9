"""What a search looks for, and what a text holds of it: the same in every database.

A text becomes tokens at positions. Scripts that put spaces between words give words. The others
(Chinese, Japanese, Thai, …, and Korean, whose words carry their endings) give a token for each
character: it and the next one of its run, or it alone at the end of the run. So any piece of such
a run is found by the tokens of the piece, one after the other.

Case, accents and the many forms of a letter make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

MOST_CHARACTERS = 65_536
MOST_TOKENS = 16_383
"""Of one text: what is beyond is not found. PostgreSQL counts positions no further."""
LONGEST = 64
"""Characters of a token; of longer words only these count."""

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u0f00-\u109f"  # Tibetan, Myanmar
    "\u1100-\u11ff"  # Hangul in parts
    "\u1780-\u17ff"  # Khmer
    "\u1950-\u1aaf"  # Tai Le, New Tai Lue, Tai Tham
    "\u3005-\u3007\u3031-\u3035\u3040-\u30ff\u3100-\u318f\u31a0-\u31ff"  # Kana, Bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uf900-\ufaff"  # Han, Yi
    "\ua980-\ua9df\uaa00-\uaa7f"  # Javanese, Cham, Myanmar
    "\uac00-\ud7ff"  # Hangul
    "\U00020000-\U000323af"  # Han
)
_OFTEN_LEFT_OUT = re.compile(
    "[\u0300-\u036f"  # accents
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew points
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc"  # Arabic vowels, and the stretched line
    "\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]"  # what only governs how text is set
)
_ASCII = bytes(ord(chr(c).lower()) if c < 128 and chr(c).isalnum() else 32 for c in range(256))
"""What each ASCII character becomes: what parts words becomes a space."""
_QUERY = re.compile(r'"([^"]*)"(\*?)|(\S+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that follow one another; of the last one only the beginning if `open`."""

    tokens: tuple[str, ...]
    open: bool = False


Search = tuple[Phrase, ...]
"""What a text has to hold, all of it."""


def tokens(text: str) -> list[str]:
    """The tokens of a text, in order; none of them holds anything but letters and digits."""
    return _tokens(text[:MOST_CHARACTERS])[:MOST_TOKENS]


def parse(text: str) -> Search:
    """Words, "words in this order", begin* of words. Nothing in it can be wrong; what holds no
    letter and no digit is not looked for."""
    found = dict.fromkeys(
        phrase
        for quoted, star, word in _QUERY.findall(text)
        if (phrase := _phrase(quoted or word, bool(star) or (word or quoted).endswith("*")))
    )
    return tuple(found)


def _phrase(text: str, unfinished: bool) -> Phrase | None:
    found = _tokens(text)
    if not found:
        return None
    last = found[-1]
    if _is_unspaced(last):  # the run may go on in the text
        if len(found) > 1 and len(found[-2]) == 2 and found[-2].endswith(last):
            return Phrase(tuple(found[:-1]))
        return Phrase(tuple(found), open=True)
    return Phrase(tuple(found), open=unfinished)


def _tokens(text: str) -> list[str]:
    if text.isascii():
        found = text.encode().translate(_ASCII).decode().split()
        return found if len(text) <= LONGEST else [word[:LONGEST] for word in found]
    return list(_of_runs(_folded(text)))


def _of_runs(text: str) -> Iterator[str]:
    for run, word in _runs().findall(text):
        if word:
            yield word[:LONGEST]
        else:
            for i in range(len(run)):
                yield run[i : i + 2]


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFKC", _OFTEN_LEFT_OUT.sub("", apart).casefold())


def _is_unspaced(token: str) -> bool:
    return len(token) <= 2 and re.match(f"[{_UNSPACED}]", token) is not None


@cache
def _runs() -> re.Pattern[str]:
    """Runs of an unspaced script, and words; the marks on letters belong to them."""
    letter = rf"[^\W_]|[{_marks()}]"
    return re.compile(rf"((?:(?=[{_UNSPACED}])(?:{letter}))+)|((?:(?![{_UNSPACED}])(?:{letter}))+)")


def _marks() -> str:
    """What is written on or beside letters, as ranges: `re` does not count it among them."""
    ranges: list[list[int]] = []
    for code in (*range(0x300, 0x20000), *range(0xE0100, 0xE01F0)):
        if unicodedata.category(chr(code))[0] != "M":
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
