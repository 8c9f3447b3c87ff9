"""Searching a room's archive with a real client (XEP-0313, XEP-0431), in any script, on either
database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance.client import Client
from tests.archive.test_words import SCRIPTS
from tests.e2e.conftest import webchat
from tests.postgres import Postgres, migrated, postgres
from tests.servers.prosody import Prosody
from tests.web_client import WebPerson, web_person

__all__ = ["migrated", "postgres"]  # fixtures

pytestmark = [pytest.mark.e2e, pytest.mark.postgres]

FULLTEXT = "{urn:xmpp:fulltext:0}fulltext"
FIELDS = (FULLTEXT, "withtext", "search", "full-text-search", "q")


@dataclass(frozen=True)
class Hall:
    """A group of the web chat, Wanda and Bob of it in the web, and Ada with an XMPP client."""

    room: str
    ada: Client
    wanda: WebPerson
    bob: WebPerson

    async def says(self, who: WebPerson, *bodies: str) -> None:
        for body in bodies:
            await who.says("hall", body)
            await self.ada.expect(lambda s, body=body: body in "".join(s.itertext()))

    async def finds(self, words: str, field: str = FULLTEXT, **more: str) -> list[str | None]:
        fields: dict[str, Any] = {field: words, **more}
        page = await self.ada.page(self.room, limit=50, **fields)
        assert page.complete
        return page.bodies


@pytest.fixture(params=["sqlite", "postgresql"])
async def hall(
    request: pytest.FixtureRequest, prosody: Prosody, tmp_path: Path
) -> AsyncIterator[Hall]:
    url = "sqlite:///sluice.sqlite"
    if request.param == "postgresql":
        cluster: Postgres = request.getfixturevalue("postgres")
        url = cluster.make()
    place = webchat(prosody, prosody.spare_component(), tmp_path, database=url)
    room = place.room("hall")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(place.gateway)
        wanda = await stack.enter_async_context(web_person(place.web, "Wanda"))
        bob = await stack.enter_async_context(web_person(place.web, "Bob"))
        await wanda.makes("hall")
        await bob.ask("POST", "groups/hall/join")
        client = Client(prosody, "ada", names={"room": room}, resource="desk")
        ada = await stack.enter_async_context(client)
        await ada.join(room, "ada")
        yield Hall(room, ada, wanda, bob)


@pytest.mark.requirement("FTS-01")
async def test_each_script_by_each_name_of_the_field(hall: Hall) -> None:
    await hall.says(hall.wanda, *(text for text, _ in SCRIPTS.values()), "None of these")
    for script, (text, words) in SCRIPTS.items():
        for word in words:
            for field in FIELDS:
                assert await hall.finds(word, field) == [text], (script, word, field)


@pytest.mark.requirement("FTS-01", "FTS-02")
async def test_words_phrases_beginnings_and_all_other_filters(hall: Hall) -> None:
    room, ada = hall.room, hall.ada
    await hall.says(hall.wanda, "green tea for two", "tea that is green", "teapots")
    await hall.says(hall.bob, "black tea", "green coffee")
    await ada.say(room, "my own tea")
    await ada.expect("<message from='{room}/ada'><body>my own tea</body></message>")
    tea = ["green tea for two", "tea that is green", "black tea", "my own tea"]
    assert await hall.finds("TEA") == tea
    assert await hall.finds("green tea") == tea[:2]
    assert await hall.finds('"green tea"') == tea[:1]
    assert await hall.finds("tea*") == [*tea[:2], "teapots", *tea[2:]]
    assert await hall.finds("milk") == []
    assert len(await hall.finds("")) == 6

    assert await hall.finds("tea", with_=f"{room}/Wanda") == tea[:2]
    assert await hall.finds("tea", with_=f"{room}/ada") == ["my own tea"]
    assert await hall.finds("green", with_=f"{room}/Bob") == ["green coffee"]
    everything = await ada.page(room, limit=50)
    times = [one.find("{*}forwarded/{*}delay") for one in everything.results]
    stamps = [time.get("stamp", "") for time in times if time is not None]
    assert await hall.finds("tea", start=stamps[1], end=stamps[3]) == tea[1:3]
    assert await hall.finds("tea", after_id=everything.ids[1]) == tea[2:]

    first = await ada.page(room, limit=2, withtext="tea")
    assert (first.bodies, first.complete) == (tea[:2], False)
    assert first.fin.findtext("{*}set/{*}count") == "4"
    rest = await ada.page(room, limit=2, after=first.ids[-1], withtext="tea")
    assert rest.bodies == tea[2:]
    last = await ada.page(room, limit=1, before="", withtext="tea")
    assert (last.bodies, last.complete) == (tea[3:], False)
    before = await ada.page(room, limit=1, before=last.ids[0], withtext="tea")
    assert before.bodies == ["black tea"]

    form = await ada.iq("<iq type='get' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
    offered = {field.get("var") for field in form.iter("{jabber:x:data}field")}
    assert offered >= set(FIELDS)
