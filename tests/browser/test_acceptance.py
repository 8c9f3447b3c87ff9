"""The page of the demo with both sides on it: the web chat and Converse.js, in one group."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from demo.group import WELCOME
from demo.run import Demo, demo
from tests.browser.conftest import NewPage
from tests.browser.converse import Converse
from tests.browser.webchat import WebChat

pytestmark = [
    pytest.mark.browser,
    pytest.mark.e2e,
    pytest.mark.slow,
]


@dataclass
class Sides:
    """Host in the web chat, and Robin in Converse.js, on the demo's page."""

    page: Page
    demo: Demo

    @property
    def host(self) -> WebChat:
        return WebChat(self.page.frame_locator("iframe[title='Web chat']"))

    @property
    def robin(self) -> Converse:
        frame = self.page.frame_locator("iframe[title='XMPP client']")
        return Converse(frame, self.demo.account.room)

    async def are_there(self, name: str = "Harbour") -> None:
        """Wait until both are in the group, without having done anything for it."""
        await self.host.is_in_the_group(name)
        await self.robin.is_in_the_room()


def quiet(_: str) -> None:
    """Where the demo's words go."""


@pytest_asyncio.fixture
async def running(tmp_path: Path) -> AsyncIterator[Demo]:
    async with demo(tmp_path, say=quiet, page_port=0) as running:
        yield running


@pytest_asyncio.fixture
async def sides(running: Demo, new_page: NewPage) -> Sides:
    sides = Sides(await new_page(), running)
    await sides.page.goto(running.address)
    await sides.are_there()
    return sides


async def test_what_is_written_on_one_side_shows_on_the_other(sides: Sides) -> None:
    await sides.robin.shows(WELCOME)
    await sides.host.say("Ahoy <Robin> & all")
    await sides.robin.shows("Ahoy <Robin> & all")
    await sides.robin.say("Ahoy Host")
    await sides.host.shows("Robin", "Ahoy Host")


async def test_a_rename_in_the_web_chat_gives_the_room_its_name(sides: Sides) -> None:
    await sides.robin.is_called("Harbour")
    await sides.host.rename("Harbour at night")
    await sides.robin.is_called("Harbour at night")


async def test_a_kick_in_converse_puts_the_web_user_out(sides: Sides) -> None:
    await sides.robin.say("/kick Host Bye for now")
    await sides.host.is_told("You were put out of Harbour: Bye for now")
    await sides.host.is_in_no_group()

    await sides.host.join("Harbour")
    await sides.host.say("There I am again")
    await sides.robin.shows("There I am again")


async def test_the_web_chat_decides_who_may_kick_in_converse(
    sides: Sides, new_page: NewPage
) -> None:
    window = await new_page()
    await window.goto(sides.demo.webchat)
    bao = WebChat(window)
    await bao.come_as_guest("Bao", into="Harbour")
    await bao.say("Who runs this?")
    await sides.robin.shows("Who runs this?")

    await sides.host.choose("Robin", "Make ordinary member", then="member")
    await sides.host.say("Not you, Robin")
    await sides.robin.shows("Not you, Robin")
    await sides.robin.say("/kick Bao Because")
    # Converse.js has commands for those who may use them; from others these are words.
    await sides.host.shows("Robin", "/kick Bao Because")

    await sides.host.choose("Robin", "Make owner", then="owner")
    await sides.host.say("Well, why not")
    await sides.robin.shows("Well, why not")
    await sides.robin.say("/kick Bao Because")
    await bao.is_told("You were put out of Harbour: Because")
    await bao.is_in_no_group()


async def test_a_restart_of_the_gateway_keeps_history_seats_and_names(sides: Sides) -> None:
    await sides.host.rename("Harbour at night")
    await sides.robin.is_called("Harbour at night")
    await sides.host.say("Before the restart")
    await sides.robin.shows("Before the restart")

    gateway = sides.demo.gateway
    assert await gateway.stop() == 0
    await sides.host.loses_its_connection()
    await gateway.start()
    await sides.host.is_connected()

    # Converse has not joined again: its seat is the one of before.
    await sides.host.say("After the restart")
    await sides.robin.shows("After the restart")
    await sides.robin.say("I never left")
    await sides.host.shows("Robin", "I never left")

    await sides.page.reload()
    await sides.are_there("Harbour at night")
    await sides.robin.is_called("Harbour at night")
    for text in (WELCOME, "Before the restart", "After the restart", "I never left"):
        await sides.robin.shows(text)
    await sides.host.shows("Robin", "I never left")
