"""What can be asked of a room's archive, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.archive.entry import Entry, StanzaId
from legacy_backend.terms import Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which entries, and which page of them. What is None or empty does not restrict.

    `start` to `words` choose entries (XEP-0313 §4.1); `after` to `backwards` choose a page of those
    (XEP-0059). All ids are exclusive bounds but `ids`, which are wanted themselves.
    """

    start: datetime | None = None
    """Inclusive, as is `end`."""
    end: datetime | None = None
    author: str | None = None
    nick: str | None = None
    after_id: StanzaId | None = None
    before_id: StanzaId | None = None
    ids: tuple[StanzaId, ...] = ()
    words: str = ""
    """What the text has to hold (XEP-0431); see `words.parse`."""
    after: StanzaId | None = None
    before: StanzaId | None = None
    within: tuple[Stretch, ...] | None = None
    """When all that may be known of was said; None is any time. Whatever else is not there."""
    limit: int = 50
    backwards: bool = False
    """The last `limit` instead of the first; they come oldest first all the same."""
    count: bool = False
    """Whether the page is to tell how many entries were chosen, if that is quickly counted."""
    count_all: bool = False
    """Whether they are to be counted however many they are."""


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, oldest first."""

    entries: list[Entry]
    complete: bool
    """Whether no entry follows in the direction of the paging (XEP-0313 §4.3.2)."""
    count: int | None
    """How many were chosen, whatever the page; None if that was not asked, or takes too long."""
