"""Converse.js in a group of the web chat, seen from both sides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.conftest import NewPage
from tests.browser.converse import Converse, page_of
from tests.e2e.conftest import Place
from tests.hall import hears, place, wanda
from tests.servers import Prosody
from tests.web_client import Hears, WebPerson, web_person

__all__ = ["hears", "place", "wanda"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.e2e,
    pytest.mark.slow,
]


@pytest_asyncio.fixture
async def page_of_fay(prosody: Prosody, place: Place) -> AsyncIterator[str]:
    """The address at which Fay has Converse.js, which joins the hall by itself."""
    async with page_of(prosody, "fay", "Fay", place.room("hall")) as address:
        yield address


async def comes(page_of_fay: str, new_page: NewPage, room: str) -> Converse:
    page = await new_page()
    await page.goto(page_of_fay)
    return Converse(page, room)


@pytest_asyncio.fixture
async def fay(
    page_of_fay: str, new_page: NewPage, place: Place, wanda: WebPerson, hears: Hears
) -> Converse:
    """Fay in the hall; Wanda's page has been told."""
    fay = await comes(page_of_fay, new_page, place.room("hall"))
    await fay.is_in_the_room()
    await fay.lists("Wanda")
    await hears("member-changed", member={"name": "Fay", "online": True})
    return fay


async def member(wanda: WebPerson, nick: str) -> str:
    return str((await wanda.members("hall"))[nick]["id"])


async def rules(fay: Converse, wanda: WebPerson) -> None:
    """Fay becomes an owner, and knows it."""
    fays = await member(wanda, "Fay")
    await wanda.ask("PUT", f"groups/hall/members/{fays}/affiliation", affiliation="owner")
    # What happens in a room comes in its order.
    await wanda.says("hall", "Yours now")
    await fay.shows("Yours now")


async def test_words_and_corrections_go_both_ways(
    fay: Converse, wanda: WebPerson, hears: Hears
) -> None:
    await fay.say("I am <here> & well")
    await hears("message-posted", message={"author_name": "Fay", "body": "I am <here> & well"})
    await fay.corrects("I am <here> & well", "I was")
    await hears("message-edited", message={"author_name": "Fay", "body": "I was"})
    await fay.shows("I was")
    await fay.no_longer_shows("<here>")

    said = await wanda.says("hall", "Wellcome")
    await fay.shows("Wellcome")
    await wanda.ask("PATCH", f"groups/hall/messages/{said}", body="Welcome")
    await fay.shows("Welcome")
    await fay.no_longer_shows("Wellcome")
    assert [m["body"] for m in await wanda.messages("hall")] == ["I was", "Welcome"]


async def test_reactions_go_both_ways(fay: Converse, wanda: WebPerson, hears: Hears) -> None:
    said = await wanda.says("hall", "Cake?")
    await fay.shows("Cake?")
    await fay.reacts("Cake?", "👍")
    await hears("reacted", id=said, emojis=["👍"])
    await fay.shows_reaction("Cake?", "👍")

    await fay.say("With cream")
    mine = (await hears("message-posted", message={"body": "With cream"}))["message"]["id"]
    await fay.shows("With cream")
    await wanda.ask("PUT", f"groups/hall/messages/{mine}/reactions", emojis=["🎉"])
    await fay.shows_reaction("With cream", "🎉")


async def test_messages_are_taken_back_from_both_sides(
    fay: Converse, wanda: WebPerson, hears: Hears
) -> None:
    await fay.say("Forget this")
    mine = (await hears("message-posted", message={"body": "Forget this"}))["message"]["id"]
    await fay.retracts("Forget this")
    await hears("message-retracted", id=mine, by_author=True)
    await fay.no_longer_shows("Forget this")

    theirs = await wanda.says("hall", "And this")
    await fay.shows("And this")
    await wanda.ask("DELETE", f"groups/hall/messages/{theirs}")
    await fay.no_longer_shows("And this")

    await fay.say("This too")
    mine = (await hears("message-posted", message={"body": "This too"}))["message"]["id"]
    await wanda.ask("DELETE", f"groups/hall/messages/{mine}", reason="Rude")
    await fay.no_longer_shows("This too")


async def test_new_names_show_on_both_sides(fay: Converse, wanda: WebPerson, hears: Hears) -> None:
    await fay.say("/nick Faye")
    await hears("member-changed", member={"name": "Faye"})
    await fay.say("Still me")
    await hears("message-posted", message={"author_name": "Faye", "body": "Still me"})
    await wanda.ask("PUT", "groups/hall/nick", nick="Vanda")
    await fay.lists("Vanda")
    await fay.lists_no("Wanda")


@pytest.mark.requirement("REG-09")
async def test_two_windows_that_change_the_name_at_once_come_to_rest(
    fay: Converse,
    wanda: WebPerson,
    page_of_fay: str,
    new_page: NewPage,
    place: Place,
    hears: Hears,
) -> None:
    """Converse registers each nickname that it is given, and is told of both by either."""
    other = await comes(page_of_fay, new_page, place.room("hall"))
    await other.is_in_the_room()
    for number in range(2):
        await asyncio.gather(fay.say(f"/nick Faye {number}"), other.say(f"/nick Fairy {number}"))
    for number in range(16):
        await fay.say(f"Word {number}")
        await other.shows(f"Word {number}")
    await hears("message-posted", message={"body": "Word 11"})
    await wanda.ask("PUT", "groups/hall/nick", nick="Vanda")
    assert (await hears("member-changed"))["member"]["name"] == "Vanda"


async def test_who_is_kicked_is_out_and_can_come_back(
    fay: Converse,
    wanda: WebPerson,
    hears: Hears,
    page_of_fay: str,
    new_page: NewPage,
    place: Place,
) -> None:
    fays = await member(wanda, "Fay")
    await wanda.ask("POST", f"groups/hall/members/{fays}/kick", reason="Late")
    await fay.is_out("You have been kicked")
    # Converse may just be registering its nickname, which makes Fay a member once more
    assert (await hears("member-left", id=fays))["how"] == "kicked"

    again = await comes(page_of_fay, new_page, place.room("hall"))
    await again.is_in_the_room()
    await again.say("Sorry")
    await hears("message-posted", message={"body": "Sorry"})
    assert [m["body"] for m in await wanda.messages("hall")] == ["Sorry"]


async def test_private_words_go_both_ways(fay: Converse, wanda: WebPerson, hears: Hears) -> None:
    await fay.whispers("Wanda", "Psst")
    told = await hears("whispered", message={"author_name": "Fay", "body": "Psst"})
    author = told["message"]["author"]
    await wanda.ask("POST", f"conversations/{author}", body="Not so loud", group="hall")
    await fay.shows_whisper("Not so loud")
    assert await wanda.messages("hall") == []


async def test_only_some_may_speak_in_a_moderated_group(
    fay: Converse, wanda: WebPerson, hears: Hears
) -> None:
    # COMPAT: Converse 14 takes the answer to what it asked of a room when it came in for that to
    # what it asks when the room changes
    await fay.say("Hello")
    await fay.shows("Hello")
    await wanda.ask("PATCH", "groups/hall", moderated=True)
    fays = await member(wanda, "Fay")
    await wanda.ask("PUT", f"groups/hall/members/{fays}/role", role="visitor")
    await fay.may_not_speak()
    await wanda.ask("PUT", f"groups/hall/members/{fays}/role", role="participant")
    await fay.is_in_the_room()
    await fay.say("Thank you")
    await hears("message-posted", message={"author_name": "Fay", "body": "Thank you"})


async def test_a_moderator_in_converse_gives_and_takes_voices(
    fay: Converse, wanda: WebPerson, hears: Hears, place: Place
) -> None:
    await rules(fay, wanda)
    await wanda.ask("PATCH", "groups/hall", moderated=True)
    async with web_person(place.web, "Bao") as bao:
        await bao.ask("POST", "groups/hall/join")
        await fay.lists("Bao")
        await bao.ask("POST", "groups/hall/messages", body="May I?", expect=403)
        await bao.ask("POST", "groups/hall/voice")
        await fay.say("/voice Bao")
        await hears("member-changed", member={"name": "Bao", "role": "participant"})
        await bao.says("hall", "Thank you")
        await fay.shows("Thank you")
        await fay.say("/mute Bao Enough")
        await hears("member-changed", member={"name": "Bao", "role": "visitor"}, reason="Enough")


async def test_a_moderator_in_converse_removes_what_others_said(
    fay: Converse, wanda: WebPerson, hears: Hears
) -> None:
    await rules(fay, wanda)
    theirs = await wanda.says("hall", "Something rude")
    await fay.shows("Something rude")
    await fay.retracts("Something rude")
    await hears("message-retracted", id=theirs, by_author=False)
    await fay.no_longer_shows("Something rude")
