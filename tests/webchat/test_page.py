"""The page, as two people use it in a real browser."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from legacy_backend.terms import UserId
from legacy_backend.values import Draft
from legacy_backend.webchat import WebChatBackend

playwright = pytest.importorskip("playwright.async_api")

CHROMIUM = Path("/usr/bin/chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium on this machine"),
]


class People:
    """Opens pages, each with cookies of its own, and notes what their consoles complain of."""

    def __init__(self, browser: Any, url: str) -> None:
        self.browser = browser
        self.url = url
        self.complaints: list[str] = []

    async def come(self, name: str, **context: Any) -> Any:
        page = await (await self.browser.new_context(**context)).new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)
        await page.goto(self.url)
        await page.fill("#nick", name)
        await page.click("#enter-guest")
        await page.wait_for_selector("body[data-link=up]")
        return page

    def _note(self, message: Any) -> None:
        # What a refusal looks like to Chromium; whether it was right is asserted elsewhere
        harmless = ("Failed to load resource", "ERR_INTERNET_DISCONNECTED")  # by the test itself
        if message.type == "error" and not any(words in message.text for words in harmless):
            self.complaints.append(message.text)


@pytest.fixture
async def people(chat: WebChatBackend) -> AsyncIterator[People]:
    async with playwright.async_playwright() as play:
        browser = await play.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        crowd = People(browser, chat.url)
        yield crowd
        await browser.close()
    assert crowd.complaints == []


async def say(page: Any, text: str) -> None:
    await page.fill("#composer", text)
    await page.press("#composer", "Enter")


async def picture(page: Any, name: str) -> None:
    """Keep a picture of the page, for people who asked for them."""
    folder = os.environ.get("WEBCHAT_PICTURES")
    if folder:
        await page.screenshot(path=f"{folder}/{name}.png")


async def make_group(page: Any, name: str) -> None:
    await page.click("#new-group")
    await page.fill("dialog [name=name]", name)
    await page.click("dialog .confirm")
    await page.wait_for_selector(f"#group-name:text-is('{name}')")


async def join_group(page: Any, name: str) -> None:
    await page.click("#find-groups")
    await page.click(f".found:has-text('{name}') .join")
    await page.wait_for_selector(f"#group-name:has-text('{name}')")


async def test_two_people_talk(people: People) -> None:
    ada, bao = await people.come("Ada"), await people.come("Bao")
    await make_group(ada, "Tea room")
    await join_group(bao, "Tea room")

    await say(bao, "Hello <img src=x onerror=alert(1)> https://example.org/x.")
    body = ada.locator("#messages .message .body")
    await body.get_by_text("Hello <img").wait_for()
    assert await ada.locator("#messages img[src=x]").count() == 0
    assert await body.locator("a").get_attribute("href") == "https://example.org/x"

    await bao.locator("#composer").press_sequentially("So")
    await ada.wait_for_selector("#typing:has-text('Bao is typing')")

    await ada.hover("#messages .message")
    await ada.click("#messages .message .act-react")
    await ada.click("[data-choice='🎉']")
    await bao.wait_for_selector(".reactions button:has-text('🎉 1')")

    await ada.hover("#messages .message")
    await ada.click("#messages .message .act-reply")
    await say(ada, "Welcome!")
    await bao.wait_for_selector(".message .quoted:has-text('Bao')")
    await bao.bring_to_front()
    await ada.wait_for_selector("#seen:has-text('Bao')")

    await bao.fill("#composer", "")
    await bao.press("#composer", "ArrowUp")
    await say(bao, "Hello all")
    await ada.wait_for_selector(".message .edited")
    await bao.hover(".message.own")
    await bao.click(".message.own .act-delete")
    await bao.click("dialog .confirm")
    await ada.wait_for_selector(".message.retracted:has-text('Taken back')")


async def test_an_owner_runs_their_group(people: People) -> None:
    ada, bao = await people.come("Ada"), await people.come("Bao")
    await make_group(ada, "Tea room")
    await join_group(bao, "Tea room")
    await ada.click("#toggle-members")
    await ada.wait_for_selector("#members [data-member]:has-text('Bao')")

    await ada.click("#open-settings")
    await ada.fill("dialog [name=name]", "Coffee room")
    await ada.click("dialog .confirm")
    await bao.wait_for_selector("#group-name:text-is('Coffee room')")

    await ada.click("#group-subject")
    await ada.fill("dialog [name=text]", "Beans")
    await ada.click("dialog .confirm")
    await bao.wait_for_selector("#group-subject:text-is('Beans')")

    await ada.click("#members [data-member]:has-text('Bao')")
    await ada.click("[data-choice='Mute']")
    await bao.wait_for_selector("#voiceless:visible")
    await bao.click("#ask-voice")
    await ada.wait_for_selector("#notice:has-text('Bao asks for a voice')")
    await ada.click("#members [data-member]:has-text('Bao')")
    await ada.click("[data-choice='Give a voice']")
    await bao.wait_for_selector("#composer:visible")

    await ada.click("#members [data-member]:has-text('Bao')")
    await ada.click("[data-choice='Kick']")
    await ada.fill("dialog [name=reason]", "Spilled")
    await ada.click("dialog .confirm")
    await bao.wait_for_selector("#notice:has-text('Spilled')")

    await ada.click("#invite")
    await ada.click(".entry:has-text('Bao') .take")
    await bao.click(".invitation .accept")
    await bao.wait_for_selector("#groups [data-group]")

    await ada.click("#open-settings")
    await ada.click("dialog .destroy")
    await ada.click("dialog .confirm:text-is('Destroy')")
    await bao.wait_for_selector("#groups .nothing")


async def test_private_messages_and_unread_counts(people: People) -> None:
    ada, bao = await people.come("Ada"), await people.come("Bao")
    await make_group(ada, "Tea room")
    await make_group(ada, "Other")
    await join_group(bao, "Tea room")
    await say(bao, "one")
    await ada.wait_for_selector("#groups [data-group='Tea-room'] .unread:text-is('1')")
    await ada.click("#groups [data-group='Tea-room']")
    await ada.wait_for_selector("#groups:not(:has(.unread))")
    await bao.click("#toggle-members")
    await bao.click("#members [data-member]:has-text('Ada')")
    await bao.click("[data-choice='Write privately']")
    await bao.wait_for_selector("#group-name:text-is('Ada')")
    await say(bao, "Just you")
    await ada.click("#conversations [data-person]:has-text('Bao')")
    await ada.wait_for_selector(".message .body:text-is('Just you')")
    await say(ada, "And you")
    await bao.wait_for_selector(".message .body:text-is('And you')")


async def test_history_is_paged_back_and_a_lost_line_goes_on(
    people: People, chat: WebChatBackend
) -> None:
    romeo = await chat.login(UserId("romeo@example.org"), {})
    ada = await people.come("Ada")
    await make_group(ada, "Tea room")
    (group,) = await chat.search_groups("tea")
    await romeo.join_group(group.id)
    for number in range(120):
        await romeo.send(group.id, Draft(body=f"line {number}"))
    await ada.reload()
    await ada.click("#groups [data-group]")
    await ada.wait_for_selector(".message .body:text-is('line 119')")
    assert await ada.locator(".message").count() == 50
    for _ in range(2):
        await ada.click("#older")
    await ada.wait_for_selector(".message .body:text-is('line 0')")
    await ada.wait_for_selector("#older", state="hidden")

    await ada.context.set_offline(True)
    await chat._server._sockets.close_all()
    await ada.wait_for_selector("body[data-link=down]")
    await romeo.send(group.id, Draft(body="while you were out"))
    await ada.context.set_offline(False)
    await ada.wait_for_selector(".message .body:text-is('while you were out')")
    assert await ada.locator(".message").count() == 121


async def test_the_page_has_good_looks(people: People, chat: WebChatBackend) -> None:
    """Not more than that every part is drawn; see WEBCHAT_PICTURES to look for yourself."""
    romeo = await chat.login(UserId("romeo@example.org"), {})
    ada = await people.come("Ada Lovelace", viewport={"width": 1200, "height": 760})
    await picture(ada, "empty")
    await make_group(ada, "Engine room")
    await make_group(ada, "Poetry & Numbers")
    (group,) = await chat.search_groups("poetry")
    await romeo.join_group(group.id)
    bao = await people.come("Bao", viewport={"width": 390, "height": 780}, color_scheme="dark")
    await picture(bao, "phone-list")
    await join_group(bao, "Poetry")
    await ada.click("#group-subject")
    await ada.fill("dialog [name=text]", "What the engine may compose")
    await ada.click("dialog .confirm")
    await say(ada, "The engine weaves algebraic patterns as the loom weaves flowers and leaves.")
    await say(ada, "See https://example.org/notes/g for the rest.")
    await romeo.send(group.id, Draft(body="It is the east, and Juliet is the sun!"))
    await bao.wait_for_selector(".message:has-text('Juliet')")
    await bao.hover(".message:has-text('flowers')")
    await bao.click(".message:has-text('flowers') .act-reply")
    await say(bao, "Could it also write the flowers' names?")
    for emoji in ("👍", "🎉"):
        await bao.hover(".message:has-text('Juliet')")
        await bao.click(".message:has-text('Juliet') .act-react")
        await bao.click(f"[data-choice='{emoji}']")
        await ada.wait_for_selector(f".reactions button:has-text('{emoji}')")
    await ada.click("#toggle-members")
    await ada.wait_for_selector("#members .badge-xmpp")
    await romeo.chat_state(group.id, "composing")
    await ada.wait_for_selector("#typing:has-text('romeo')")
    await ada.hover(".message:has-text('flowers')")
    await picture(ada, "chat")
    await picture(bao, "phone-chat")
    await ada.click("#open-settings")
    await picture(ada, "settings")


async def test_a_joined_group_can_be_written_to_as_soon_as_it_shows(people: People) -> None:
    """The dialog used to stay open until the messages were loaded, and to take what was typed."""
    ada, bao = await people.come("Ada"), await people.come("Bao")
    await make_group(ada, "Tea room")
    held: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    await bao.route("**/Tea-room/messages?*", lambda route: held.set_result(route), times=1)
    await join_group(bao, "Tea room")
    route = await held
    await say(bao, "Hello")
    await ada.wait_for_selector(".message .body:text-is('Hello')")
    assert await bao.evaluate("document.activeElement.id") == "composer"
    await route.continue_()
    await bao.wait_for_selector(".message .body:text-is('Hello')")


async def test_what_could_not_be_loaded_is_loaded_later(people: People) -> None:
    """One failure used to leave a group deaf, or the list empty, until the page was reloaded."""
    ada, bao = await people.come("Ada"), await people.come("Bao")
    await make_group(ada, "Tea room")
    refused: list[str] = []

    async def refuse(route: Any) -> None:
        refused.append(route.request.url)
        await route.fulfill(status=500, json={"error": "internal-server-error", "text": "Oh."})

    await bao.route("**/Tea-room/messages?*", refuse, times=1)
    await join_group(bao, "Tea room")
    await say(ada, "one")
    await bao.wait_for_selector(".message .body:text-is('one')")

    await bao.route("**/api/groups", refuse, times=1)
    await bao.reload()
    await bao.click("#groups [data-group]")
    await say(ada, "two")
    await bao.wait_for_selector(".message .body:text-is('two')")

    assert len(refused) == 2
    # That it went wrong may be seen in the console
    assert all("Oh." in complaint for complaint in people.complaints)
    people.complaints.clear()
