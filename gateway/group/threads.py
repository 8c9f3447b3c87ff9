"""Threads of a room: what clients call them, and what the network does (RFC 6121 §5.2.5)."""

from __future__ import annotations

from typing import Any

from gateway.group.live import LiveRoom

MOST = 500
"""Threads of clients' own that have another name on the network; the oldest are forgotten."""


class Threads:
    """The part of a room handle that deals in them."""

    live: LiveRoom
    session: Any

    async def legacy_thread(self, thread: str) -> str | None:
        """The network's id of a thread that a client named; None for "". One that the network does
        not have yet is made (`create_thread`)."""
        if not thread:
            return None
        if self.session.MESSAGE_IDS_ARE_THREAD_IDS:
            return await self._message_of(thread) or thread
        known = self._threads.get(thread)
        if known is None:
            async with self.session.thread_creation_lock:
                known = self._threads.get(thread) or await self._create(thread)
        return known

    def thread_of(self, legacy_thread: object) -> str:
        """What clients call a thread of the network's."""
        legacy = str(legacy_thread)
        return next((own for own, other in self._threads.items() if other == legacy), legacy)

    @property
    def _threads(self) -> dict[str, str]:
        known: dict[str, str] = self.live.keeping.extra.get("threads", {})
        return known

    async def _create(self, thread: str) -> str:
        made = str(await self.create_thread(thread))  # type: ignore[attr-defined]
        if made != thread:
            kept = {**self._threads, thread: made}
            self.live.keeping.extra["threads"] = dict(list(kept.items())[-MOST:])
            self.live.keeping.changed()
        return made

    async def _message_of(self, thread: str) -> str | None:
        """The message that a thread is named after."""
        await self.live.settled()
        archive, room = self.live.host.archive, self.live.id
        entry = await archive.find(room, stanza_id=thread)
        entry = entry or await archive.find(room, message_id=thread)
        return None if entry is None or entry.legacy_id is None else str(entry.legacy_id)
