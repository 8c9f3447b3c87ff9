"""Changing one's nickname and availability (XEP-0045 §7.6, §7.7)."""

from __future__ import annotations

from conformance.asking import user
from conformance.client import Client
from conformance.reading import NotOffered, codes, expect_refusal, find, item, lacks
from conformance.registry import requirement
from conformance.scene import Scene
from conformance.xml import condition_of


async def renamed(scene: Scene, bao: Client, nick: str) -> None:
    """Bao takes this nickname. Raises NotOffered if nicknames are locked."""
    await bao.send("<presence to='{room}/{nick}' id='n1'/>", nick=nick)
    answer = await bao.expect("<presence/>")
    if condition_of(answer) == "not-acceptable":
        raise NotOffered("nicknames are locked")
    assert answer.get("type") == "unavailable"
    assert {"303", "110"} <= codes(answer)
    assert item(answer).get("nick") == nick
    assert answer.get("from") == scene.occupant("bao")


@requirement("NICK-01", "NICK-02", "NICK-03", "NICK-04", "CODE-303", "A-079", "A-099", "A-233")
async def the_old_one_goes_and_the_new_one_comes(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await renamed(scene, bao, "thirdwitch")
    came = await bao.expect("<presence from='{room}/thirdwitch'><x><item/></x></presence>")
    assert "110" in codes(came)
    gone, there = await ada.receives(
        "<presence type='unavailable' from='{bao}'><x><item nick='thirdwitch'/>"
        "<status code='303'/></x></presence>",
        "<presence from='{room}/thirdwitch'><x><item/></x></presence>",
    )
    assert "110" not in codes(gone) | codes(there)
    assert there.get("type") is None
    assert item(there).get("role") == "participant"


@requirement("NICK-06")
async def a_nick_in_use_cannot_be_taken(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await bao.send("<presence to='{ada}' id='n1'/>")
    no = await bao.expect("<presence/>")
    if condition_of(no) == "not-acceptable":
        raise NotOffered("nicknames are locked")
    if no.get("type") == "unavailable":
        new = item(no).get("nick")
        assert new != scene.nick("ada")
        raise NotOffered("the service gives another nickname")
    expect_refusal(no, "conflict", "cancel")
    await ada.hears_nothing("<presence/>", until=scene.settle(ada, bao))


@requirement("NICK-09")
async def nobody_is_called_nothing(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await bao.send("<presence to='{room}/ \u00a0 '/>")
    assert condition_of(await bao.expect("<presence/>"))
    await ada.hears_nothing("<presence/>", until=scene.settle(ada, bao))


@requirement("AVAIL-01", "A-098")
async def being_away_is_shown(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await bao.send("<presence to='{bao}'><show>xa</show><status>Gone fishing</status></presence>")
    seen = await ada.expect(
        "<presence from='{bao}'><show>xa</show><status>Gone fishing</status></presence>"
    )
    assert item(seen).get("role") == "participant"
    own = await bao.expect("<presence from='{bao}'><show>xa</show></presence>")
    assert "110" in codes(own)


@requirement("AVAIL-02")
async def presence_cannot_lie_about_ones_standing(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    lie = user("<item affiliation='owner' role='moderator'/><status code='307'/>")
    await bao.send(f"<presence to='{{bao}}'><show>dnd</show>{lie}</presence>")
    seen = await ada.expect("<presence from='{bao}'><show>dnd</show></presence>")
    assert item(seen).get("role") == "participant"
    assert item(seen).get("affiliation") in ("none", "member")
    lacks(seen, "user:x/user:status[@code='307']")


@requirement("AVAIL-03", "JOIN-21")
async def one_client_of_two_leaving_leaves_the_person_there(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    phone = await scene.client("bao")
    await scene.join("bao", phone)
    await scene.settle(ada, bao, phone)
    await phone.leave(scene.room, scene.nick("bao"))
    await ada.hears_nothing(
        "<presence type='unavailable' from='{bao}'/>", until=scene.settle(ada, bao)
    )


@requirement("OCC-02", "A-143")
async def a_person_keeps_their_occupant_id(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.needs(ada, "urn:xmpp:occupant-id:0")

    async def own() -> str | None:
        joined = await scene.join("bao", bao)
        return find(joined.self_presence, "occ:occupant-id").get("id")

    before = await own()
    await bao.leave(scene.room, scene.nick("bao"))
    await ada.expect("<presence type='unavailable' from='{bao}'/>")
    assert await own() == before
    seen = await ada.expect("<presence from='{bao}'><occupant-id/></presence>")
    assert find(seen, "occ:occupant-id").get("id") == before
    assert before
    assert len(before) <= 128
