"""Somebody who uses the web chat, through its REST interface."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import aiohttp

from conformance.client import PATIENCE


class Hears(Protocol):
    async def __call__(self, event: str, **facts: Any) -> dict[str, Any]:
        """The next event of this name that has these facts, whatever comes before it.

        Of an object in the facts, only the fields named have to be as they are there.
        """


class WebPerson:
    """A person of the web chat. Paths are relative to /api; answers are JSON."""

    def __init__(self, session: aiohttp.ClientSession, me: dict[str, Any]) -> None:
        self._session = session
        self.id: str = me["id"]
        self.name: str = me["name"]

    async def ask(self, method: str, path: str, expect: int | None = None, **body: Any) -> Any:
        """Make a request; its JSON, or None. A status from 400 on fails, unless expected."""
        url = f"/api/{path}"
        async with self._session.request(method, url, json=body or None) as answer:
            text = await answer.text()
            if expect is not None:
                assert answer.status == expect, text
            elif answer.status >= 400:
                raise AssertionError(f"{method} {path}: {answer.status} {text}")
            return await answer.json() if text else None

    async def makes(self, group: str, **config: Any) -> None:
        """Make a group with this id."""
        await self.ask("POST", "groups", id=group, **{"name": group.capitalize(), **config})

    async def says(self, group: str, body: str, **more: Any) -> str:
        """Say something; the id that it got."""
        return str((await self.ask("POST", f"groups/{group}/messages", body=body, **more))["id"])

    async def members(self, group: str) -> dict[str, dict[str, Any]]:
        """The members of a group by name."""
        return {m["name"]: m for m in await self.ask("GET", f"groups/{group}/members")}

    async def messages(self, group: str, limit: int = 200) -> list[dict[str, Any]]:
        """The newest messages of a group, oldest first."""
        page = await self.ask("GET", f"groups/{group}/messages?limit={limit}")
        found: list[dict[str, Any]] = page["messages"]
        return found

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Hears]:
        """Hear what the person's page would, from now on."""
        async with self._session.ws_connect("/api/socket") as socket:

            async def hears(event: str, **facts: Any) -> dict[str, Any]:
                passed = []
                try:
                    async with asyncio.timeout(PATIENCE):
                        while True:
                            told: dict[str, Any] = await socket.receive_json()
                            if _has(told, {"event": event, **facts}):
                                return told
                            passed.append(told)
                except TimeoutError:
                    raise AssertionError(f"no {event} with {facts}, but {passed}") from None

            await hears("hello")
            yield hears


def _has(told: Any, facts: Any) -> bool:
    if isinstance(facts, dict):
        return isinstance(told, dict) and all(_has(told.get(k), v) for k, v in facts.items())
    return bool(told == facts)


@asynccontextmanager
async def web_person(url: str, name: str) -> AsyncIterator[WebPerson]:
    """A guest of the web chat at this address."""
    async with aiohttp.ClientSession(url) as session:
        async with session.post("/api/guest", json={"name": name, "bearer": True}) as answer:
            me = await answer.json()
        headers = {"Authorization": f"Bearer {me['token']}"}
    async with aiohttp.ClientSession(url, headers=headers) as session:
        yield WebPerson(session, me)
