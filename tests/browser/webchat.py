"""The web chat's page as a person uses it: one group open, and what can be seen and done in it."""

from __future__ import annotations

from playwright.async_api import FrameLocator, Page, expect

from tests.browser.conftest import PATIENCE_MS


class WebChat:
    """A page, or a frame of one, with the web chat and somebody logged in."""

    def __init__(self, frame: Page | FrameLocator) -> None:
        self._frame = frame
        self._messages = frame.locator("#messages .message")

    async def come_as_guest(self, name: str, *, into: str) -> None:
        """Come in under this name, by the address of a group, and join it."""
        await self._frame.locator("#nick").fill(name)
        await self._frame.locator("#enter-guest").click()
        await self._frame.locator("dialog[open] .confirm").click()
        await self.is_in_the_group(into)

    async def is_in_the_group(self, name: str) -> None:
        """Wait until a group of this name is open and can be written to."""
        await expect(self._frame.locator("#group-name")).to_have_text(name, timeout=PATIENCE_MS)
        await expect(self._frame.locator("#composer")).to_be_editable(timeout=PATIENCE_MS)
        await self.is_connected()

    async def is_connected(self) -> None:
        """Wait until the page hears what happens."""
        await expect(self._frame.locator("body")).to_have_attribute(
            "data-link", "up", timeout=2 * PATIENCE_MS
        )

    async def loses_its_connection(self) -> None:
        await expect(self._frame.locator("body")).to_have_attribute(
            "data-link", "down", timeout=PATIENCE_MS
        )

    async def say(self, text: str) -> None:
        await self._frame.locator("#composer").fill(text)
        await self._frame.locator("#composer").press("Enter")

    async def shows(self, author: str, text: str) -> None:
        """Wait for exactly one message with this text; its author is the last one named above."""
        said = self._messages.filter(has=self._frame.get_by_text(text, exact=True))
        await expect(said).to_have_count(1, timeout=PATIENCE_MS)
        above = self._messages.filter(has=self._frame.locator(".author"))
        await expect(above.last.locator(".author")).to_have_text(author, timeout=PATIENCE_MS)

    async def rename(self, name: str) -> None:
        await self._frame.locator("#open-settings").click()
        await self._frame.locator("dialog[open] [name=name]").fill(name)
        await self._frame.locator("dialog[open] .confirm").click()
        await expect(self._frame.locator("dialog")).to_have_count(0, timeout=PATIENCE_MS)

    async def choose(self, nick: str, words: str, *, then: str) -> None:
        """Choose something in the menu of a member, and wait until their rank is `then`."""
        await self._frame.locator("#toggle-members").click()
        member = self._frame.locator("#members [data-member]").filter(has_text=nick)
        await member.click()
        await self._frame.locator(f"[data-choice='{words}']").click()
        await expect(member.locator(".rank")).to_have_text(then, timeout=PATIENCE_MS)
        await self._frame.locator("#back-to-chat").click()

    async def is_told(self, text: str) -> None:
        """Wait for a note to whoever looks at the page."""
        await expect(self._frame.locator("#notice")).to_have_text(text, timeout=PATIENCE_MS)

    async def is_in_no_group(self) -> None:
        await expect(self._frame.locator("#groups [data-group]")).to_have_count(
            0, timeout=PATIENCE_MS
        )

    async def join(self, name: str) -> None:
        """Join one of the public groups that are on offer."""
        offered = self._frame.locator("#directory [data-group]")
        await offered.filter(has_text=name).click()
        await self.is_in_the_group(name)
