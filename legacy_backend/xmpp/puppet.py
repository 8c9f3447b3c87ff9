"""What the groups of one login share."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from slixmpp import JID

from legacy_backend.events import Event
from legacy_backend.terms import MemberId, UserId
from legacy_backend.xmpp.bookmarks import BookmarkList
from legacy_backend.xmpp.history import History
from legacy_backend.xmpp.loops import Loops
from legacy_backend.xmpp.muc import MUCClient
from legacy_backend.xmpp.speech import Speech


@dataclass(frozen=True, slots=True)
class Puppet:
    """`put` takes events, `start` runs what takes longer; `history` makes that of a room."""

    user: UserId
    me: MemberId
    client: MUCClient
    bookmarks: BookmarkList
    loops: Loops
    put: Callable[[Event], None]
    start: Callable[[Coroutine[Any, Any, None]], None]
    history: Callable[[JID, Speech], History]
