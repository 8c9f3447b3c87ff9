"""Talking to a network that may fall over at any time, and what came of it."""

from __future__ import annotations

import asyncio

import aiohttp

from conformance.client import Client
from tests.e2e.conftest import Place
from tests.web_client import WebPerson

ANSWER_SECONDS = 60.0
"""How long a page may take: the archive may just be waiting for its database."""


async def says_for_sure(wanda: WebPerson, place: Place, body: str) -> None:
    """Say something once; what the gateway fell over is said again only if it was not taken.

    A message can be taken and its answer lost: so one looks, each time, before saying it again.
    """
    while not await says(wanda, body):
        await web_is_up(place)
        if await was_taken(wanda, body):
            return


async def says(wanda: WebPerson, body: str) -> bool:
    try:
        await wanda.says("hall", body)
    except aiohttp.ClientError:
        return False
    return True


async def was_taken(wanda: WebPerson, body: str) -> bool:
    """Ask until there is an answer: a connection from before the fall may fail once more."""
    while True:
        try:
            return body in [m["body"] for m in await wanda.messages("hall", 20)]
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.05)  # nothing tells when the network is back


async def web_is_up(place: Place) -> None:
    port = int(place.web.rpartition(":")[2])
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)  # a port cannot be waited for
            continue
        writer.close()
        return


async def network(wanda: WebPerson) -> list[str]:
    """Everything that the web chat has, oldest first."""
    found: list[str] = []
    before = ""
    while True:
        page = await wanda.ask("GET", f"groups/hall/messages?limit=200{before}")
        messages = page["messages"]
        found = [m["body"] for m in messages] + found
        if len(messages) < 200:
            return found
        before = f"&before={messages[0]['id']}"


async def archive(person: Client, room: str) -> list[str | None]:
    bodies: list[str | None] = []
    after = None
    while True:
        page = await person.page(room, limit=250, after=after, timeout=ANSWER_SECONDS)
        bodies += page.bodies
        if page.complete:
            return bodies
        after = page.ids[-1]


def heard(person: Client, room: str) -> list[str]:
    return [
        body
        for s in person.inbox.everything
        if s.get("from") == f"{room}/Wanda" and (body := s.findtext("{jabber:client}body"))
    ]
