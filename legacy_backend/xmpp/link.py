"""The way from one user into rooms elsewhere: the stream of an account, or an own address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from slixmpp import JID, Message
from slixmpp.basexmpp import BaseXMPP

from legacy_backend.values import LoginState
from legacy_backend.xmpp.archive import Reader
from legacy_backend.xmpp.bookmarks import BookmarkList
from legacy_backend.xmpp.flow import Flow
from legacy_backend.xmpp.muc import MUCClient

Tell = Callable[[LoginState, str], None]
"""Hears of each change of state, and why."""


class Link(Protocol):
    """What an account is made from. `jid` is bare."""

    @property
    def jid(self) -> JID: ...
    @property
    def client(self) -> MUCClient: ...
    @property
    def reader(self) -> Reader: ...
    @property
    def flow(self) -> Flow: ...
    @property
    def bookmarks(self) -> BookmarkList: ...

    def hear(self, take: Callable[[Message], None]) -> None:
        """Have all messages that come taken, those of rooms among them."""

    async def close(self) -> None:
        """Be out of all rooms, and hear nothing any more. Does nothing the second time."""


async def hang_up(xmpp: BaseXMPP) -> None:
    """Close a stream for good."""
    xmpp.cancel_connection_attempt()
    if xmpp.is_connected():
        await xmpp.disconnect(wait=2.0)
    # COMPAT: slixmpp 1.17 cancels the task that sends, but nobody waits for its end.
    task = xmpp._run_out_filters
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
