"""A room's archive as a plain list: what any archive has to answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.archive import NewEntry, Page, Query, StanzaId
from gateway.archive.entry import Kind
from gateway.archive.words import parse
from gateway.errors import NotInArchive
from legacy_backend.terms import Stretch
from tests.archive.making import names, sid
from tests.archive.test_words import holds

Sight = tuple[Stretch, ...] | None
"""When all that somebody may see was said."""


class Model:
    """One room as a list."""

    def __init__(self) -> None:
        self.entries: list[NewEntry] = []

    def knows(self, entry: NewEntry) -> bool:
        return any(
            e.stanza_id == entry.stanza_id
            or (e.legacy_id is not None and e.legacy_id == entry.legacy_id)
            for e in self.entries
        )

    def id(self, number: int | None) -> StanzaId | None:
        """The id of one of those that are there, or of none of them for 20."""
        if number is None:
            return None
        known = self.entries and number != 20
        return self.entries[number % len(self.entries)].stanza_id if known else sid("none")

    def place(self, stanza_id: StanzaId) -> int:
        for i, entry in enumerate(self.entries):
            if entry.stanza_id == stanza_id:
                return i
        raise NotInArchive(stanza_id)

    def append(self, entry: NewEntry) -> bool:
        if self.knows(entry):
            return False
        self.entries.append(self._patched(entry))
        if entry.kind is Kind.EDIT:
            self.superseded({entry.refers_to})
        return True

    def insert(
        self, entries: list[NewEntry], after: StanzaId | None, before: StanzaId | None
    ) -> int:
        low = None if after is None else self.place(after)
        high = None if before is None else self.place(before)
        if low is not None and high is not None and low >= high:
            raise ValueError
        at = low + 1 if low is not None else high or 0
        added = 0
        for entry in entries:
            if not self.knows(entry):
                self.entries.insert(at + added, self._patched(entry))
                added += 1
        self.superseded({entry.legacy_id for entry in entries})
        return added

    def _patched(self, entry: NewEntry) -> NewEntry:
        """As it is kept: with the id of the message that it refers to."""
        if entry.patch is None:
            return entry
        legacy_id, placeholder, fallback = entry.patch
        known = [e.message_id for e in self.entries if e.legacy_id == legacy_id]
        return replace(entry, stanza=entry.stanza.replace(placeholder, (*known, fallback)[0]))

    def superseded(self, originals: Iterable[str | None]) -> None:
        """Of what was corrected, each author's last words count; the others are not found."""
        for original in set(originals) - {None}:
            versions = [i for i, e in enumerate(self.entries) if original_of(e) == original]
            if all(self.entries[i].kind is not Kind.EDIT for i in versions):
                continue
            last = {self.entries[i].author: i for i in versions}
            for i in versions:
                if last[self.entries[i].author] != i:
                    self.entries[i] = replace(self.entries[i], body="")

    def tombstone(self, stanza_id: StanzaId, stanza: str) -> bool:
        for i, entry in enumerate(self.entries):
            if entry.stanza_id == stanza_id:
                self.entries[i] = replace(entry, stanza=stanza, body="")
                return True
        return False

    def erase(self, author: str) -> int:
        return self._keep([entry for entry in self.entries if entry.author != author])

    def expire(self, older: datetime) -> int:
        return self._keep([entry for entry in self.entries if entry.at >= older])

    def _keep(self, kept: list[NewEntry]) -> int:
        gone = len(self.entries) - len(kept)
        self.entries = kept
        return gone

    def page(self, query: Query) -> Answer:
        for id in query.ids:
            if not is_seen(self.entries[self.place(id)], query.within):
                raise NotInArchive(id)
        low = max([self.place(i) for i in (query.after_id,) if i], default=-1)
        high = min([self.place(i) for i in (query.before_id,) if i], default=len(self.entries))
        chosen = [
            (i, entry)
            for i, entry in enumerate(self.entries)
            if (query.start is None or entry.at >= query.start)
            and (query.end is None or entry.at <= query.end)
            and is_seen(entry, query.within)
            and query.author in (None, entry.author)
            and query.nick in (None, entry.nick)
            and (not query.ids or entry.stanza_id in query.ids)
            and (not query.words or holds(entry.body, parse(query.words)))
            and low < i < high
        ]
        after = -1 if query.after is None else self.place(query.after)
        before = len(self.entries) if query.before is None else self.place(query.before)
        paged = [entry for i, entry in chosen if after < i < before]
        page = paged[: query.limit]
        if query.backwards:
            page = paged[max(0, len(paged) - query.limit) :]
        count = len(chosen) if query.count else None
        return Answer(names_of(page), len(page) == len(paged), count)

    def history(self, limit: int, since: datetime | None, within: Sight) -> str:
        recent = [
            entry
            for entry in self.entries
            if (since is None or entry.at >= since) and is_seen(entry, within)
        ]
        return names_of(recent[max(0, len(recent) - limit) :])


def original_of(entry: NewEntry) -> str | None:
    """Which message's words an entry has."""
    return entry.refers_to if entry.kind is Kind.EDIT else entry.legacy_id


def is_seen(entry: NewEntry, within: Sight) -> bool:
    return within is None or any(stretch.has(entry.at) for stretch in within)


@dataclass(frozen=True)
class Answer:
    names: str
    complete: bool
    count: int | None

    @classmethod
    def of(cls, page: Page) -> Answer:
        return cls(names(page.entries), page.complete, page.count)


def names_of(entries: list[NewEntry]) -> str:
    return " ".join(entry.stanza_id.removeprefix("s-") for entry in entries)
