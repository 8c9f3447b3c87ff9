"""A web chat of its own for each test, and people who use it in the ways there are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import pytest

from conformance.client import PATIENCE
from legacy_backend.events import Event
from legacy_backend.terms import UserId
from legacy_backend.webchat import WebChatAccount, WebChatBackend

E = TypeVar("E", bound=Event)


class Sink:
    """A gateway that writes down what it is told; `pause` makes it busy."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._news = asyncio.Event()
        self._open = asyncio.Event()
        self._open.set()

    async def put(self, event: Event) -> None:
        await self._open.wait()
        self.events.append(event)
        self._news.set()
        self._news = asyncio.Event()

    def pause(self) -> None:
        self._open.clear()

    def go_on(self) -> None:
        self._open.set()

    async def hears(self, kind: type[E], *, count: int = 1, **wanted: Any) -> E:
        """The last of the first `count` events of a kind that look like this; waits for it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                news = self._news
                found = [
                    event
                    for event in self.events
                    if isinstance(event, kind)
                    and all(getattr(event, key) == value for key, value in wanted.items())
                ]
                if len(found) >= count:
                    return found[count - 1]
                await news.wait()

    def all(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


class Clock:
    """Stands still unless moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


class Browser:
    """Somebody with a session, as their page would use it."""

    def __init__(self, http: aiohttp.ClientSession, me: dict[str, Any], url: str) -> None:
        self.http = http
        self.id: str = me["id"]
        self.name: str = me["name"]
        self.csrf: str = me["csrf"]
        self.url = url

    async def ask(self, method: str, path: str, status: int | None = None, **fields: Any) -> Any:
        """The JSON of the answer, None if it has none; asserts `status`, or else success."""
        headers = {"X-CSRF-Token": self.csrf}
        body = None if method == "GET" else fields
        async with self.http.request(method, path, json=body, headers=headers) as answer:
            text = await answer.text()
            wanted = (200, 201, 204) if status is None else (status,)
            assert answer.status in wanted, f"{method} {path}: {answer.status} {text}"
            return await answer.json() if text else None


class Window:
    """An open WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []

    @property
    def cursor(self) -> str:
        return str(self.heard[-1]["cursor"])

    async def closes(self) -> int:
        """The code with which the server closes it, having said nothing more."""
        async with asyncio.timeout(PATIENCE):
            frame = await self.socket.receive()
        assert frame.type is aiohttp.WSMsgType.CLOSE, frame
        return int(frame.data)

    async def hears(self, name: str) -> dict[str, Any]:
        """The next event of that name, whatever comes before it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                told: dict[str, Any] = await self.socket.receive_json()
                self.heard.append(told)
                if told["event"] == name:
                    return told


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def options(tmp_path: Path) -> dict[str, Any]:
    """Tests of limits set them anew."""
    return {"port": 0, "database": f"sqlite:///{tmp_path}/chat.sqlite", "rate": 0}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def chat(options: dict[str, Any], sink: Sink, clock: Clock) -> AsyncIterator[WebChatBackend]:
    backend = WebChatBackend(options)
    backend.network.clock = clock
    await backend.start(sink)
    yield backend
    await backend.stop()


Comes = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def browser(chat: WebChatBackend) -> AsyncIterator[Comes]:
    """Lets guests come: `ada = await browser("ada")`."""
    opened: list[aiohttp.ClientSession] = []

    async def come(name: str, **fields: Any) -> Browser:
        # Cookies of an IP address are refused by default
        jar = aiohttp.CookieJar(unsafe=True)
        http = aiohttp.ClientSession(chat.url, cookie_jar=jar)
        opened.append(http)
        way = "register" if "password" in fields else "guest"
        async with http.post(f"/api/{way}", json={"name": name, **fields}) as answer:
            assert answer.status == 201, await answer.text()
            return Browser(http, await answer.json(), chat.url)

    yield come
    for http in opened:
        await http.close()


@pytest.fixture
async def window() -> AsyncIterator[Callable[..., Awaitable[Window]]]:
    opened: list[Window] = []

    async def open_(person: Browser, since: str = "") -> Window:
        socket = await person.http.ws_connect(
            "/api/socket", params={"since": since}, headers={"Origin": person.url}
        )
        window = Window(socket)
        opened.append(window)
        await window.hears("hello")
        return window

    yield open_
    for one in opened:
        await one.socket.close()


@pytest.fixture
async def romeo(chat: WebChatBackend) -> WebChatAccount:
    return await chat.login(UserId("romeo@example.org"), {})


@pytest.fixture
async def juliet(chat: WebChatBackend) -> WebChatAccount:
    return await chat.login(UserId("juliet@example.org"), {})
