"""Converse.js as a person uses it: what can be seen and typed in a room."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import FrameLocator, Locator, Page, expect

from demo.client import Account, converse
from demo.ports import Port
from demo.site import site
from tests.browser.conftest import PATIENCE_MS
from tests.servers import Prosody


async def nobody(_shown: str) -> str:
    """The session that a page comes in with, in a web chat that is not on it."""
    return ""


@asynccontextmanager
async def page_of(prosody: Prosody, name: str, nick: str, room: str) -> AsyncIterator[str]:
    """The address at which somebody has Converse.js, which joins a room by itself."""
    account = Account(
        jid=f"{name}@{prosody.domain}",
        password=prosody.password_of(name),
        websocket=prosody.websocket,
        bosh=prosody.bosh,
        room=room,
        nick=nick,
        host=prosody.host,
        c2s_port=prosody.c2s_port,
    )
    port = Port()
    folder = converse()
    assert folder is not None, "Converse.js is not installed (make setup)"
    async with site(
        port.number, webchat="about:blank", session=nobody, account=account, converse=folder
    ) as address:
        yield address + "client.html"
    port.give_back()


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

    async def no_longer_shows(self, text: str) -> None:
        """Wait until there is no message with this text."""
        await expect(self._messages.filter(has_text=text)).to_have_count(0, timeout=PATIENCE_MS)

    async def corrects(self, text: str, to: str) -> None:
        """Edit one's own message."""
        await self._act(text, "edit")
        await expect(self._textarea).to_have_value(text, timeout=PATIENCE_MS)
        await self.say(to)

    async def retracts(self, text: str) -> None:
        """Take one's own message back, or as a moderator another's."""
        await self._act(text, "retract")
        await self.frame.locator("converse-confirm-modal button[type=submit]").click()

    async def reacts(self, text: str, emoji: str) -> None:
        """React to a message with one of the emoji that are offered at once."""
        await self._act(text, "reaction")
        await self._message(text).locator(f".reaction-item:text-is('{emoji}')").click()

    async def shows_reaction(self, text: str, emoji: str) -> None:
        """Wait until one person has reacted to a message with this."""
        shown = self._message(text).locator(".chat-msg__reaction")
        await expect(shown).to_have_text(f"{emoji} 1", timeout=PATIENCE_MS)

    async def whispers(self, nick: str, text: str) -> None:
        """Write to an occupant alone."""
        await self._sidebar.get_by_text(nick, exact=True).click()
        await self._whispering.locator("textarea").fill(text)
        await self._whispering.locator("textarea").press("Enter")

    async def shows_whisper(self, text: str) -> None:
        """Wait for a private message of the occupant who is written to."""
        said = self._whispering.locator("converse-chat-message").filter(has_text=text)
        await expect(said).to_have_count(1, timeout=PATIENCE_MS)

    async def may_not_speak(self) -> None:
        """Wait until there is nothing to type into."""
        await expect(self._textarea).to_have_count(0, timeout=PATIENCE_MS)

    async def is_out(self, words: str) -> None:
        """Wait until the room is left, and says so with these words."""
        await expect(self._chat.locator(".alert")).to_contain_text(words, timeout=PATIENCE_MS)

    async def is_called(self, name: str) -> None:
        """Wait until the room has this name."""
        await expect(self._chat.locator("converse-muc-heading")).to_contain_text(
            name, timeout=PATIENCE_MS
        )

    async def lists(self, nick: str) -> None:
        """Wait until this occupant is in the room's list."""
        await expect(self._sidebar).to_contain_text(nick, timeout=PATIENCE_MS)

    async def lists_no(self, nick: str) -> None:
        """Wait until nobody has this nickname."""
        await expect(self._sidebar).not_to_contain_text(nick, timeout=PATIENCE_MS)

    async def _act(self, text: str, name: str) -> None:
        """Choose something in the menu of a message."""
        message = self._message(text)
        await message.hover()
        await message.locator(".chat-msg__actions .dropdown-toggle").click()
        await message.locator(f".chat-msg__action-{name}").click()

    def _message(self, text: str) -> Locator:
        return self._messages.filter(has_text=text)

    @property
    def _sidebar(self) -> Locator:
        return self._chat.locator("converse-muc-sidebar")

    @property
    def _whispering(self) -> Locator:
        return self._chat.locator("converse-muc-occupant")

    @property
    def _textarea(self) -> Locator:
        return self._chat.locator("converse-muc-bottom-panel textarea.chat-textarea")

    @property
    def _messages(self) -> Locator:
        return self._chat.locator("converse-muc-chatarea > .chat-area converse-chat-message")
