"""The group in which the two sides of the demo meet, made through the web chat's own API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

NAME = "Host"
GROUP = "harbour"
SETTINGS = {
    "name": "Harbour",
    "description": "Where the two networks meet",
    "public": True,
    "members_only": False,
}
WELCOME = (
    "Welcome! The left side is the web chat, the right side an XMPP client. "
    "Whatever is said on one side shows on the other."
)


class WebChatRefused(RuntimeError):
    """The web chat answered something else than the demo can do with."""


class Host:
    """The account of the web chat that runs the group; the demo's page is logged in as this."""

    def __init__(self, session: aiohttp.ClientSession, password: str) -> None:
        self._session = session
        self._account = {"name": NAME, "password": password, "bearer": True}
        self._token = ""

    async def enter(self) -> None:
        """Log in; the first time, register."""
        status, answer = await self._ask("POST", "register", self._account)
        if status == 409:
            status, answer = await self._ask("POST", "login", self._account)
        if status != 201:
            raise WebChatRefused(f"logging in as {NAME}: {status} {answer}")
        self._token = answer["token"]

    async def pass_for(self, shown: str) -> str:
        """The session for a browser: the one it has shown if that is good, or else Host's."""
        if shown and await self._is_good(shown):
            return shown
        if not await self._is_good(self._token):
            await self.enter()
        return self._token

    async def open_group(self) -> bool:
        """Make the group. Returns False if it is there already."""
        status, answer = await self._ask("POST", "groups", {"id": GROUP, **SETTINGS})
        if status == 409:
            return False
        if status != 201:
            raise WebChatRefused(f"making the group: {status} {answer}")
        await self._ask("POST", f"groups/{GROUP}/messages", {"body": WELCOME})
        return True

    async def share_group(self) -> None:
        """Make owners of those in the group who are there by XMPP."""
        _, members = await self._ask("GET", f"groups/{GROUP}/members")
        for member in members:
            if member["xmpp"]:
                where = f"groups/{GROUP}/members/{member['id']}/affiliation"
                status, answer = await self._ask("PUT", where, {"affiliation": "owner"})
                if status != 204:
                    raise WebChatRefused(f"making {member['name']} an owner: {status} {answer}")

    async def _is_good(self, token: str) -> bool:
        status, _ = await self._ask("GET", "me", token=token)
        return status == 200

    async def _ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, token: str = ""
    ) -> tuple[int, Any]:
        """The status of the answer, and its JSON, None if it has none."""
        token = token or self._token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self._session.request(
            method, f"/api/{path}", json=body, headers=headers
        ) as answer:
            return answer.status, await answer.json() if await answer.read() else None


@asynccontextmanager
async def host_of(webchat: str, password: str) -> AsyncIterator[Host]:
    """Host, logged in with this password."""
    async with aiohttp.ClientSession(webchat) as session:
        host = Host(session, password)
        await host.enter()
        yield host
