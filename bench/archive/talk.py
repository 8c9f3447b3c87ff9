"""What is said in the rooms of the archive's benchmark, the same each time.

Text is made of words as often as languages use them: the n-th word about once in 10 n words.
"""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta

from gateway.archive import NewEntry, StanzaId
from legacy_backend.terms import MessageId

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
EVERY = timedelta(seconds=20)
AUTHORS = 300


class Talk:
    """What is said in `rooms` rooms, in each of them in turn."""

    def __init__(self, rooms: int) -> None:
        self.rooms = rooms
        self._random = random.Random(1)
        letters = "etaoinshrdlucmfwypvbgkjqxz"
        weights = [26 / (i + 4) for i in range(26)]
        made = (
            "".join(self._random.choices(letters, weights, k=self._random.randint(2, 9)))
            for _ in range(50_000)
        )
        self.words = list(dict.fromkeys(made))
        self._frequencies = list(itertools.accumulate(1 / (i + 3) for i in range(len(self.words))))
        self._authors = list(itertools.accumulate(1 / (i + 3) for i in range(AUTHORS)))

    def entry(self, number: int) -> NewEntry:
        length = self._random.randint(3, 17)
        body = " ".join(self._random.choices(self.words, cum_weights=self._frequencies, k=length))
        author = self._random.choices(range(AUTHORS), cum_weights=self._authors)[0]
        id = stanza_id(number)
        return NewEntry(
            stanza_id=id,
            message_id=id,
            at=BEGIN + number * EVERY,
            nick=f"nick {author}",
            author=f"member-{author}",
            stanza=(
                f'<message from="room@groups.example.org/nick {author}" type="groupchat" id="{id}">'
                f'<body>{body}</body><markable xmlns="urn:xmpp:chat-markers:0"/>'
                f'<occupant-id xmlns="urn:xmpp:occupant-id:0" id="{author:032}"/>'
                f'<stanza-id xmlns="urn:xmpp:sid:0" id="{id}" by="room@groups.example.org"/>'
                "</message>"
            ),
            legacy_id=MessageId(f"${number:012}"),
            sole=True,
            body=body,
        )

    def room(self, number: int) -> int:
        return number % self.rooms + 1


def stanza_id(number: int) -> StanzaId:
    """Where it falls among the others tells nothing of its number, as with the ids of rooms."""
    return StanzaId(f"{(number * 2654435761) % (1 << 32):08x}{number:024x}")
