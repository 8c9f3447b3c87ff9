"""Each kind of read that clients ask an archive for."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bench.archive.talk import BEGIN, EVERY, Talk, stanza_id
from gateway.archive import Archive, Query

Read = Callable[[], Awaitable[object]]


def kinds(archive: Archive, talk: Talk, size: int) -> dict[str, Read]:
    """By name, of the first room of an archive with so many messages in all; every one reads
    elsewhere each time."""
    draw = random.Random(2)
    in_room = size // talk.rooms

    def some() -> int:
        """A message of the room."""
        return draw.randrange(in_room) * talk.rooms

    def page(**query: object) -> Awaitable[object]:
        return archive.page(1, Query(**query))  # type: ignore[arg-type]

    def asked(**query: Callable[[], object]) -> Read:
        return lambda: page(**{name: value() for name, value in query.items()})

    def searched(*ranks: int, form: str = "{}", **more: Callable[[], object]) -> Read:
        """Words that are about so rare."""
        return asked(
            words=lambda: form.format(" ".join(talk.words[r + draw.randrange(9)] for r in ranks)),
            backwards=lambda: True,
            count=lambda: True,
            **more,
        )

    def hours() -> dict[str, object]:
        start = BEGIN + some() * EVERY
        return {"start": start, "end": start + timedelta(hours=1) * talk.rooms, "count": True}

    return {
        "last page": asked(backwards=lambda: True, count=lambda: True),
        "page before an id": asked(
            before=lambda: stanza_id(some()), backwards=lambda: True, count=lambda: True
        ),
        "page after an id": asked(after=lambda: stanza_id(some()), count=lambda: True),
        "last page with an author": asked(
            author=lambda: f"member-{draw.randrange(9)}",
            backwards=lambda: True,
            count=lambda: True,
        ),
        "page with an author after an id": asked(
            author=lambda: f"member-{draw.randrange(9)}", after=lambda: stanza_id(some())
        ),
        "an hour": lambda: page(**hours()),
        "20 by ids": asked(ids=lambda: tuple(stanza_id(some()) for _ in range(20))),
        "metadata": lambda: archive.edges(1),
        "count": lambda: archive.count(1),
        "history of a join": lambda: archive.history(1, limit=50),
        "search: common word": searched(0),
        "search: usual word": searched(100),
        "search: seldom word": searched(2000),
        "search: rare word": searched(30_000),
        "search: two words": searched(10, 300),
        "search: phrase of common words": searched(0, 20, form='"{}"'),
        "search: beginning of a word": asked(
            words=lambda: talk.words[draw.randrange(2000)][:4] + "*", backwards=lambda: True
        ),
        "search: by an author": searched(20, author=lambda: f"member-{draw.randrange(99)}"),
        "search: before an id": searched(20, before=lambda: stanza_id(some())),
    }
