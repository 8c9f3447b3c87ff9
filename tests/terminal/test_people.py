"""Profanity in a group of the web chat: names, ranks, private words, and who has to go."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Place
from tests.terminal.profanity import Profanity
from tests.web_client import Hears, WebPerson, web_person

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


async def gives(wanda: WebPerson, nick: str, affiliation: str) -> None:
    """Let somebody have an affiliation in the hall."""
    member = (await wanda.members("hall"))[nick]["id"]
    await wanda.ask("PUT", f"groups/hall/members/{member}/affiliation", affiliation=affiliation)


async def test_new_names_show_on_both_sides(
    place: Place, wanda: WebPerson, hears: Hears, ada: Profanity
) -> None:
    await ada.joins(place.room("hall"), "Ada")
    await ada.lists(moderators="Wanda", participants="Ada")
    ada.types("/nick Adele")
    await hears("member-changed", member={"name": "Adele"})
    await ada.lists(moderators="Wanda", participants="Adele")
    await wanda.ask("PUT", "groups/hall/nick", nick="Vanda")
    await ada.shows("Wanda is now known as Vanda")
    await ada.lists(moderators="Vanda", participants="Adele")


async def test_a_name_that_is_taken_is_refused(
    place: Place, wanda: WebPerson, ada: Profanity
) -> None:
    await ada.joins(place.room("hall"), "Ada")
    ada.types("/nick Wanda")
    await ada.looks_at(1, "Profanity. Type /help")
    await ada.shows(f"Error joining room {place.room('hall')}, reason: conflict")
    assert {"Wanda", "Ada"} == set(await wanda.members("hall"))


async def test_an_owner_kicks_and_is_kicked(
    place: Place, wanda: WebPerson, hears: Hears, ada: Profanity
) -> None:
    room = place.room("hall")
    async with web_person(place.web, "Bao") as bao:
        await bao.ask("POST", "groups/hall/join")
        await ada.joins(room, "Ada")
        ada.types("/kick Bao Too early")
        await ada.shows("Error kicking Bao: Only moderators may kick")

        await gives(wanda, "Ada", "owner")
        await ada.shows("role: moderator, affiliation: owner, by: Wanda")
        ada.types("/kick Bao Out with you")
        await hears("member-left", id=bao.id, how="kicked", reason="Out with you")
        await ada.lists(moderators="Ada Wanda")

        member = (await wanda.members("hall"))["Ada"]["id"]
        await wanda.ask("POST", f"groups/hall/members/{member}/kick", reason="You too")
        await ada.shows(f"Kicked from {room} by Wanda, reason: You too")
        assert not (await wanda.members("hall"))["Ada"]["present"]


async def test_affiliations_are_listed_given_and_taken(
    place: Place, wanda: WebPerson, hears: Hears, ada: Profanity
) -> None:
    async with web_person(place.web, "Bao") as bao:
        await bao.ask("POST", "groups/hall/join")
        await ada.joins(place.room("hall"), "Ada")
        await gives(wanda, "Ada", "owner")
        await ada.lists(moderators="Ada Wanda", participants="Bao")

        ada.types(f"/affiliation set admin {bao.id}@{place.domain}")
        await hears("member-changed", member={"id": bao.id, "affiliation": "admin"})
        await ada.lists(moderators="Ada Bao Wanda")
        ada.types("/affiliation list admin")
        await ada.shows(f"  {bao.id}@{place.domain}")

        ada.types(f"/ban {bao.id}@{place.domain} For good")
        await hears("member-left", id=bao.id, how="banned", reason="For good")
        await ada.lists(moderators="Ada Wanda")
        ada.types("/affiliation list outcast")
        await ada.shows("Affiliation: outcast")
        await bao.ask("POST", "groups/hall/join", expect=403)


async def test_private_words_in_an_anonymous_group_go_both_ways(
    place: Place, wanda: WebPerson, hears: Hears, ada: Profanity
) -> None:
    await wanda.ask("PATCH", "groups/hall", anonymous=True)
    await ada.joins(place.room("hall"), "Ada")
    await ada.lists(moderators="Wanda", participants="Ada")
    ada.types("/msg Wanda Psst")
    told = await hears("whispered", message={"author_name": "Ada", "body": "Psst"})
    await ada.shows("me: Psst")
    author = told["message"]["author"]
    await wanda.ask("POST", f"conversations/{author}", body="Not so loud", group="hall")
    await ada.shows("Wanda: Not so loud")
    assert await wanda.messages("hall") == []


async def test_a_voice_is_asked_for_and_given(
    place: Place, wanda: WebPerson, hears: Hears, ada: Profanity
) -> None:
    await wanda.ask("PATCH", "groups/hall", moderated=True)
    await ada.joins(place.room("hall"), "Ada")
    await ada.lists(moderators="Wanda", visitors="Ada")
    ada.types("May I?")
    await ada.shows("You have no voice in this room; you may request one")
    ada.types("/affiliation request")
    asking = (await hears("voice-requested"))["by"]
    await wanda.ask("PUT", f"groups/hall/members/{asking}/role", role="participant")
    await ada.lists(moderators="Wanda", participants="Ada")
    ada.types("Thank you")
    await hears("message-posted", message={"author_name": "Ada", "body": "Thank you"})
    assert [message["body"] for message in await wanda.messages("hall")] == ["Thank you"]


async def test_an_owner_configures_and_destroys_the_group(
    place: Place, wanda: WebPerson, hears: Hears, ada: Profanity
) -> None:
    await ada.joins(place.room("hall"), "Ada")
    await gives(wanda, "Ada", "owner")
    await ada.shows("role: moderator, affiliation: owner, by: Wanda")
    ada.types("/room config")
    await ada.shows("Name of the room: The hall")
    ada.types('/field1 "The great hall"')
    await ada.shows("[field1] Name of the room: The great hall")
    ada.types("/form submit")
    await ada.shows("Room configuration successful")
    await hears("group-changed", info={"config": {"name": "The great hall"}})
    ada.types("/room destroy")
    await hears("group-destroyed")
    await wanda.ask("GET", "groups/hall", expect=404)
