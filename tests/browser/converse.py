"""Converse.js as a person uses it: what can be seen and typed in a room."""

from __future__ import annotations

from playwright.async_api import FrameLocator, Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS


class Converse:
    """A page, or a frame of one, with Converse.js logged in and one room open."""

    def __init__(self, frame: Page | FrameLocator, room: str) -> None:
        self.frame = frame
        self.room = room
        self._chat = frame.locator(f'converse-muc[jid="{room}"]')

    async def is_in_the_room(self) -> None:
        """Wait until the room is joined and can be written to."""
        await expect(self._textarea).to_be_editable(timeout=PATIENCE_MS)

    async def say(self, text: str) -> None:
        await self._textarea.fill(text)
        await self._textarea.press("Enter")

    async def shows(self, text: str) -> None:
        """Wait for a message with this text."""
        await expect(self._messages.filter(has_text=text)).to_have_count(1, timeout=PATIENCE_MS)

    async def is_called(self, name: str) -> None:
        """Wait until the room has this name."""
        await expect(self._chat.locator("converse-muc-heading")).to_contain_text(
            name, timeout=PATIENCE_MS
        )

    async def lists(self, nick: str) -> None:
        """Wait until this occupant is in the room's list."""
        await expect(self._chat.locator("converse-muc-sidebar")).to_contain_text(
            nick, timeout=PATIENCE_MS
        )

    @property
    def _textarea(self) -> Locator:
        return self._chat.locator("textarea.chat-textarea")

    @property
    def _messages(self) -> Locator:
        return self._chat.locator("converse-chat-message")
