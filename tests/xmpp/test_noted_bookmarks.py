"""The rooms of a puppet, kept with its user's registration."""

from __future__ import annotations

from dataclasses import replace

import pytest
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from legacy_backend.xmpp import noted_bookmarks
from legacy_backend.xmpp.bookmarks import Bookmark
from legacy_backend.xmpp.noted_bookmarks import NotedBookmarks

HALL = Bookmark(jid=JID("hall@rooms.example"), nick="Ada", password="<&'>", autojoin=True)
ATTIC = Bookmark(jid=JID("attic@rooms.example"), autojoin=True)


class Notes:
    def __init__(self) -> None:
        self.last = ""
        self.count = 0

    async def __call__(self, text: str) -> None:
        self.last = text
        self.count += 1

    def read(self) -> list[Bookmark]:
        return list(NotedBookmarks(self.last, self))


async def test_what_is_put_is_there_at_the_next_login() -> None:
    notes = Notes()
    kept = NotedBookmarks("", notes)
    await kept.put(HALL)
    await kept.put(ATTIC)
    await kept.put(ATTIC)
    assert notes.count == 2
    assert notes.read() == [HALL, ATTIC]
    await kept.load()
    assert kept.get(HALL.jid) == HALL


async def test_what_is_left_is_forgotten() -> None:
    notes = Notes()
    kept = NotedBookmarks("", notes)
    await kept.put(HALL)
    await kept.stop_joining(HALL.jid)
    await kept.stop_joining(HALL.jid)
    assert (notes.last, notes.count) == ("", 2)
    assert not notes.read()


async def test_there_is_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noted_bookmarks, "MOST", 1)
    notes = Notes()
    kept = NotedBookmarks("", notes)
    await kept.put(HALL)
    with pytest.raises(XMPPError):
        await kept.put(ATTIC)
    await kept.put(replace(HALL, nick="Ada L."))
    assert [one.nick for one in notes.read()] == ["Ada L."]


@pytest.mark.parametrize("text", ["nonsense", "<storage/>", "<a><conference jid='@'/></a>"])
async def test_what_cannot_be_read_is_no_room(text: str) -> None:
    assert list(NotedBookmarks(text, Notes())) == []
