"""The store of vanilla slidge: what it does with the same messages."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from slidge.core import config
from slidge.db.meta import Base, get_engine
from slidge.db.models import GatewayUser, Room
from slidge.db.store import SlidgeStore
from slidge.group.archive import MessageArchive
from slixmpp import JID, ComponentXMPP, Message

from bench.archive.talk import BEGIN, EVERY, Talk, stanza_id

PAGE = 50
PLUGINS = (
    "xep_0085", "xep_0203", "xep_0308", "xep_0333", "xep_0334", "xep_0359", "xep_0424", "xep_0444",
)  # fmt: skip
"""What it looks for in a message before it is stored."""


class Peer:
    """Slidge's archive of the first of `talk.rooms` rooms, which have `size` messages in all."""

    def __init__(self, path: Path, talk: Talk, size: int) -> None:
        self._talk = talk
        self._size = size
        self._draw = random.Random(2)
        self._component: Any = ComponentXMPP(jid="slidge.example.org", secret="")  # type: ignore[no-untyped-call]
        for plugin in PLUGINS:
            self._component.register_plugin(plugin)
        config.HOME_DIR = path.parent
        self._engine = get_engine(f"sqlite:///{path}")
        Base.metadata.create_all(self._engine)
        store = SlidgeStore(self._engine)
        with store.session(expire_on_commit=False) as orm:
            user = GatewayUser(jid=JID("user@example.org"), legacy_module_data={}, preferences={})
            rooms = [
                Room(user=user, legacy_id=f"{n}", jid_localpart=f"room-{n}")
                for n in range(1, talk.rooms + 1)
            ]
            orm.add_all([user, *rooms])
            orm.commit()
            self._rooms = rooms
        self._archives = [MessageArchive(room, store) for room in rooms]
        self._archive = self._archives[0]
        self._mam = store.mam
        self._fill(path)

    def close(self) -> None:
        self._engine.dispose()

    def _fill(self, path: Path) -> None:
        """What its `add` would store, by SQL."""
        rows = (self._row(number) for number in range(self._size))
        with closing(sqlite3.connect(path)) as conn, conn:
            conn.executemany(
                "INSERT INTO mam (room_id, stanza_id, timestamp, author_jid, source, legacy_id, "
                "stanza, displayed_by_user) VALUES (?, ?, ?, ?, 'LIVE', ?, ?, 0)",
                rows,
            )

    def _row(self, number: int) -> tuple[object, ...]:
        entry = self._talk.entry(number)
        return (
            self._rooms[number % self._talk.rooms].id,
            entry.stanza_id,
            entry.at.strftime("%Y-%m-%d %H:%M:%S.%f"),
            f"room@groups.example.org/{entry.nick}",
            entry.legacy_id,
            entry.stanza.replace("<message", '<message xmlns="jabber:client"', 1),
        )

    def add(self) -> None:
        """Store one more message, as it does with each that it relays."""
        number = self._size
        self._size += 1
        entry = self._talk.entry(number)
        xml = entry.stanza.replace("<message", '<message xmlns="jabber:component:accept"', 1)
        message: Any = Message(self._component, ET.fromstring(xml))  # type: ignore[no-untyped-call]
        message["delay"]["stamp"] = entry.at
        archive = self._archives[number % self._talk.rooms]
        archive.add(message, legacy_msg_id=entry.legacy_id)

    def reads(self) -> dict[str, Callable[[], object]]:
        """Those kinds of read that it has."""

        def some() -> int:
            return self._draw.randrange(self._size // self._talk.rooms) * self._talk.rooms

        def hour() -> object:
            start = BEGIN + some() * EVERY
            return page(start_date=start, end_date=start + timedelta(hours=1) * self._talk.rooms)

        def page(**query: object) -> list[object]:
            return list(islice(self._archive.get_all(**query), PAGE + 1))  # type: ignore[arg-type]

        return {
            "last page": lambda: page(last_page_n=PAGE),
            "page before an id": lambda: page(last_page_n=PAGE, before_id=stanza_id(some())),
            "page after an id": lambda: page(after_id=stanza_id(some())),
            "last page with an author": lambda: page(last_page_n=PAGE, sender=self._author()),
            "page with an author after an id": lambda: page(
                after_id=stanza_id(some()), sender=self._author()
            ),
            "an hour": hour,
            "20 by ids": lambda: page(ids=[stanza_id(n) for n in {some() for _ in range(20)}]),
            "metadata": self._metadata,
        }

    def _author(self) -> JID:
        return JID(f"room@groups.example.org/nick {self._draw.randrange(9)}")

    def _metadata(self) -> object:
        with self._mam.session() as orm:
            return self._mam.get_first_and_last(orm, self._rooms[0].id)
