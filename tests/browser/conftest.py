"""Chromium, driven by Playwright, and pages in it that tell when something is wrong on them."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

NewPage = Callable[[], Awaitable[Page]]

PATIENCE_MS = 60_000


def chromium() -> str:
    """The path of the system's Chromium."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    pytest.fail("Chromium is not installed (Debian, Ubuntu: apt install chromium)")


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser with an empty profile."""
    # Chromium's sandbox refuses to work for root.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=flags, headless=True
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def new_page(
    browser: Browser, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[NewPage]:
    """Makes pages, each of a person of its own, without cookies of the others.

    If the test fails, it is shown where the pictures of its pages are, and what their consoles
    said.
    """
    said: list[str] = []
    async with AsyncExitStack() as ending:
        pages: list[Page] = []

        async def make() -> Page:
            context = await browser.new_context(viewport={"width": 1400, "height": 900})
            ending.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
            page.on("requestfailed", lambda asked: said.append(f"failed: {asked.url}"))
            page.on("pageerror", lambda error: said.append(f"exception: {error}"))
            pages.append(page)
            return page

        yield make

        call = request.node.stash.get(CALL, None)
        if call is not None and call.failed:
            for number, page in enumerate(pages):
                picture = tmp_path / f"page-{number}.png"
                await page.screenshot(path=picture)
                print(f"What the browser showed: {picture}")
            print("What its console said:", *said[-40:], sep="\n")


CALL = pytest.StashKey[pytest.TestReport]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures see whether their test failed."""
    report = yield
    if report.when == "call":
        item.stash[CALL] = report
    return report
