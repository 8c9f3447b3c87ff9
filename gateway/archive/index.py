"""The index of words: kept in the transaction of the entries, asked for places in their order.

Texts are indexed as `words.tokens` has them, with a token for the author, so that what somebody
said is found without looking at what all others did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple, Protocol

import sqlalchemy as sa

from gateway.archive import fts5, gin
from gateway.archive.words import Phrase, Search, tokens


class Text(NamedTuple):
    """What an entry says."""

    room: int
    seq: int
    author: str
    body: str


class Indexed(NamedTuple):
    """A text as it stands in the index."""

    room: int
    seq: int
    tokens: list[str]


class Index(Protocol):
    """What either database does in its own way. Places are `seq`s, bounds are exclusive."""

    def add(self, conn: sa.Connection, texts: Sequence[Indexed]) -> None: ...

    def remove(self, conn: sa.Connection, texts: Sequence[Indexed]) -> None: ...

    def find(
        self, conn: sa.Connection, room: int, search: Search, within: Within, limit: int
    ) -> list[int]: ...


class Within(NamedTuple):
    """Where to look, both bounds exclusive, and from which end."""

    low: int
    high: int
    backwards: bool

    def behind(self, place: int) -> Within:
        """What is left to look through after this place."""
        return self._replace(high=place) if self.backwards else self._replace(low=place)


def add(conn: sa.Connection, texts: Sequence[Text]) -> None:
    """Have texts found. None of them may be in the index; those that say nothing are left out."""
    said = indexed(texts)
    if said:
        _index(conn).add(conn, said)


def remove(conn: sa.Connection, texts: Sequence[Text]) -> None:
    """Have texts found no more. They have to be as they were added."""
    said = indexed(texts)
    if said:
        _index(conn).remove(conn, said)


def find(
    conn: sa.Connection, room: int, search: Search, author: str | None, within: Within, limit: int
) -> list[int]:
    """Up to `limit` places of a room that hold all of `search`, in the order of `within`.

    Those of other authors may be among them, though hardly ever.
    """
    if author is not None:
        search = (*search, Phrase((_author_token(author),)))
    return _index(conn).find(conn, room, search, within, limit)


def _index(conn: sa.Connection) -> Index:
    return gin if conn.dialect.name == "postgresql" else fts5


def indexed(texts: Iterable[Text]) -> list[Indexed]:
    """Texts as they stand in the index, but for those that say nothing."""
    return [
        Indexed(text.room, text.seq, [*found, _author_token(text.author)])
        for text in texts
        if text.body and (found := tokens(text.body))
    ]


@lru_cache(maxsize=10_000)
def _author_token(author: str) -> str:
    """Begins with a character that is in no word."""
    return "\ue000" + blake2b(author.encode(), digest_size=6).hexdigest()
