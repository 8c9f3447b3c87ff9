"""Leaving a room (XEP-0045 §7.14)."""

from __future__ import annotations

import asyncio

from conformance.reading import NotOffered, codes, features, find, item
from conformance.registry import requirement
from conformance.scene import Scene
from conformance.xml import condition_of

GONE = "<presence type='unavailable' from='{bao}'><x><item role='none'/></x></presence>"


@requirement("EXIT-01", "EXIT-02", "EXIT-03", "EXIT-04", "A-073", "A-102")
async def everybody_is_told_the_leaver_too(scene: Scene) -> None:
    ada, bao, cyd = await scene.enter("ada", "bao", "cyd")
    own = await bao.leave(scene.room, scene.nick("bao"))
    assert own.get("from") == scene.occupant("bao")
    assert item(own).get("role") == "none"
    assert item(own).get("affiliation") in ("none", "member")
    for other in (ada, cyd):
        seen = await other.expect(GONE)
        assert "110" not in codes(seen)
        assert item(seen).get("affiliation") == item(own).get("affiliation")
    await bao.hears_nothing("<message/>", until=scene.settle(ada, cyd))


@requirement("EXIT-04", "AFF-03")
async def the_affiliation_stays(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.affiliate(ada, "bao", "member")
    await bao.expect("<presence from='{bao}'><x><item affiliation='member'/></x></presence>")
    own = await bao.leave(scene.room, scene.nick("bao"))
    assert (item(own).get("affiliation"), item(own).get("role")) == ("member", "none")
    again = await scene.join("bao", bao)
    assert item(again.self_presence).get("affiliation") == "member"


@requirement("EXIT-05")
async def a_word_of_farewell_is_passed_on(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await bao.leave(scene.room, scene.nick("bao"), "Good night")
    seen = await ada.expect(GONE)
    if seen.find("{jabber:client}status") is None:
        raise NotOffered("the farewell is dropped")
    assert find(seen, "c:status").text == "Good night"


@requirement("EXIT-06")
async def leaving_without_having_come_is_silent(scene: Scene) -> None:
    ada = await scene.create()
    bao = await scene.client("bao")
    await bao.send("<presence type='unavailable' to='{bao}'/>")
    await bao.fence()
    await ada.hears_nothing("<presence/>", until=scene.settle(ada))
    await bao.hears_nothing("<presence from='{bao}'/>")


@requirement("EXIT-08", "FIELD-12", "A-191")
async def a_temporary_room_ends_with_its_last_occupant(scene: Scene) -> None:
    ada = await scene.create()
    field = (await scene.form(ada)).get("muc#roomconfig_persistentroom")
    if field is None:
        raise NotOffered("the form has no muc#roomconfig_persistentroom")
    answer = await ada.iq(scene.submission({"muc#roomconfig_persistentroom": "0"}))
    if condition_of(answer) == "not-acceptable":
        raise NotOffered("the room stays persistent")
    if "muc_temporary" not in features(await scene.info(ada)):
        raise NotOffered("the room stays persistent")
    await ada.leave(scene.room, scene.nick("ada"))
    # It may take its time, and lose what is asked meanwhile.
    for _ in range(200):
        await ada.send(
            "<iq type='get' to='{room}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        )
        await asyncio.sleep(0.05)
        await ada.fence()
        if any(condition_of(s) == "item-not-found" for s in ada.inbox.stanzas):
            return
    raise AssertionError("the room is still there")


@requirement("FIELD-12", "A-191")
async def a_persistent_room_outlasts_its_last_occupant(scene: Scene) -> None:
    ada = await scene.create(**{"persistentroom?": "1", "roomname": "Stays"})
    if "muc_persistent" not in features(await scene.info(ada)):
        raise NotOffered("rooms cannot be persistent")
    await ada.leave(scene.room, scene.nick("ada"))
    info = await scene.info(ada)
    assert find(info, "info:query/info:identity").get("name") == "Stays"
