"""Archives of rooms of Prosody, of ejabberd and of our own are taken over whole."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from legacy_backend.xmpp.archive import Archived, Known, Lost, Pace, Reader, crawl
from tests.e2e.rooms import PATIENCE, House, beneath, expecting, guests, house, made, said
from tests.servers import Prosody
from tests.servers.fixtures import USERS

__all__ = ["beneath", "house"]

pytestmark = pytest.mark.e2e

COUNT = 130


@pytest.mark.requirement("TRAP-12")
async def test_an_archive_is_taken_over_in_its_order(house: House) -> None:
    async with guests(house, "ada") as (ada,):
        room = await made(ada, house.room())
        last = expecting(room.on_message, lambda msg, *_, **__: msg["body"] == str(COUNT - 1))
        for number in range(COUNT):
            room.send_message(said(str(number)))
            if number % 10 == 9:
                # Not faster than servers let people talk.
                await ada.client.fence()
        await last
        reader = Reader(ada.client.xmpp)
        pace = Pace(0.01)

        async def bodies(known: Known | None = None) -> list[Archived]:
            found = [entry async for entry in crawl(reader.page, room.jid, pace, known)]
            return [
                entry
                for entry in found
                if isinstance(entry, Archived)
                and entry.message.find("{jabber:client}body") is not None
            ]

        found = await bodies()
        async with asyncio.timeout(PATIENCE):
            while len(found) < COUNT:  # they may archive a moment after they have sent
                found = await bodies()
        said_then = [entry.message.findtext("{jabber:client}body") for entry in found]
        assert said_then == [str(number) for number in range(COUNT)]
        assert len({entry.id for entry in found}) == COUNT

        middle = found[70]
        rest = await bodies(Known(middle.id, middle.at))
        assert [entry.id for entry in rest] == [entry.id for entry in found[71:]]

        # An id that the archive does not have: what is left from its time says that none is lost.
        everything = crawl(reader.page, room.jid, pace, Known("no such id", middle.at))
        rest = [entry for entry in [one async for one in everything] if isinstance(entry, Archived)]
        assert {entry.id for entry in rest} >= {entry.id for entry in found[70:]}
        everything = crawl(reader.page, room.jid, pace, Known("x", middle.at - timedelta(days=1)))
        first = await anext(aiter(everything))
        assert first == Lost(middle.at - timedelta(days=1), found[0].at)


QUICK = """
Component "big.localhost" "muc"
    storage = "memory"
    storage_archive_item_limit = 20000
    modules_enabled = { "muc_mam" }
    muc_log_by_default = true
    muc_room_locking = false
"""
"""Prosody's files would be read anew for every page."""


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.requirement("TRAP-12")
async def test_ten_thousand_messages_of_a_prosody_are_taken_over() -> None:
    async with Prosody(users=USERS, more=QUICK) as server:
        house = House(server, "big.localhost")
        async with guests(house, "ada") as (ada,):
            room = await made(ada, house.room())
            for number in range(10_000):
                room.send_message(said(str(number)))
                if number % 500 == 499:
                    await ada.client.fence()
                    ada.client.forget()
            reader = Reader(ada.client.xmpp)
            found: list[str | None] = []
            async for entry in crawl(reader.page, room.jid, Pace(0)):
                assert isinstance(entry, Archived)
                found.append(entry.message.findtext("{jabber:client}body"))
                ada.client.forget()
            assert [body for body in found if body is not None] == [str(n) for n in range(10_000)]
