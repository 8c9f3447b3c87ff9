"""Somebody on Matrix, through the client-server interface."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import aiohttp

PASSWORD = "a long word"

Event = dict[str, Any]


class MatrixPerson:
    """A user of a homeserver. `id` is theirs, such as @mia:matrix.example, shown as Mia."""

    def __init__(self, session: aiohttp.ClientSession, id: str) -> None:
        self.id = id
        self.name = id.partition(":")[0].removeprefix("@").capitalize()
        self._session = session
        self._ids = itertools.count()
        self._since: str | None = None
        self._seen: list[Event] = []

    async def ask(self, method: str, path: str, **body: Any) -> Any:
        """Make a request below /_matrix/client/v3; the JSON of its answer."""
        json = body if method != "GET" else None
        url = f"/_matrix/client/v3/{path}"
        async with self._session.request(method, url, json=json) as answer:
            text = await answer.text()
            assert answer.status < 400, f"{method} {path}: {answer.status} {text}"
            return await answer.json()

    async def makes(self, name: str, *invited: str, **more: Any) -> str:
        """Make a room; its id."""
        made = await self.ask("POST", "createRoom", name=name, invite=list(invited), **more)
        return str(made["room_id"])

    async def joins(self, room: str) -> None:
        await self.ask("POST", f"join/{quote(room)}")

    async def leaves(self, room: str) -> None:
        await self.ask("POST", f"rooms/{quote(room)}/leave")

    async def does(self, act: str, room: str, whom: str, **more: Any) -> None:
        """Kick, ban, unban or invite somebody."""
        await self.ask("POST", f"rooms/{quote(room)}/{act}", user_id=whom, **more)

    async def sends(self, room: str, kind: str, **content: Any) -> str:
        """Send an event; its id."""
        path = f"rooms/{quote(room)}/send/{kind}/t{next(self._ids)}"
        return str((await self.ask("PUT", path, **content))["event_id"])

    async def says(self, room: str, body: str, **more: Any) -> str:
        """Say something; the id of the event."""
        return await self.sends(room, "m.room.message", msgtype="m.text", body=body, **more)

    async def edits(self, room: str, event: str, body: str) -> str:
        return await self.says(
            room,
            f"* {body}",
            **{
                "m.new_content": {"msgtype": "m.text", "body": body},
                "m.relates_to": {"rel_type": "m.replace", "event_id": event},
            },
        )

    async def reacts(self, room: str, event: str, emoji: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event, "key": emoji}
        return await self.sends(room, "m.reaction", **{"m.relates_to": relation})

    async def redacts(self, room: str, event: str, reason: str | None = None) -> None:
        path = f"rooms/{quote(room)}/redact/{quote(event)}/t{next(self._ids)}"
        await self.ask("PUT", path, **({"reason": reason} if reason else {}))

    async def sets(self, room: str, kind: str, **content: Any) -> None:
        """Set a part of the state of a room."""
        await self.ask("PUT", f"rooms/{quote(room)}/state/{kind}", **content)

    async def state(self, room: str, kind: str, key: str = "") -> Any:
        """A part of the state of a room."""
        return await self.ask("GET", f"rooms/{quote(room)}/state/{kind}/{quote(key)}")

    async def sees(self, wanted: Callable[[Event], bool]) -> Event:
        """Wait for an event of any room; those from before this is first called count too."""
        while True:
            for event in self._seen:
                if wanted(event):
                    self._seen.remove(event)
                    return event
            await self._sync()

    async def hears(self, body: str) -> Event:
        """Wait for a message with this text."""
        return await self.sees(lambda e: e["content"].get("body") == body)

    async def _sync(self) -> None:
        since = f"&since={self._since}" if self._since else ""
        news = await self.ask("GET", f"sync?timeout=20000{since}")
        self._since = news["next_batch"]
        for id, room in news.get("rooms", {}).get("join", {}).items():
            for event in room["timeline"]["events"]:
                self._seen.append({**event, "room_id": id})


@asynccontextmanager
async def matrix_person(url: str, name: str) -> AsyncIterator[MatrixPerson]:
    """A new user of the homeserver at this address, logged in."""
    form = {"username": name, "password": PASSWORD, "auth": {"type": "m.login.dummy"}}
    async with (
        aiohttp.ClientSession(url) as session,
        session.post("/_matrix/client/v3/register", json=form) as answer,
    ):
        text = await answer.text()
        assert answer.status == 200, text
        made = await answer.json()
    headers = {"Authorization": f"Bearer {made['access_token']}"}
    async with aiohttp.ClientSession(url, headers=headers) as session:
        person = MatrixPerson(session, made["user_id"])
        await person.ask("PUT", f"profile/{quote(person.id)}/displayname", displayname=person.name)
        yield person
