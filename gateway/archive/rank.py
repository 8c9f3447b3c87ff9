"""How well a text answers a search."""

from __future__ import annotations

from gateway.archive.words import Phrase, Search, tokens

_USUAL_LENGTH = 10


def rank(text: str, search: Search) -> float:
    """The greater, the more of the text is what was searched for; 0 if nothing is."""
    said = tokens(text)
    times = sum(_times(said, phrase) for phrase in search)
    return times / (len(said) + _USUAL_LENGTH)


def _times(said: list[str], phrase: Phrase) -> int:
    *first, last = phrase.tokens
    length = len(first)
    ends = (i for i in range(length, len(said)) if said[i - length : i] == first)
    return sum(said[i] == last or (phrase.open and said[i].startswith(last)) for i in ends)
