"""Profanity in a group of the web chat: what is said, changed and looked up."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Place
from tests.terminal.profanity import Profanity
from tests.web_client import Hears, WebPerson

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


async def test_history_words_and_corrections_go_both_ways(
    place: Place, wanda: WebPerson, hears: Hears, ada: Profanity
) -> None:
    await wanda.says("hall", "Is anybody there?")
    await ada.joins(place.room("hall"), "Ada")
    await ada.shows("Wanda: Is anybody there?")
    await ada.lists(moderators="Wanda", participants="Ada")
    await hears("member-changed", member={"name": "Ada", "online": True})

    ada.types("I am <here> & well")
    await hears("message-posted", message={"author_name": "Ada", "body": "I am <here> & well"})
    ada.types("/correct I was")
    await hears("message-edited", message={"author_name": "Ada", "body": "I was"})
    await ada.shows("Ada: I was")
    assert ada.count("I am <here>") == 0

    said = await wanda.says("hall", "Wellcome")
    await ada.shows("- Wanda: Wellcome")
    await wanda.ask("PATCH", f"groups/hall/messages/{said}", body="Welcome")
    await ada.shows("+ Wanda: Welcome")
    assert ada.count("Wellcome") == 0

    shown = [message["body"] for message in await wanda.messages("hall")]
    assert shown == ["Is anybody there?", "I was", "Welcome"]


async def test_the_subject_changes_from_both_sides(
    place: Place, wanda: WebPerson, hears: Hears, ada: Profanity
) -> None:
    await ada.joins(place.room("hall"), "Ada")
    ada.types("/subject set Doors & windows")
    await hears("subject-changed", subject={"text": "Doors & windows"})
    await ada.shows("Ada has set the room subject: Doors & windows")
    await wanda.ask("PUT", "groups/hall/subject", text="Walls")
    await ada.shows("Wanda has set the room subject: Walls")


async def test_rooms_are_found_by_name(place: Place, wanda: WebPerson, ada: Profanity) -> None:
    await ada.joins(place.room("hall"), "Ada")
    await ada.looks_at(1, "Profanity. Type /help")
    ada.types(f"/rooms service {place.domain}")
    await ada.shows(f"{place.room('hall')} (The hall)")
    ada.types(f"/disco info {place.room('hall')}")
    await ada.shows("The hall text conference")
    await ada.shows("urn:xmpp:mam:2#extended")


async def test_who_leaves_finds_on_coming_back_what_was_said(
    place: Place, wanda: WebPerson, hears: Hears, ada: Profanity
) -> None:
    await ada.joins(place.room("hall"), "Ada")
    ada.types("/close")
    await ada.shows("Closed window")
    ada.types(f"/ping {place.domain}")  # it takes a farewell that comes late for the next one's
    await ada.shows("Ping response from")

    await wanda.says("hall", "While you were away")
    await ada.joins(place.room("hall"), "Ada")
    await ada.shows("Wanda: While you were away")
    ada.types("I was in the garden")
    await hears("message-posted", message={"author_name": "Ada", "body": "I was in the garden"})


async def test_a_restarted_gateway_goes_on_where_it_was(
    place: Place, wanda: WebPerson, ada: Profanity
) -> None:
    await wanda.says("hall", "I am going to pull the plug")
    await ada.joins(place.room("hall"), "Ada")
    await place.gateway.kill()
    await place.gateway.start()
    await wanda.says("hall", "Back again")
    await ada.shows("Wanda: Back again")
    async with wanda.listening() as hears:
        ada.types("I never left")
        await hears("message-posted", message={"body": "I never left"})
